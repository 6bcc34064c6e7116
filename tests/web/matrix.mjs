// Checks of what the matrix page tells and how it is used.
import assert from 'node:assert/strict';
import {see, seeUntil, shown} from './browser.mjs';
import {place, stateOf} from './cells.mjs';

const MESH = '/matrix/mesh-ping', PATHS = '/matrix/paths';

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
		const asked = [];
		page.on('request', (request) => request.isNavigationRequest() &&
		    asked.push(request.url()));
		for (const dst of ['nyc', 'six', 'tok'])
			await page.mouse.click(
			    ...await hover(page, place(answer, 'nyc', dst)));
		await page.waitForURL('**/pair/mesh-ping/nyc/tok');
		assert.deepEqual(asked, [page.url()]);
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
		await page.locator('#metric option', {hasText: 'duplicates'})
		    .waitFor({state: 'attached'});
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
