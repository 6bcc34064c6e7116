// Checks of a page that lives through an outage; its page stays open from one
// to the next.
import assert from 'node:assert/strict';
import {see, seeUntil} from './browser.mjs';

let page = null, before = null;

export const checks = {
	async 'watch'(browser, {base}) {
		page = await browser.open(base, '/matrix/mesh-ping');
		await page.evaluate(() => {
			window.sameDocument = true;
		});
		[before] = await see(page, () => 0);
	},

	async 'goes on'(browser) {
		await seeUntil(page, () => 0,
		    (answer) => answer.generated > before.generated + 1, 'an update');
		assert.ok(await page.evaluate('window.sameDocument'));
		assert.ok(await page.locator('#trouble').isHidden());
		[before] = await see(page, () => 0);
		browser.forgive();
	},

	async 'says that the connection is lost'(browser) {
		await page.waitForSelector('#trouble:not([hidden])');
		assert.match(await page.locator('#trouble').innerText(),
		    /Connection lost, showing data from \d\d:\d\d:\d\dZ/);
		assert.match(await page.locator('#updated').getAttribute('class'),
		    /lost/);
		assert.ok(await page.locator('#cells').isVisible());
		browser.forgive();
	},

	async 'has come back'(browser) {
		await page.waitForSelector('#trouble', {state: 'hidden'});
		await this['goes on'](browser);
	},

	async 'close'(browser) {
		await browser.closePages();
	},
};
