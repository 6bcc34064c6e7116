// SPDX-License-Identifier: BSD-2-Clause
// The browser's half of bench/pages; the argument is a collector's address.
import os from 'node:os';
import {Browser} from '../tests/web/browser.mjs';
import {matrix, names, partOf, pretend, random, series, usualCell}
    from '../tests/web/synthetic.mjs';

const [, , base] = process.argv;
const TIMES = 5; // the median of so many
const CELLS = 60;
const STEPS = 40;

// In the page: when the last picture was there, and how long after an event.
function watch() {
	window.painted = 0;
	const real = CanvasRenderingContext2D.prototype.putImageData;
	const after = (done) => requestAnimationFrame(() => {
		const {port1, port2} = new MessageChannel();
		port1.onmessage = () => done(performance.now());
		port2.postMessage(0);
	});
	window.afterPaint = (done) => after(() => after(done));
	CanvasRenderingContext2D.prototype.putImageData = function (...all) {
		if (this.canvas.id === 'cells')
			window.afterPaint((now) => {
				window.painted = now;
			});
		return real.apply(this, all);
	};
	window.drawn = 0; // when the charts of a pair were last painted
	const stroke = CanvasRenderingContext2D.prototype.stroke;
	CanvasRenderingContext2D.prototype.stroke = function (...all) {
		if (this.canvas.dataset.metric && !window.drawing) {
			window.drawing = true;
			window.afterPaint((now) => {
				window.drawing = false;
				window.drawn = now;
			});
		}
		return stroke.apply(this, all);
	};
	window.delays = [];
	window.measure = (kind) => window.addEventListener(kind, (event) =>
	    after((now) => window.delays.push(now - event.timeStamp)), true);
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[
    Math.min(values.length - 1, Math.ceil(q * values.length) - 1)];

function row(what, figure, target) {
	console.log(`${what.padEnd(46)}${figure.toFixed(0).padStart(6)} ms   ` +
	    `<= ${String(target).padEnd(5)}ms${figure > target ? '  OVER' : ''}`);
}

async function open(browser, path, answers) {
	return browser.open(base, path, {prepare: async (context) => {
		await context.addInitScript(watch);
		await pretend(context, {'/api/v1/spark/': {points: []}, ...answers});
	}});
}

// From the last byte of the answer until it is painted.
async function firstPaint(browser, size) {
	const answer = matrix({test: 'core', src: names(size), cellAt: usualCell,
	    also: size > 200 ? [] : ['loss', 'lost', 'sent']});
	const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
	const found = [];
	fleet.tests[0].sources = fleet.tests[0].destinations = answer.src;
	for (let i = 0; i < TIMES; i++) {
		const page = await open(browser, '/matrix/core', {
		    '/api/v1/fleet': JSON.stringify(fleet),
		    '/api/v1/matrix/': (url) =>
			JSON.stringify(partOf(answer, url))});
		await page.waitForFunction(() => window.painted > 0,
		    null, {timeout: 60000});
		found.push(await page.evaluate(() => window.painted -
		    performance.getEntriesByType('resource').find((entry) =>
			entry.name.includes('/api/v1/matrix/')).responseEnd));
		if (i < TIMES - 1)
			await page.context().close();
	}
	return quantile(found, 0.5);
}

async function hover(browser) {
	const page = browser.contexts.at(-1).pages()[0];
	const roll = random(3);
	const view = page.viewportSize();
	const box = await page.locator('#cells').boundingBox();
	await page.evaluate(() => window.measure('mousemove'));
	for (let i = 0; i < CELLS; i++) {
		await page.mouse.move(box.x + roll() * Math.min(box.width,
		    view.width - 10 - box.x), box.y + roll() *
		    Math.min(box.height, view.height - 10 - box.y));
		await page.waitForFunction((n) => window.delays.length > n, i);
	}
	return quantile(await page.evaluate('window.delays'), 0.95);
}

async function pair(browser) {
	const to = Math.floor(Date.now() / 60000) * 60, from = to - 86400;
	const answer = series({test: 'core', src: 'nyc', dst: 'lon', from, to,
	    step: 60});
	const found = [];
	let page;
	for (let i = 0; i < TIMES; i++) {
		page = await open(browser,
		    `/pair/core/nyc/lon?from=${from}&to=${to}`,
		    {'/api/v1/series/': answer});
		await page.waitForFunction(() => window.drawn > 0);
		found.push(await page.evaluate(() => window.drawn -
		    performance.getEntriesByType('resource').filter(({name}) =>
			name.includes('/api/v1/series/')).at(-1).responseEnd));
	}
	await page.evaluate(() => window.measure('wheel'));
	const box = await page.locator('.u-over').first().boundingBox();
	await page.mouse.move(box.x + box.width / 3, box.y + 50);
	for (let i = 0; i < STEPS; i++) {
		await page.mouse.wheel(0, i < STEPS / 2 ? -100 : 100);
		await page.waitForFunction((n) => window.delays.length > n, i);
	}
	const delays = await page.evaluate('window.delays');
	return [quantile(found, 0.5), quantile(delays, 0.5),
	    quantile(delays, 0.95)];
}

const browser = await Browser.launch();
console.log(`Pages painted, ${os.cpus().length} processors, load ` +
    `${os.loadavg()[0].toFixed(1)}; median of ${TIMES}`);
row('70 x 70, after the answer', await firstPaint(browser, 70), 300);
row('200 x 200, after the answer', await firstPaint(browser, 200), 600);
row(`200 x 200, hover, p95 of ${CELLS}`, await hover(browser), 100);
row('1000 x 1000, after the answer', await firstPaint(browser, 1000), 2000);
const [day, step, slow] = await pair(browser);
row('a day of minutes of a pair, after the answer', day, 300);
row(`a step of zoom, median of ${STEPS}`, step, 50);
row(`a step of zoom, p95 of ${STEPS}`, slow, 50);
await browser.close();
