// Checks of cells that two things share: both directions, both families.
import assert from 'node:assert/strict';
import {rgb, scales, see} from './browser.mjs';
import {cutCells, pixel, readCanvas, share} from './cells.mjs';
import {openMatrix} from './live.mjs';
import {delta, matrix, names} from './synthetic.mjs';

const SIZE = 5;
const fine = {value: 0.001, state: 'ok'};

// Only one cell is bad, but for a site and itself.
function oneBad(row, column, more = {}) {
	return matrix({test: 'core', src: names(SIZE), cellAt: (r, c) =>
	    r === c ? {value: null, state: 'self'} :
	    r === row && c === column ? {value: 0.4, state: 'ok'} : fine,
	...more});
}

async function cellsOf(page) {
	const [, seen] = await see(page, readCanvas);
	return cutCells(seen);
}

// Where in a cell a colour is: how much of each triangle.
function halves(cell, size, [r, g, b]) {
	const found = {lower: 0, upper: 0};
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++) {
			const at = (y * size + x) * 4;
			if (cell[at] === r && cell[at + 1] === g &&
			    cell[at + 2] === b && x !== y)
				found[y > x ? 'lower' : 'upper']++;
		}
	return found;
}

// The cells in which bad is seen, and in which of their halves.
async function badCells(page, base) {
	const {grades} = await scales(page, base);
	const seen = await cellsOf(page);
	const found = [];
	seen.cells.forEach((cell, i) => {
		const {lower, upper} = halves(cell, seen.size, rgb(grades[5].light));
		if (lower || upper)
			found.push([i, lower > 50, upper > 50]);
	});
	return found;
}

// The fleet of the collector with a second test of the other family.
async function twoFamilies(base) {
	const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
	const [core] = fleet.tests;
	core.family = 4;
	fleet.tests.push({...core, test: 'core6', family: 6});
	return fleet;
}

export const checks = {
	async 'fold: one bad direction lights exactly its triangle'(browser,
	    {base}) {
		const lower = await openMatrix(browser, base, oneBad(1, 3),
		    {query: '?fold=1&cell=24'});
		assert.deepEqual(await badCells(lower, base),
		    [[1 * SIZE + 3, true, false]]);
		const upper = await openMatrix(browser, base, oneBad(3, 1),
		    {query: '?fold=1&cell=24'});
		assert.deepEqual(await badCells(upper, base),
		    [[1 * SIZE + 3, false, true]]);
	},

	async 'fold: unfolded, exactly its cell'(browser, {base}) {
		const page = await openMatrix(browser, base, oneBad(1, 3),
		    {query: '?cell=24'});
		const {grades} = await scales(page, base);
		const {cells} = await cellsOf(page);
		assert.deepEqual(cells.flatMap((cell, i) =>
		    share(cell, rgb(grades[5].light)) > 0.5 ? [i] : []), [8]);
	},

	async 'fold: a pair is shown once'(browser, {base}) {
		const page = await openMatrix(browser, base, oneBad(1, 3),
		    {query: '?fold=1&cell=24'});
		const seen = await cellsOf(page);
		seen.cells.forEach((cell, i) => {
			const [row, column] = [Math.floor(i / SIZE), i % SIZE];
			if (row > column)
				assert.equal(share(cell, rgb(seen.back)), 1, `${i}`);
		});
	},

	async 'fold: below 12 pixels the worse of two is seen'(browser,
	    {base}) {
		for (const bad of [[1, 3], [3, 1]]) {
			const page = await openMatrix(browser, base, oneBad(...bad),
			    {query: '?fold=1&cell=9'});
			const {grades} = await scales(page, base);
			const {cells, size} = await cellsOf(page);
			assert.deepEqual(pixel(cells[8], size, 3, 3),
			    rgb(grades[5].light));
		}
	},

	async 'fold: the key folds, the address says so, again unfolds'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, oneBad(1, 3));
		const pressed = () =>
		    page.locator('#fold').getAttribute('aria-pressed');
		await page.keyboard.press('\\');
		await page.waitForURL('**?fold=1');
		await page.waitForSelector('#fold[aria-pressed="true"]');
		assert.match(await page.locator('#legend').innerText(),
		    /lower left: from row to column/);
		await page.keyboard.press('\\');
		await page.waitForSelector('#fold[aria-pressed="false"]');
		assert.equal(await pressed(), 'false');
		assert.equal(new URL(page.url()).search, '');
	},

	async 'fold: a change of one direction repaints its half alone'(browser,
	    {base}) {
		const answer = oneBad(1, 3);
		const page = await openMatrix(browser, base, answer,
		    {query: '?fold=1&cell=24'});
		const before = await cellsOf(page);
		await page.evaluate((data) => window.tell('cells', data),
		    {...delta(answer, [[3 * SIZE + 1, 0.4, 'ok']]), test: 'core'});
		const after = await cellsOf(page);
		assert.deepEqual(before.cells.flatMap((cell, i) =>
		    cell.equals(after.cells[i]) ? [] : [i]), [8]);
		assert.deepEqual(await badCells(page, base), [[8, true, true]]);
	},

	async 'fold: a filter finds either direction'(browser, {base}) {
		const page = await openMatrix(browser, base, oneBad(3, 1),
		    {query: '?fold=1&filter=grade:bad&cell=24'});
		assert.deepEqual(await page.locator('.rows span').evaluateAll(
		    (all) => all.map((span) => span.title)), ['s0001', 's0003']);
		assert.deepEqual((await badCells(page, base)).length, 1);
	},

	async 'split: the lower left is IPv4, the upper right IPv6'(browser,
	    {base}) {
		const four = oneBad(1, 3), six = oneBad(2, 0, {test: 'core6'});
		const page = await openMatrix(browser, base, four, {
		    query: '?split=af&cell=24', answers: {
			'/api/v1/fleet': await twoFamilies(base),
			'/api/v1/matrix/core6': six}});
		assert.deepEqual(await badCells(page, base),
		    [[8, true, false], [10, false, true]]);
		assert.match(await page.evaluate('streams.at(-1).url'),
		    /tests=core%2Ccore6/);
		assert.match(await page.locator('#legend').innerText(),
		    /bad ≥ 300 ms\s*·?\s*2/);
		await page.evaluate((data) => window.tell('cells', data),
		    {...delta(six, [[8, 0.4, 'ok']]), test: 'core6'});
		assert.deepEqual(await badCells(page, base),
		    [[8, true, true], [10, false, true]]);
		await page.keyboard.press('t');
		assert.match(await page.locator('#table thead').innerText(),
		    /rtt p50 \(IPv6\)/);
	},

	async 'split: it is offered only where both are measured'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, oneBad(1, 3));
		assert.ok(await page.locator('#split').isHidden());
	},
};
