// Checks of a matrix beside its baseline.
import assert from 'node:assert/strict';
import {rgb, scales, see} from './browser.mjs';
import {cutCells, pixel, readCanvas} from './cells.mjs';
import {openMatrix} from './live.mjs';
import {delta, matrix} from './synthetic.mjs';

const CHANGES = [-0.3, -0.1, 0, 0.1, 0.3, 0.7, 2];

// One row whose cells are in each of the steps, and one without a baseline.
function based() {
	const answer = matrix({test: 'core', src: ['a'],
	    dst: [...CHANGES, null].map((_, i) => `b${i}`),
	    cellAt: (_, i) => ({value: 0.1 * (1 + (CHANGES[i] ?? 0)),
		state: 'ok'})});
	return Object.assign(answer, {ref: 'base',
	    base: [...CHANGES.map(() => 0.1), null],
	    change: [...CHANGES, null], step: [0, 1, 2, 3, 4, 5, 6, null],
	    baseline: {hour: 1795294800, days: 7, known: 7, complete: true},
	    summary: {...answer.summary, steps: [1, 1, 1, 1, 1, 1, 1]}});
}

async function cellsOf(page) {
	const [, seen] = await see(page, readCanvas);
	return cutCells(seen);
}

export const checks = {
	async 'base: each step has the colour of the scales'(browser, {base}) {
		for (const theme of ['light', 'dark']) {
			const page = await openMatrix(browser, base, based(),
			    {query: '?ref=base&cell=24', colorScheme: theme});
			const {baseline} = await scales(page, base);
			const {cells, size} = await cellsOf(page);
			baseline.steps.forEach((step, i) => assert.deepEqual(
			    pixel(cells[i], size, 3, 3), rgb(step[theme]), step.name));
			for (let y = 0; y < size; y++) // the last has none
				assert.ok(!baseline.steps.some((step) => String(rgb(
				    step[theme])) === String(pixel(cells[7], size,
				    3, y))), `${y}`);
		}
	},

	async 'base: the legend counts and prints the rule'(browser, {base}) {
		const page = await openMatrix(browser, base, based(),
		    {query: '?ref=base'});
		const words = await page.locator('#legend').innerText();
		assert.match(words, /much faster ≤ −20 %\s*·?\s*1/);
		assert.match(words, /as usual −5 % – \+5 %/);
		assert.match(words, /more than twice ≥ \+100 %/);
		assert.match(words, /max\(B, 1 ms\).* 7 days/);
	},

	async 'base: hover tells what is usual, and the change'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, based(),
		    {query: '?ref=base&cell=48'});
		const box = await page.locator('#cells').boundingBox();
		await page.mouse.move(box.x + 48 * 5.5, box.y + 20);
		assert.match(await page.locator('#tip').innerText(),
		    /usually\s+100 ms\s+\+70 %/);
	},

	async 'base: a filter of steps keeps what is slower'(browser, {base}) {
		const page = await openMatrix(browser, base, based(),
		    {query: '?ref=base'});
		await page.selectOption('#filter', 'step:slower+');
		assert.deepEqual(await page.locator('.columns span').evaluateAll(
		    (all) => all.map((span) => span.title)),
		['b3', 'b4', 'b5', 'b6']);
	},

	async 'base: what is told changes its step'(browser, {base}) {
		const answer = based();
		const page = await openMatrix(browser, base, answer,
		    {query: '?ref=base&cell=24'});
		const {baseline} = await scales(page, base);
		await page.evaluate((data) => window.tell('cells', data),
		    {...delta(answer, [[2, 0.3, 'ok']]), base: [0.1], change: [2],
			step: [6]});
		const {cells, size} = await cellsOf(page);
		assert.deepEqual(pixel(cells[2], size, 3, 3),
		    rgb(baseline.steps[6].light));
	},

	async 'base: chosen beside the metric, it is in the address'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, based(), {answers: {
		    '/api/v1/matrix/': (url) => url.searchParams.get('ref') ?
			based() : matrix({test: 'core', src: ['a'], dst: ['b'],
			    cellAt: () => ({value: 0.1, state: 'ok'})})}});
		await page.selectOption('#ref', 'base');
		await page.waitForURL('**?ref=base');
		await page.waitForFunction(() => document.getElementById('legend')
		    .textContent.includes('as usual'));
		assert.match(await page.evaluate('streams.at(-1).url'), /ref=base/);
		assert.ok(await page.locator('#stat').isDisabled());
		await page.keyboard.press('t');
		assert.match(await page.locator('#table thead').innerText(),
		    /usually\s+Change/);
	},
};
