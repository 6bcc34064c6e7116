// Checks of a matrix that lives: what is told is what is repainted.
import assert from 'node:assert/strict';
import {see, seeUntil} from './browser.mjs';
import {cutCells, readCanvas} from './cells.mjs';
import {delta, matrix, names, pretend, usualCell} from './synthetic.mjs';

const SIZE = 20;
const where = '/matrix/core';

// Counts what is painted: calls of putImageData and their pixels.
function spy() {
	window.painted = [];
	const real = CanvasRenderingContext2D.prototype.putImageData;
	CanvasRenderingContext2D.prototype.putImageData = function (image, x, y) {
		if (this.canvas.id === 'cells')
			window.painted.push([x, y, image.width, image.height]);
		return real.call(this, image, x, y);
	};
}

export function answerOf(more = {}) {
	return matrix({test: 'core', src: names(SIZE), cellAt: usualCell, ...more});
}

export async function openMatrix(browser, base, answer, more = {}) {
	return browser.open(base, where + (more.query ?? ''), {...more,
	    prepare: async (context) => {
		await context.addInitScript(spy);
		await pretend(context, {'/api/v1/matrix/': answer,
		    '/api/v1/spark/': {points: []}, '/api/v1/series/': {},
		    ...more.answers});
	}});
}

async function tell(page, kind, data) {
	await page.evaluate(([k, d]) => window.tell(k, d), [kind, data]);
}

async function cells(page) {
	const [answer, seen] = await see(page, readCanvas);
	return [answer, cutCells(seen)];
}

