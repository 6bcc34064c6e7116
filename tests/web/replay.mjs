// Checks of a matrix as it was: the slider, play, and back to now.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {openMatrix} from './live.mjs';
import {matrix, names, series} from './synthetic.mjs';

// A value that tells which moment was asked for: hours ago, in seconds.
function answerFor(url) {
	const at = Number(url.searchParams.get('at')) || null;
	const answer = matrix({test: 'core', src: names(4), cellAt: (r, c) =>
	    r === c ? {value: null, state: 'self'} : {value: at === null ?
		0.001 : 0.3, state: 'ok'}});
	return at === null ? answer : Object.assign(answer,
	    {at, source: 'bins of 10 s'});
}

const open = (browser, base, more = {}) => openMatrix(browser, base, null,
    {...more, answers: {'/api/v1/matrix/': answerFor}});

const past = (page) => page.waitForFunction(() =>
    !document.getElementById('past').hidden);

// Moves the slider to so many seconds before its end.
const slide = (page, ago) => page.locator('#replay-slider').evaluate(
    (slider, seconds) => {
	slider.value = Number(slider.max) - seconds;
	slider.dispatchEvent(new Event('input'));
}, ago);

const momentOf = (page) => Date.parse(
    new URL(page.url()).searchParams.get('at')) / 1000;

export const checks = {
	async 'replay: the slider shows a moment, and says which'(browser,
	    {base}) {
		const page = await open(browser, base);
		await slide(page, 7200);
		await past(page);
		const [answer, words] = await see(page, () =>
		    document.getElementById('past').textContent);
		assert.ok(Math.abs(Date.now() / 1000 - 7200 - answer.at) < 60);
		assert.equal(answer.at % 10, 0);
		assert.equal(momentOf(page), answer.at);
		assert.match(words, /^As it was at .*Z: bins of 10 s$/);
		assert.equal(answer.value[1], 0.3);
		assert.equal(await page.evaluate('streams.at(-1).readyState'), 2);
	},

	async 'replay: a reload and a fresh browser show the same moment'(
	    browser, {base}) {
		const page = await open(browser, base);
		await slide(page, 3600);
		await past(page);
		const at = momentOf(page);
		await page.reload();
		await past(page);
		assert.equal((await see(page, () => 0))[0].at, at);
		const fresh = await open(browser, base,
		    {query: new URL(page.url()).search});
		assert.equal((await see(fresh, () => 0))[0].at, at);
		assert.equal(await fresh.evaluate('streams.length'), 0);
	},

	async 'replay: back to now it lives again'(browser, {base}) {
		const page = await open(browser, base);
		await slide(page, 3600);
		await past(page);
		await page.click('#replay-now');
		await page.waitForFunction(() =>
		    document.getElementById('past').hidden);
		assert.equal(new URL(page.url()).search, '');
		assert.equal(await page.evaluate('streams.at(-1).readyState'), 1);
		assert.equal((await see(page, () => 0))[0].value[1], 0.001);
	},

	async 'replay: a pair opens around the moment, and leads back to it'(
	    browser, {base}) {
		const to = Math.floor(Date.now() / 60000) * 60;
		const page = await openMatrix(browser, base, null, {answers: {
		    '/api/v1/matrix/': (url) => Object.assign(answerFor(url),
			{src: ['nyc', 'lon', 'c', 'd'], dst: ['nyc', 'lon', 'c', 'd']}),
		    '/api/v1/series/': series({test: 'core', src: 'nyc',
			dst: 'lon', from: to - 86400, to, step: 60})}});
		await slide(page, 20 * 3600);
		await past(page);
		const at = momentOf(page);
		await page.locator('#cells').focus();
		await page.keyboard.press('ArrowRight');
		await page.keyboard.press('ArrowRight');
		await page.keyboard.press('Enter');
		await page.waitForURL('**/pair/core/nyc/lon?*');
		const {searchParams} = new URL(page.url());
		assert.deepEqual(['from', 'to'].map((name) =>
		    Number(searchParams.get(name)) - at), [-10800, 10800]);
		await see(page, () => 0);
		await page.keyboard.press('Escape');
		await page.waitForURL('**/matrix/core?*');
		await past(page);
		assert.equal(momentOf(page), at);
	},

	async 'replay: keys walk by a step of the test'(browser, {base}) {
		const page = await open(browser, base);
		await slide(page, 3600);
		await past(page);
		const at = momentOf(page);
		await page.keyboard.press(',');
		await page.waitForURL((url) => !url.href.includes(
		    new Date(at * 1000).toISOString().slice(0, 19)
			.replaceAll(':', '%3A')));
		assert.equal(momentOf(page), at - 10);
		await page.keyboard.press('.');
		await page.waitForURL((url) => Date.parse(url.searchParams
		    .get('at')) / 1000 === at);
	},

	async 'replay: play goes on by itself until it is stopped'(browser,
	    {base}) {
		const page = await open(browser, base);
		await page.click('#replay-play');
		await page.waitForURL('**at=*');
		const first = momentOf(page);
		assert.ok(Date.now() / 1000 - first > 80000, 'from a day ago');
		await page.waitForFunction((at) => Date.parse(new URL(location)
		    .searchParams.get('at')) / 1000 >= at + 600, first);
		await page.click('#replay-play');
		assert.equal(await page.locator('#replay-play')
		    .getAttribute('aria-pressed'), 'false');
	},

	async 'replay: without motion, play goes one step'(browser, {base}) {
		const page = await open(browser, base, {reducedMotion: 'reduce'});
		await page.click('#replay-play');
		await past(page);
		assert.equal(await page.locator('#replay-play')
		    .getAttribute('aria-pressed'), 'false');
	},
};
