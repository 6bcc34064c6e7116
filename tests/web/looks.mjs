// Checks of how the cells of a matrix look.
import assert from 'node:assert/strict';
import {rgb, scales, seeUntil} from './browser.mjs';
import {cutCells, pixel, place, readCanvas, seeCells, share, stateOf}
    from './cells.mjs';

const MESH = '/matrix/mesh-ping', PATHS = '/matrix/paths';

function mix(a, b, part) {
	return a.map((v, i) => Math.round(v * part + b[i] * (1 - part)));
}

// The fill of most of a cell, by its state, as the legend of states has it.
function expectCell(answer, seen, colours, theme, i) {
	const {size, cells} = seen;
	const back = rgb(seen.back);
	const where = `cell ${i} (${stateOf(answer, i)}) in ${theme}`;
	const fill = answer.grade[i] === null ? back :
	    rgb(colours.grades[answer.grade[i]][theme]);
	const most = {
		'ok': fill, 'stale': mix(fill, back, 0.35), 'self': back,
		'untested': back, 'no-data': back, 'unreachable': [0, 0, 0],
	}[stateOf(answer, i)];

	assert.ok(share(cells[i], most) > 0.5, `${where}: not mostly ${most}, ` +
	    `but ${share(cells[i], most)}`);
	if (stateOf(answer, i) === 'ok')
		for (const at of [0, 1, 2, 5])
			assert.deepEqual(pixel(cells[i], size, at, at), fill, where);
}

async function everyCell(browser, base, path, theme) {
	const page = await browser.open(base, path, {colorScheme: theme});
	const [answer, seen] = await seeCells(page);
	const colours = await scales(page, base);

	assert.equal(seen.cells.length, answer.value.length);
	answer.value.forEach((_, i) =>
	    expectCell(answer, seen, colours, theme, i));
	return answer;
}

// One cell of each state, and what tells it apart.
async function cellOf(browser, base, path, state) {
	const page = await browser.open(base, path);
	const [answer, seen] = await seeCells(page);
	const i = answer.state.findIndex((_, k) => stateOf(answer, k) === state);
	assert.ok(i >= 0, `no cell is ${state}: ${answer.state}`);
	return {page, answer, seen, cell: seen.cells[i], i};
}

function differs(a, b) {
	if (a.size !== b.size)
		return differs(scaled(a, Math.min(a.size, b.size)),
		    scaled(b, Math.min(a.size, b.size)));
	let different = 0;
	for (let i = 0; i < a.cell.length; i += 4)
		different += a.cell[i] !== b.cell[i] ||
		    a.cell[i + 1] !== b.cell[i + 1] ||
		    a.cell[i + 2] !== b.cell[i + 2];
	return different / (a.cell.length / 4) > 0.01;
}

// Its upper left corner.
function scaled({cell, size}, to) {
	const rows = [];
	for (let y = 0; y < to; y++)
		rows.push(cell.subarray(y * size * 4, (y * size + to) * 4));
	return {cell: Buffer.concat(rows), size: to};
}

export const checks = {
	async 'matrix: every cell is coloured as the scales say, light'(browser,
	    {base}) {
		await everyCell(browser, base, MESH, 'light');
	},

	async 'matrix: every cell is coloured as the scales say, dark'(browser,
	    {base}) {
		await everyCell(browser, base, MESH, 'dark');
	},

	async 'matrix: all six grades have their colours in both themes'(browser,
	    {base}) {
		const isWhole = (answer) => new Set(answer.grade.filter((_, i) =>
		    stateOf(answer, i) === 'ok')).size === 6;

		for (const theme of ['light', 'dark']) {
			const page = await browser.open(base, PATHS,
			    {colorScheme: theme});
			const colours = await scales(page, base);
			const [answer, seen] = await seeUntil(page, readCanvas,
			    isWhole, 'all six grades');
			cutCells(seen).cells.forEach((_, i) =>
			    expectCell(answer, seen, colours, theme, i));
		}
	},

	async 'matrix: a change of theme repaints'(browser, {base}) {
		const page = await browser.open(base, PATHS,
		    {colorScheme: 'light'});
		const colours = await scales(page, base);
		for (const theme of ['dark', 'light']) {
			await page.emulateMedia({colorScheme: theme});
			await seeUntil(page, readCanvas, (answer, seen) => {
				const i = answer.grade.indexOf(0);
				return share(cutCells(seen).cells[i],
				    rgb(colours.grades[0][theme])) > 0.5;
			}, `a ${theme} matrix`);
		}
	},

	async 'matrix: the cells of a site and itself have a diagonal'(browser,
	    {base}) {
		const {seen, cell} = await cellOf(browser, base, MESH, 'self');
		for (let at = 2; at < seen.size - 4; at++)
			assert.deepEqual(pixel(cell, seen.size, at, at),
			    rgb(seen.faint));
	},

	async 'matrix: untested cells are bare'(browser, {base}) {
		const {seen, cell} = await cellOf(browser, base, MESH, 'untested');
		assert.equal(share(cell, rgb(seen.back)), 1);
	},

	async 'matrix: cells without data are dotted'(browser, {base}) {
		const {seen, cell} = await cellOf(browser, base, MESH, 'no-data');
		const dots = share(cell, rgb(seen.faint));
		assert.ok(dots > 0.01 && dots < 0.1, `dots: ${dots}`);
	},

	async 'matrix: unreachable cells are black with a white rim and cross'(
	    browser, {base}) {
		const {seen, cell} =
		    await cellOf(browser, base, PATHS, 'unreachable');
		const middle = Math.floor(seen.size / 2) - 1;
		assert.deepEqual(pixel(cell, seen.size, 0, middle),
		    [255, 255, 255]);
		let white = 0;
		for (let y = middle - 8; y < middle + 8; y++)
			for (let x = middle - 8; x < middle + 8; x++)
				white += pixel(cell, seen.size, x, y)[0] > 200;
		assert.ok(white > 10, `${white} white pixels in the middle`);
	},

	async 'matrix: stale cells are hatched over a faded grade'(browser,
	    {base}) {
		const {seen, cell} = await cellOf(browser, base, MESH, 'stale');
		const lines = share(cell, rgb(seen.faint));
		assert.ok(lines > 0.1 && lines < 0.3, `hatch: ${lines}`);
	},

	async 'matrix: no two states look alike'(browser, {base}) {
		const looks = new Map();
		for (const path of [MESH, PATHS]) {
			const page = await browser.open(base, path);
			const [answer, seen] = await seeCells(page);
			seen.cells.forEach((cell, i) => looks.set(
			    stateOf(answer, i), {cell, size: seen.size}));
		}
		const names = [...looks.keys()];
		assert.deepEqual([...names].sort(), ['no-data', 'ok', 'self',
		    'stale', 'unreachable', 'untested']);
		for (const a of names)
			for (const b of names)
				if (a < b)
					assert.ok(differs(looks.get(a), looks.get(b)),
					    `${a} looks like ${b}`);
	},

	async 'matrix: a delay with loss has a strip in the grade of its loss'(
	    browser, {base}) {
		const page = await browser.open(base, PATHS);
		const [answer, seen] = await seeCells(page);
		const colours = await scales(page, base);
		const strip = (i) => pixel(seen.cells[i], seen.size, 3,
		    seen.size - 6);
		const lossy = place(answer, 'nyc', 'lossy');
		assert.deepEqual(strip(lossy),
		    rgb(colours.grades[answer.also.loss.grade[lossy]].light));
		const steady = place(answer, 'nyc', 'steady');
		assert.deepEqual(strip(steady),
		    rgb(colours.grades[answer.grade[steady]].light));
	},
};
