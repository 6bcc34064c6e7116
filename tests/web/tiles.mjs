// Checks of a matrix beyond 200 x 200: what is painted comes first, numbers where
// somebody looks.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {readCanvas} from './cells.mjs';
import {openMatrix} from './live.mjs';
import {delta, matrix, names, partOf, usualCell} from './synthetic.mjs';

const SIZE = 210;

// A fleet of that many sites; what is asked is noted.
async function open(browser, base, query = '') {
	const src = names(SIZE);
	const answer = matrix({test: 'core', src, cellAt: usualCell});
	const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
	const asked = [];
	fleet.tests[0].sources = fleet.tests[0].destinations = src;
	const page = await openMatrix(browser, base, null, {query, answers: {
	    '/api/v1/fleet': fleet,
	    '/api/v1/matrix/': (url) => {
		if (!url.searchParams.has('ref')) // not what a note wants
			asked.push(url.search);
		return partOf(answer, url);
	    }}});
	return {page, answer, asked};
}

async function hover(page, row, column) {
	const box = await page.locator('#cells').boundingBox();
	const size = box.width / SIZE;
	await page.mouse.move(box.x + (column + 0.5) * size,
	    box.y + (row + 0.5) * size);
}

export const checks = {
	async 'tiles: grades and states are asked for first, and painted'(
	    browser, {base}) {
		const {page, answer, asked} = await open(browser, base);
		assert.deepEqual(asked, ['?planes=grade%2Cstate']);
		const [, seen] = await see(page, readCanvas);
		const whole = await openMatrix(browser, base, answer);
		assert.equal((await see(whole, readCanvas))[1].pixels, seen.pixels);
	},

	async 'tiles: a cell that is looked at gets its numbers, with its square'(
	    browser, {base}) {
		const {page, answer, asked} = await open(browser, base);
		await hover(page, 70, 66);
		await page.waitForFunction(() => /measured/.test(
		    document.getElementById('tip').innerText));
		assert.equal(asked.length, 2);
		assert.match(asked[1], /tile=64%2C64%2C64/);
		await hover(page, 71, 67);
		assert.match(await page.locator('#tip').innerText(), /measured/);
		assert.equal(asked.length, 2);
		const [now] = await see(page, () => 0);
		const i = 71 * SIZE + 67;
		assert.deepEqual([now.value[i], now.value[0 * SIZE + 1]],
		    [answer.value[i], null]);
	},

	async 'tiles: what was told since is newer than a tile'(browser,
	    {base}) {
		const {page, answer} = await open(browser, base);
		const i = 70 * SIZE + 67;
		const told = delta(answer, [[i, 0.123, 'ok']]);
		told.generated += 5;
		await page.evaluate((data) => window.tell('cells', data), told);
		await hover(page, 70, 66);
		await page.waitForFunction(() => /measured/.test(
		    document.getElementById('tip').innerText));
		assert.equal((await see(page, () => 0))[0].value[i], 0.123);
	},

	async 'tiles: a table has all numbers, asked for at once'(browser,
	    {base}) {
		const {page, answer, asked} = await open(browser, base,
		    '?find=s0003 > s0007&cell=9');
		await page.keyboard.press('t');
		await page.waitForFunction(() => /ms/.test(
		    document.querySelector('#table tbody').innerText));
		assert.equal(asked.length, 2);
		assert.match(asked[1], /planes=value/);
		const [now] = await see(page, () => 0);
		assert.deepEqual(now.value, answer.value);
	},
};