export const checks = {
	async 'live: three cells that changed are repainted, no other'(browser,
	    {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		const [, before] = await cells(page);
		const changed = [1, 25, 399 - 21];
		await page.evaluate(() => {
			window.painted = [];
		});
		await tell(page, 'cells', delta(answer, [[1, 0.35, 'ok'],
		    [25, null, 'unreachable'], [399 - 21, 0.15, 'stale']]));
		const [now, after] = await cells(page);
		before.cells.forEach((cell, i) => assert.equal(
		    cell.equals(after.cells[i]), !changed.includes(i),
		    `cell ${i}`));
		assert.deepEqual([now.grade[1], now.states[now.state[25]]],
		    [5, 'unreachable']);
		const painted = await page.evaluate('window.painted');
		assert.deepEqual(painted, changed.map((i) =>
		    [i % SIZE * after.size, Math.floor(i / SIZE) * after.size,
			after.size, after.size]));
	},

	async 'live: scroll, cursor and note stay'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer,
		    {query: '?cell=48'});
		await page.evaluate('scrollTo(0, 200)');
		const box = await page.locator('#cells').boundingBox();
		await page.mouse.move(box.x + 48 * 3.5, box.y + 48 * 10.5);
		const note = () => page.locator('#tip').innerText();
		assert.match(await note(), /s0010 → s0003/);
		await tell(page, 'cells', delta(answer, [[203, 0.123, 'ok']]));
		assert.match(await note(), /s0010 → s0003[^]*123 ms/);
		assert.equal(await page.evaluate('scrollY'), 200);
		assert.ok(await page.locator('.cursor').isVisible());
	},

	async 'live: the legend counts what is told'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		const told = delta(answer, [[1, 0.35, 'ok']]);
		told.summary = {...answer.summary, grades: [1, 2, 3, 4, 5, 678]};
		await tell(page, 'cells', told);
		assert.match(await page.locator('#legend').innerText(),
		    /bad ≥ 300 ms\s*·?\s*678/);
	},

	async 'live: what comes before the matrix is not lost'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		let release;
		const gate = new Promise((resolve) => {
			release = resolve;
		});
		await page.context().route(/api\/v1\/matrix/, async (route) => {
			await gate;
			await route.fulfill({contentType: 'application/json',
			    body: JSON.stringify(answer)});
		});
		const asked = page.waitForRequest(/api\/v1\/matrix/);
		await page.selectOption('#stat', 'p95');
		await asked;
		const told = delta(answer, [[1, 0.35, 'ok']]);
		await tell(page, 'cells', told);
		release();
		await seeUntil(page, () => 0, (now) => now.value[1] === 0.35,
		    'the change');
	},

	async 'live: a matrix that could not be had is asked for again'(browser,
	    {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		let refused = 0;
		await page.context().route(/api\/v1\/matrix/, (route) =>
		    refused++ ? route.fallback() : route.fulfill({status: 500,
			contentType: 'application/problem+json',
			body: JSON.stringify({detail: 'no memory left'})}));
		await page.selectOption('#stat', 'p95');
		await page.waitForSelector('#trouble:not([hidden])');
		// the stream is well: what it says is no answer to the question
		await tell(page, 'tick', {generated: Date.now() / 1000});
		assert.match(await page.locator('#trouble').innerText(),
		    /no memory left/);
		await page.evaluate(() => { // and goes on where it was
			window.EventSource.prototype.say = function (kind, data, id) {
				this.dispatchEvent(new MessageEvent(kind, {data:
				    JSON.stringify({...data, resumed: true}),
				lastEventId: id ?? 'x-9'}));
			};
		});
		await page.waitForSelector('#trouble', {state: 'hidden'});
		assert.ok(refused > 1, 'asked again');
		await tell(page, 'cells', delta(answer, [[1, 0.35, 'ok']]));
		await seeUntil(page, () => 0, (now) => now.value[1] === 0.35,
		    'the change');
		browser.forgive();
	},

	async 'live: a silent box is struck when it is told'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		const told = delta(answer, []);
		told.silent = ['s0003'];
		await tell(page, 'cells', told);
		assert.deepEqual(await page.locator('#matrix .silent')
		    .evaluateAll((all) => all.map((span) => span.title)),
		['s0003', 's0003']);
		assert.match(await page.locator('#silent').innerText(), /s0003/);
	},

	async 'live: unheard of, what grows too old becomes stale'(browser,
	    {base}) {
		const {tests} = await (await fetch(`${base}/api/v1/fleet`)).json();
		const answer = answerOf({cellAt: (row, column) => row === column ?
		    {value: null, state: 'self'} : {value: 0.02, state: 'ok',
			age: row ? tests[0].stale_after - 1 : 0}});
		const page = await openMatrix(browser, base, answer);
		await page.evaluate(() => {
			window.streams.at(-1).readyState = 0;
			window.streams.at(-1).onerror();
		});
		await page.waitForSelector('#trouble:not([hidden])');
		const [now] = await seeUntil(page, () => 0, (seen) =>
		    seen.states[seen.state[SIZE]] === 'stale', 'stale cells');
		assert.equal(now.states[now.state[1]], 'ok'); // younger
		assert.match(await page.locator('#trouble').innerText(),
		    /Connection lost/);
	},

	async 'live: a hidden tab lets its stream go and resumes it'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, answerOf());
		const hide = (hidden) => page.evaluate((value) => {
			Object.defineProperty(document, 'hidden',
			    {value, configurable: true});
			document.dispatchEvent(new Event('visibilitychange'));
		}, hidden);
		await hide(true);
		assert.equal(await page.evaluate('streams[0].readyState'), 2);
		await hide(false);
		await page.waitForFunction(() => window.streams.length === 2);
		assert.match(await page.evaluate('streams[1].url'), /last=x-1/);
	},

	async 'live: a reset asks for the matrix again'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		await page.clock.install();
		const asked = page.waitForRequest(/api\/v1\/matrix/);
		await tell(page, 'reset', {generated: Date.now() / 1000});
		await page.clock.fastForward(11000);
		await asked;
	},

	async 'live: an answer that the browser has is as good as one of now'(
	    browser, {base}) {
		const page = await browser.open(base, '/matrix/core');
		const [{generated}] = await see(page, () => 0);
		const time = () => page.evaluate(() => Date.parse(document
		    .getElementById('updated').dateTime) / 1000);
		await page.waitForFunction((then) => Date.now() / 1000 >
		    then + 2.5, generated);
		const began = Date.now() / 1000;
		const [reply] = await Promise.all([page.waitForResponse(
		    /api\/v1\/matrix/), page.reload()]);
		assert.ok(reply.headers().etag.startsWith('W/'));
		const [again] = await see(page, () => 0);
		assert.ok(again.told >= Math.floor(began), 'it is told anew');
		assert.ok(await time() >= Math.floor(began));
	},
};
