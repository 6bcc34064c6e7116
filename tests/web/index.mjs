// Checks of the first page, and of what all pages have in common.
import assert from 'node:assert/strict';
import {see, shown} from './browser.mjs';

const PAGES = ['/', '/matrix/mesh-ping', '/matrix/paths?metric=loss',
    '/pair/mesh-ping/nyc/tok', '/clocks'];

export const checks = {
	async 'index: tests are cards that lead to their matrix'(browser,
	    {base}) {
		const page = await browser.open(base, '/');
		const cards = page.locator('.card');
		assert.deepEqual(await cards.locator('strong').allInnerTexts(),
		    ['mesh-ping', 'paths']);
		assert.match(await cards.nth(1).innerText(), /unreachable/);
		await cards.first().click();
		await page.waitForURL('**/matrix/mesh-ping');
		await shown(page);
	},

	async 'index: boxes are listed with state, clock and last contact'(
	    browser, {base}) {
		const page = await browser.open(base, '/');
		const row = (name) => page.locator('#boxes tr',
		    {has: page.locator(`td:text-is("${name}")`)}).innerText();
		assert.match(await row('nyc'),
		    /New York\s+reporting\s+\d+ s ago\s+\S+.*\s+0\.1/);
		assert.match(await row('syd'), /silent/);
		assert.match(await row('never'), /never heard of\s+–/);
		assert.match(await page.locator('h1').innerText(),
		    /4 of 6 boxes report/);
	},

	async 'all pages: hostile names are text'(browser, {base, hostile}) {
		for (const path of [...PAGES, '/pair/mesh-ping/nyc/lon']) {
			const page = await browser.open(base, path);
			assert.equal(await page.evaluate('window.hacked'),
			    undefined);
			assert.equal(await page.locator(
			    'main img, main script, h1 img').count(), 0);
		}
		const page = await browser.open(base, '/matrix/mesh-ping');
		const words = await page.locator('.rows').allInnerTexts();
		assert.ok(words.join().includes(hostile), words.join());
		await page.goto(`${base}/pair/mesh-ping/nyc/lon`);
		await shown(page);
		assert.equal(await page.locator('h1').innerText(),
		    `New York → ${hostile}`);
	},

	async 'all pages: no error, no violation, no other origin'(browser,
	    {base}) {
		for (const path of PAGES) {
			const page = await browser.open(base, path);
			const [, policy] = [0, await page.request.get(base + path)];
			assert.match(policy.headers()['content-security-policy'],
			    /default-src 'none'.*require-trusted-types-for/);
			await page.mouse.move(200, 260);
			await page.mouse.move(320, 300);
		}
		browser.complain();
	},

	async 'all pages: small enough, and packed'(browser, {base}) {
		for (const path of PAGES) {
			let bytes = 0;
			const page = await browser.open(base, path);
			page.on('response', (response) => {
				const headers = response.headers();
				if (!response.url().includes('/static/'))
					return;
				bytes += Number(headers['content-length']);
				assert.equal(headers['content-encoding'], 'gzip',
				    response.url());
			});
			await (await page.context().newCDPSession(page))
			    .send('Network.setCacheDisabled',
				{cacheDisabled: true});
			await page.reload();
			await shown(page);
			assert.ok(bytes > 10000 && bytes < 100000,
			    `${path}: ${bytes} bytes`);
		}
	},

	async 'all pages: Chinese where the browser wants it'(browser, {base}) {
		const options = {locale: 'zh-CN'};
		const matrix = await browser.open(base, '/matrix/mesh-ping',
		    options);
		assert.match(await matrix.locator('.columns').innerText(), /纽约/);
		assert.match(await matrix.locator('#legend').innerText(), /优/);
		assert.match(await matrix.locator('#choice').innerText(), /指标/);
		assert.equal(await matrix.evaluate('document.documentElement.lang'),
		    'zh-CN');
		for (const path of PAGES) {
			const page = await browser.open(base, path, options);
			const missing = await page.evaluate(async () => {
				const {default: strings} =
				    await import('/static/lang/en.js');
				const seen = document.body.innerText.split(/\s*\n\s*/);
				return Object.keys(strings).filter((key) =>
				    key.includes('-') && seen.includes(key));
			});
			assert.deepEqual(missing, [], path);
		}
	},

	async 'all pages: both languages have the same texts'(browser, {base}) {
		const page = await browser.open(base, '/');
		const [en, zh] = await page.evaluate(async () => [
		    (await import('/static/lang/en.js')).default,
		    (await import('/static/lang/zh.js')).default]);
		assert.deepEqual(Object.keys(zh), Object.keys(en));
		for (const key of Object.keys(en))
			assert.deepEqual(zh[key].match(/\{\d\}/g)?.sort(),
			    en[key].match(/\{\d\}/g)?.sort(), key);
	},

	async 'all pages: numbers have a unit and three digits'(browser,
	    {base}) {
		const page = await browser.open(base, '/');
		const written = await page.evaluate(async () => {
			const {quantity, axisFormat} =
			    await import('/static/text.js');
			const axis = axisFormat(0.03625, 0.00001, 's');
			return [quantity(0.0362, 's'), quantity(0, 's'),
			    quantity(6.26e-5, 's'), quantity(0.99996, 's'),
			    quantity(0.0012345, 'ratio'), quantity(0, 'ratio'),
			    quantity(1, 'ratio'), quantity(12345678, 'bit/s'),
			    quantity(1234567, '1'), quantity(20, '1'),
			    quantity(-0.00123, 's'), axis(0.03621), axis(0.03622)];
		});
		assert.deepEqual(written, ['36.2 ms', '0 s', '62.6 µs', '1 s',
		    '0.123 %', '0 %', '100 %', '12.3 Mbit/s', '1.23 M', '20',
		    '-1.23 ms', '36.21 ms', '36.22 ms']);
	},
};
