// Checks of the page of a pair that has left the fleet, which a test makes so.
import assert from 'node:assert/strict';
import {see, seeUntil} from './browser.mjs';

const PAIR = '/pair/core/nyc/lon';
const LEFT = /left the fleet.*since \d.*last finding is of \d.*will go after \d/;

const known = (column) => column.filter((value) => value !== null).length;

// Its history, up to its end, whatever the span.
async function showsWhatIsKept(page) {
	const [answer] = await see(page, () => 0);
	const {p50} = answer.metrics.rtt.columns;

	assert.ok(known(p50) >= 3, `${p50}`);
	assert.ok(p50.slice(-3).some((value) => value !== null),
	    'the span ends with the last finding');
	assert.match(await page.locator('#left').innerText(), LEFT);
	assert.match(await page.locator('#now').innerText(),
	    /rtt p50\s+20 ms[^]*ago/);
	assert.equal(await page.locator('[data-metric=rtt]').count(), 1);
	assert.ok(await page.locator('#trouble').isHidden());
	assert.doesNotMatch(await page.locator('#state').innerText(), /stale/);
}

export const checks = {
	async 'left: what is kept is shown, since when and until when'(browser,
	    {base}) {
		const page = await browser.open(base, PAIR);
		await showsWhatIsKept(page);
		// its test has no other pairs, nor a matrix
		assert.ok(await page.locator('#matrix-link').isHidden());
		assert.ok(await page.locator('#reverse').isHidden());
	},

	async 'left: spans end with it, and its rows are a table'(browser,
	    {base}) {
		const page = await browser.open(base, PAIR);
		const [{from, to}] = await see(page, () => 0);
		assert.equal(Math.round(to - from), 6 * 3600);
		await page.selectOption('#span', '-1h');
		await seeUntil(page, () => 0, (answer) =>
		    Math.round(answer.to - answer.from) === 3600 &&
		    answer.to === to, 'an hour up to its end');
		await page.keyboard.press('t');
		await page.locator('#table tr', {hasText: '20 ms'}).first()
		    .waitFor();
		await page.locator('#as-table').click();
		await page.keyboard.press('+');
		await page.waitForURL('**from=*to=*');
		await see(page, () => 0);
		assert.ok(await page.locator('#left').isVisible());
	},

	async 'left: it is said in Chinese'(browser, {base}) {
		const page = await browser.open(base, PAIR, {locale: 'zh-CN'});
		await see(page, () => 0);
		assert.match(await page.locator('#left').innerText(),
		    /已离开网络：自 \d.*保留至 \d/);
	},

	async 'left: one that never was is still an error'(browser, {base}) {
		const page = await browser.open(base, '/');
		await page.goto(`${base}/pair/core/lon/nyc`);
		await page.waitForSelector('#trouble:not([hidden])');
		assert.ok(await page.locator('#left').isHidden());
		browser.forgive();
	},

};

let watched;

// One after the other, of one page that stays open.
export const stays = {
	async 'left: it is still there'(browser, {base}) {
		watched = await browser.open(base, PAIR);
		await see(watched, () => 0);
		assert.ok(await watched.locator('#left').isHidden());
	},

	async 'left: it goes while it is looked at'(browser) {
		await watched.waitForSelector('#left:not([hidden])');
		await showsWhatIsKept(watched);
		browser.forgive();
	},

	async 'left: it comes back while it is looked at'(browser) {
		await watched.waitForSelector('#left', {state: 'hidden'});
		await watched.waitForSelector('#trouble', {state: 'hidden'});
		assert.ok(await watched.locator('#matrix-link').isVisible());
		browser.forgive();
		await browser.closePages();
	},
};
