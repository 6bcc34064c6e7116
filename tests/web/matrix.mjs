// Checks of the matrix page.
import assert from 'node:assert/strict';
import {rgb, scales, see, seeUntil, shown} from './browser.mjs';

const MESH = '/matrix/mesh-ping', PATHS = '/matrix/paths';

// In the page: its pixels and the colours of the theme.
function readCanvas() {
	const canvas = document.getElementById('cells');
	const style = getComputedStyle(document.documentElement);
	const colour = (name) => style.getPropertyValue(name).trim();
	return {size: Number(canvas.dataset.cell), width: canvas.width,
	    pixels: window.pixelsOf(canvas), back: colour('--back'),
	    faint: colour('--faint')};
}

// Adds the cells, each its own pixels row by row.
function cutCells(seen) {
	const {size, width} = seen;
	const all = Buffer.from(seen.pixels, 'base64');
	const height = all.length / 4 / width;
	seen.cells = [];
	for (let top = 0; top < height; top += size)
		for (let left = 0; left < width; left += size) {
			const rows = [];
			for (let y = top; y < top + size; y++)
				rows.push(all.subarray((y * width + left) * 4,
				    (y * width + left + size) * 4));
			seen.cells.push(Buffer.concat(rows));
		}
	return seen;
}

async function seeCells(page) {
	const [answer, seen] = await see(page, readCanvas);
	return [answer, cutCells(seen)];
}

function pixel(cell, size, x, y) {
	return [...cell.subarray((y * size + x) * 4, (y * size + x) * 4 + 3)];
}

function share(cell, [r, g, b]) {
	let found = 0;
	for (let i = 0; i < cell.length; i += 4)
		found += cell[i] === r && cell[i + 1] === g && cell[i + 2] === b;
	return found / (cell.length / 4);
}

function stateOf(answer, i) {
	return answer.states[answer.state[i]];
}

function place(answer, src, dst) {
	return answer.src.indexOf(src) * answer.dst.length +
	    answer.dst.indexOf(dst);
}

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

async function hover(page, i) {
	const [{dst}, box] = await see(page, () => {
		const canvas = document.getElementById('cells');
		const {left, top} = canvas.getBoundingClientRect();
		return {left, top,
		    size: canvas.getBoundingClientRect().width};
	});
	const size = box.size / dst.length;
	const at = [box.left + (i % dst.length + 0.5) * size,
	    box.top + (Math.floor(i / dst.length) + 0.5) * size];
	await page.mouse.move(...at);
	return at;
}

const tipText = () => document.getElementById('tip').innerText;

// "62.6 µs" in seconds, "5 %" as a ratio.
function parse(words) {
	const [, number, unit] = words.match(/([\d.]+) (ns|µs|ms|s|%)/);
	return Number(number) *
	    {ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1, '%': 0.01}[unit];
}

function near(found, expected) {
	assert.ok(Math.abs(found - expected) <= 0.006 * Math.abs(expected),
	    `${found}, expected ${expected}`);
}

