// Checks of pages that live through an outage; they stay open from one to the
// next.
import assert from 'node:assert/strict';
import {see, seeUntil} from './browser.mjs';

const PATHS = ['/matrix/mesh-ping', '/pair/mesh-ping/nyc/tok', '/'];

let pages = [], before = [];

async function note() {
	before = [];
	for (const page of pages)
		before.push((await see(page, () => 0))[0].generated);
}

export const checks = {
	async 'watch'(browser, {base}) {
		pages = [];
		for (const path of PATHS) {
			const page = await browser.open(base, path);
			await page.evaluate(() => {
				window.sameDocument = true;
			});
			pages.push(page);
		}
		await note();
	},

	async 'goes on'(browser) {
		for (const [i, page] of pages.entries()) {
			await seeUntil(page, () => 0, ({generated}) =>
			    generated > before[i] + 1, `an update of ${PATHS[i]}`);
			assert.ok(await page.evaluate('window.sameDocument'));
			// the last update may be of the moment before the outage
			await page.waitForSelector('#trouble', {state: 'hidden'});
		}
		await note();
		browser.forgive();
	},

	async 'says that the connection is lost'(browser) {
		for (const page of pages) {
			await page.waitForSelector('#trouble:not([hidden])');
			assert.match(await page.locator('#trouble').innerText(),
			    /Connection lost, showing data from \d\d:\d\d:\d\dZ/);
			assert.match(await page.locator('#updated')
			    .getAttribute('class'), /lost/);
		}
		assert.ok(await pages[0].locator('#cells').isVisible());
		assert.ok(await pages[1].locator('.uplot').first().isVisible());
		browser.forgive();
	},

	async 'has come back'(browser) {
		for (const page of pages)
			await page.waitForSelector('#trouble', {state: 'hidden'});
		await this['goes on'](browser);
	},

	// What was told live is what is asked for now, but for its age.
	async 'has lost no cell'(browser, {base}) {
		const asked = `${base}/api/v1/matrix/mesh-ping`;
		await seeUntil(pages[0], () => 0, () => true, 'the page');
		const deadline = Date.now() + 20000;
		for (;;) {
			const now = await (await fetch(asked)).json();
			const [seen] = await see(pages[0], () => 0);
			if (['value', 'grade', 'state', 'count'].every((plane) =>
			    JSON.stringify(now[plane]) ===
			    JSON.stringify(seen[plane])))
				return;
			assert.ok(Date.now() < deadline, JSON.stringify(
			    [now.value, seen.value, now.state, seen.state]));
			await new Promise((done) => setTimeout(done, 200));
		}
	},

	async 'close'(browser) {
		await browser.closePages();
	},
};
