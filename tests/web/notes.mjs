// Checks of the note beside a cell: what it says, and what it asks for.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {answerOf, openMatrix} from './live.mjs';
import {matrix, names} from './synthetic.mjs';

// Brings the cursor to columns of the first row, all at once, however busy this
// machine is; gives what the note says before anything can be answered.
async function glance(page, columns, wide) {
	const box = await page.locator('#cells').boundingBox();
	const size = box.width / wide;
	return page.locator('#cells').evaluate((cells, at) => {
		for (const clientX of at.x)
			cells.dispatchEvent(new MouseEvent('mousemove',
			    {clientX, clientY: at.y, bubbles: true}));
		return document.getElementById('tip').innerText;
	}, {x: columns.map((column) => box.x + (column + 0.5) * size),
	    y: box.y + size / 2});
}

export const checks = {
	async 'notes: pair, value, unit, how many and age are there at once'(
	    browser, {base}) {
		const answer = matrix({test: 'core', src: names(6),
		    also: ['loss', 'lost', 'sent'], cellAt: (r, c) => r === c ?
			{value: null, state: 'self'} : {value: 0.0964,
			    state: 'ok', age: 12}});
		answer.count.fill(60);
		const page = await openMatrix(browser, base, answer);
		await see(page, () => 0);
		const words = await glance(page, [2], 6);
		assert.match(words, /^s0000 → s0002$/m);
		assert.match(words, /^rtt p50\s+96\.4 ms/m);
		assert.match(words, /^loss\s+0 \/ 10\s+at most 25\.9 % \(95 %\)$/m);
		assert.match(words, /^measured 1\d s ago, 60 runs$/m);
		assert.match(words, /^other direction 96\.4 ms$/m);
	},

	async 'notes: what is usual is in it, asked for of that cell alone'(
	    browser, {base}) {
		const asked = [];
		const page = await openMatrix(browser, base, null, {answers: {
		    '/api/v1/series/': {count: 60, whole: {rows: 0}},
		    '/api/v1/matrix/': (url) => {
			if (!url.searchParams.has('ref'))
				return answerOf();
			asked.push(url.search);
			return {unit: 's', base: [0.091], change: [0.059]};
		    }}});
		await glance(page, [3, 4], 20);
		await page.waitForFunction(() => document.getElementById('tip')
		    .innerText.includes('usually'));
		assert.match(await page.locator('#tip').innerText(),
		    /usually\s+91 ms\s+\+5\.9 %/);
		assert.equal(asked.length, 1);
		assert.match(asked[0], /metric=rtt.*tile=0%2C4%2C1/);
	},

	async 'notes: why nobody answers is in it'(browser, {base}) {
		const page = await openMatrix(browser, base, answerOf({cellAt: () =>
		    ({value: null, state: 'unreachable'})}), {answers: {
		    '/api/v1/series/': {count: 60, unanswered: [[20, 58]],
			why: 'host unreachable from 10.0.0.1', whole: {rows: 0}}}});
		await glance(page, [3], 20);
		await page.waitForFunction(() => document.getElementById('tip')
		    .innerText.includes('host unreachable from 10.0.0.1'));
	},

	async 'notes: a long line does not part names from numbers'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, matrix({test: 'core',
		    src: names(6), cellAt: () => ({value: 0.02,
			state: 'stale'})}));
		await glance(page, [2], 6);
		assert.ok(await page.evaluate(() => {
			const [name, number] = ['name', 'number'].map((kind) =>
			    document.querySelector(`#tip .${kind}`));
			const range = document.createRange();
			range.selectNodeContents(name);
			return number.getBoundingClientRect().left -
			    range.getBoundingClientRect().right;
		}) < 40);
	},

	async 'notes: a note is in the window, wherever the cell is'(browser,
	    {base}) {
		for (const viewport of [{width: 375, height: 740},
		    {width: 500, height: 420}, {width: 1280, height: 900}]) {
			const page = await openMatrix(browser, base, matrix({
			    test: 'core', src: names(8), cellAt: () => ({value: 0.02,
				state: 'stale'})}), {viewport});
			await see(page, () => 0);
			await page.locator('#cells').evaluate((cells) =>
			    cells.scrollIntoView({block: 'end'}));
			for (let column = 0; column < 8; column++) {
				await glance(page, [column], 8);
				const box = await page.locator('#tip').boundingBox();
				const words = `${JSON.stringify(viewport)}: ` +
				    `${column}: ${JSON.stringify(box)}`;
				assert.ok(box.x >= 0 && box.y >= 0 &&
				    box.x + box.width <= viewport.width &&
				    box.y + box.height <= viewport.height, words);
			}
		}
	},

	async 'notes: a note has a day of the pair, asked for in one request'(
	    browser, {base}) {
		const asked = [];
		const page = await openMatrix(browser, base, answerOf(), {answers: {
		    '/api/v1/spark/': (url) => {
			asked.push(url.searchParams.get('pairs'));
			return {points: asked.at(-1).split(',').map(() =>
			    [null, 0.01, 0.02, null, 0.03])};
		    }}});
		await glance(page, [2, 3, 4], 20);
		await page.waitForSelector('#tip .spark canvas');
		assert.match(await page.locator('#tip').innerText(),
		    /24 h: 10 ms to 30 ms/);
		assert.equal(asked.length, 1);
		assert.equal(asked[0], 's0000:s0002,s0000:s0003,s0000:s0004');
	},

	async 'notes: the last hour of a pair is in its note'(browser, {base}) {
		const asked = [];
		const page = await openMatrix(browser, base, answerOf(), {answers: {
		    '/api/v1/series/': (url) => {
			asked.push(url.pathname + url.search);
			return {whole: {from: 0, rows: 60, metrics: {
			    rtt: {min: 0.09, p50: 0.1, p95: 0.104, max: 0.2},
			    loss: {ratio: 0.00012, part: 1, of: 8400},
			    hops: {last: 14}}}};
		    }}});
		await glance(page, [3, 4, 5], 20);
		await page.waitForFunction(() => document.getElementById('tip')
		    .innerText.includes('last hour'));
		const words = await page.locator('#tip').innerText();
		assert.match(words, /rtt, last hour\s+100 ms\s+p95 − p50 4 ms\s+max 200 ms/);
		assert.match(words, /loss, last hour\s+0\.012 %\s+1 \/ 8400/);
		assert.match(words, /hops\s+14/);
		assert.equal(asked.length, 1, 'of where the cursor rests');
		assert.match(asked[0], /core\/s0000\/s0005\?from=-1h/);
	},
};