export const checks = {
	async 'matrix: it opens with rows and columns by name'(browser, {base}) {
		const page = await browser.open(base, MESH);
		const [answer, rows] = await see(page, () =>
		    [...document.querySelectorAll('.rows span')]
			.map((span) => span.title));
		assert.deepEqual(rows, answer.src);
		assert.match(await page.title(), /mesh-ping/);
		assert.match(await page.locator('.columns').innerText(),
		    /New York/);
	},

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
		for (const theme of ['light', 'dark']) {
			const answer = await everyCell(browser, base, PATHS, theme);
			const ok = answer.grade.filter((_, i) =>
			    stateOf(answer, i) === 'ok');
			assert.deepEqual([...new Set(ok)].sort(),
			    [0, 1, 2, 3, 4, 5]);
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

	async 'matrix: silent sites have their row and column struck'(browser,
	    {base, silent}) {
		const page = await browser.open(base, MESH);
		const [answer, struck] = await see(page, () =>
		    [...document.querySelectorAll('.silent')].map((span) =>
			[span.parentElement.className.split(' ')[0], span.title,
			    getComputedStyle(span).textDecorationLine]));
		assert.deepEqual([...answer.silent].sort(), [...silent].sort());
		assert.deepEqual(struck.sort(), silent.flatMap((name) =>
		    [['columns', name, 'line-through'],
			['rows', name, 'line-through']]).sort());
		assert.match(await page.locator('#silent').innerText(), /Sydney/);
	},

	async 'matrix: all cells of a silent site are stale, others not'(browser,
	    {base, silent}) {
		const page = await browser.open(base, MESH);
		const [answer] = await see(page, () => 0);
		answer.state.forEach((_, i) => {
			const ends = [answer.src[Math.floor(i / answer.dst.length)],
			    answer.dst[i % answer.dst.length]];
			const off = ends.some((name) => silent.includes(name));
			const state = stateOf(answer, i);
			if (['self', 'untested', 'no-data'].includes(state))
				return;
			assert.equal(state, off ? 'stale' : 'ok', ends.join(' to '));
		});
	},

	async 'matrix: hover tells pair, value and age'(browser, {base}) {
		const page = await browser.open(base, MESH);
		const [first] = await see(page, () => 0);
		const i = place(first, 'nyc', 'tok');
		await hover(page, i);
		const [answer, words] = await see(page, tipText);
		assert.match(words, /^New York → Tokyo$/m);
		near(parse(words.match(/^rtt p50\s+(.*)$/m)[1]), answer.value[i]);
		assert.match(words, /^measured \d+ s ago$/m);
	},

	async 'matrix: hover tells loss beside delay, and of how many'(browser,
	    {base}) {
		const page = await browser.open(base, PATHS);
		const [first] = await see(page, () => 0);
		await hover(page, place(first, 'nyc', 'steady'));
		assert.match(await page.evaluate(tipText),
		    /^loss\s+0 \/ 10\s+at most 25\.9 % \(95 %\)$/m);
		await hover(page, place(first, 'nyc', 'lossy'));
		assert.match(await page.evaluate(tipText),
		    /^loss\s+10 %\s+1 \/ 10$/m);
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

	async 'matrix: no loss of few is said as such'(browser, {base}) {
		const page = await browser.open(base, `${PATHS}?metric=loss`);
		assert.match(await page.locator('#legend').innerText(),
		    /none lost, but of too few/);
	},

	async 'matrix: hover outside of cells tells nothing'(browser, {base}) {
		const page = await browser.open(base, MESH);
		await hover(page, 0);
		assert.ok(await page.locator('#tip').isVisible());
		await page.mouse.move(5, 5);
		assert.ok(await page.locator('#tip').isHidden());
	},

	async 'matrix: a click leads to the pair page'(browser, {base}) {
		const page = await browser.open(base, `${MESH}?window=5m`);
		const [answer] = await see(page, () => 0);
		await page.mouse.click(
		    ...await hover(page, place(answer, 'nyc', 'tok')));
		await page.waitForURL('**/pair/mesh-ping/nyc/tok?window=5m');
		await shown(page);
		assert.equal(await page.locator('h1').innerText(),
		    'New York → Tokyo');
	},

	async 'matrix: self and untested cells lead nowhere'(browser, {base}) {
		const page = await browser.open(base, MESH);
		const [answer] = await see(page, () => 0);
		for (const dst of ['nyc', 'six'])
			await page.mouse.click(
			    ...await hover(page, place(answer, 'nyc', dst)));
		assert.ok(page.url().endsWith(MESH));
	},

	async 'matrix: the pickers change matrix and address'(browser, {base}) {
		const page = await browser.open(base, MESH);
		await page.selectOption('#stat', 'p95');
		await seeUntil(page, () => 0, (answer) => answer.stat === 'p95',
		    'p95');
		await page.selectOption('#window', '1h');
		await seeUntil(page, () => 0, (answer) => answer.window === '1h',
		    'the window');
		await page.selectOption('#metric', 'loss');
		const [, stats] = await seeUntil(page, () =>
		    [...document.getElementById('stat').options]
			.map((o) => o.value), (answer) =>
		    answer.metric === 'loss', 'loss');
		assert.deepEqual(stats, ['ratio']);
		assert.equal(new URL(page.url()).search,
		    '?window=1h&metric=loss');
	},

	async 'matrix: every number a manifest declares can be picked'(browser,
	    {base}) {
		const page = await browser.open(base, MESH);
		const names = await page.locator('#metric option')
		    .allInnerTexts();
		assert.ok(names.includes('duplicates') && !names.includes('error'),
		    names.join());
		for (const name of names) {
			await page.selectOption('#metric', name);
			await seeUntil(page, () => 0,
			    (answer) => answer.metric === name, name);
		}
	},

	async 'matrix: a reload keeps the view'(browser, {base}) {
		const page = await browser.open(base,
		    `${MESH}?metric=loss&window=1h`);
		await page.reload();
		await shown(page);
		const [answer, picked] = await see(page, () =>
		    ['metric', 'stat', 'window'].map((name) =>
			document.getElementById(name).value));
		assert.deepEqual(picked, ['loss', 'ratio', '1h']);
		assert.equal(answer.metric, 'loss');
	},

	async 'matrix: it is refreshed by itself, and the note stays'(browser,
	    {base}) {
		const page = await browser.open(base, MESH);
		const [first] = await see(page, () => 0);
		await hover(page, place(first, 'nyc', 'tok'));
		await seeUntil(page, () => 0,
		    (answer) => answer.generated > first.generated, 'an update');
		assert.match(await page.evaluate(tipText), /New York → Tokyo/);
	},

	async 'matrix: arrow keys walk and Enter opens'(browser, {base}) {
		const page = await browser.open(base, MESH);
		const title = () => page.locator('#tip strong').innerText();
		await page.focus('#cells');
		await page.keyboard.press('ArrowRight');
		assert.equal(await title(), 'New York → New York');
		await page.keyboard.press('End');
		await page.keyboard.press('Home');
		for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown',
		    'ArrowUp', 'ArrowLeft', 'ArrowRight'])
			await page.keyboard.press(key);
		assert.equal(await title(), 'New York → Tokyo');
		await page.keyboard.press('Escape');
		assert.ok(await page.locator('#tip').isHidden());
		await page.keyboard.press('ArrowRight');
		await page.keyboard.press('Control+Home');
		await page.keyboard.press('ArrowRight');
		await page.keyboard.press('ArrowRight');
		await page.keyboard.press('Enter');
		await page.waitForURL('**/pair/mesh-ping/nyc/tok');
		await shown(page);
	},

	async 'matrix: a metric that does not exist is refused with words'(
	    browser, {base}) {
		const page = await browser.open(base, MESH);
		const moved = page.waitForResponse((r) => r.status() === 400);
		await page.goto(`${base}${MESH}?metric=nonsense`);
		await moved;
		await page.waitForSelector('#trouble:not([hidden])');
		assert.match(await page.locator('#trouble').innerText(),
		    /ping has no metric "nonsense"/);
		browser.forgive();
	},
};

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
