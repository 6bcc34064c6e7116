// Checks of pages on findings that a test has reported.
import assert from 'node:assert/strict';
import {rgb, scales, see} from './browser.mjs';
import {cutCells, pixel, readCanvas} from './cells.mjs';

function css([r, g, b]) {
	return `rgb(${r}, ${g}, ${b})`;
}

// In the page, at one moment: the list is drawn anew with each answer.
function nowOfRtt() {
	const li = [...document.querySelectorAll('#now li')].find((item) =>
	    item.innerText.includes('rtt p50'));
	return [li.innerText, getComputedStyle(li).borderLeftColor];
}

export const checks = {
	// 100 ms are the lower edge of poor.
	async 'a value on an edge'(browser, {base}) {
		const matrix = await browser.open(base, '/matrix/core');
		const [answer, seen] = await see(matrix, readCanvas);
		const {grades} = await scales(matrix, base);
		const i = answer.value.indexOf(0.1);
		const poor = rgb(grades[3].light);
		assert.ok(i >= 0, String(answer.value));
		assert.equal(answer.grade[i], 3);
		assert.deepEqual(pixel(cutCells(seen).cells[i], seen.size, 3, 3),
		    poor);
		assert.match(await matrix.locator('#legend').innerText(),
		    /poor 100 ms – 200 ms\s*·?\s*1/);
		const pair = await browser.open(base, '/pair/core/nyc/lon');
		await pair.locator('#now li', {hasText: 'rtt p50'}).waitFor();
		const [text, colour] = await pair.evaluate(nowOfRtt);
		assert.match(text, /100 ms/);
		assert.equal(colour, css(poor));
		const overview = await browser.open(base, '/');
		await overview.locator('#worst', {hasText:
		    /nyc → lon\s*rtt p50 100 ms, poor/}).waitFor();
	},

	async 'hostile words of a box'(browser, {base, hostile}) {
		for (const path of ['/', '/matrix/core', '/pair/core/nyc/lon']) {
			const page = await browser.open(base, path);
			assert.equal(await page.evaluate('window.hacked'),
			    undefined);
			assert.equal(await page.locator(
			    'main img, #health img').count(), 0);
		}
		const page = await browser.open(base, '/');
		const row = await page.locator('#boxes tr', {hasText: 'nyc'})
		    .innerText();
		assert.equal(row.split(hostile).length, 4, row);
	},

	async 'hostile words in the path'(browser, {base}) {
		const page = await browser.open(base, '/');
		for (const path of ['/matrix/<img src=x onerror=hacked=1>',
		    '/pair/core/<img src=x onerror=hacked=1>/lon']) {
			await page.goto(base + path);
			await page.waitForSelector('#trouble:not([hidden])');
			assert.equal(await page.evaluate('window.hacked'),
			    undefined);
			assert.match(await page.locator('#trouble').innerText(),
			    /<img src=x onerror=hacked=1>/);
		}
		browser.forgive();
	},
};
