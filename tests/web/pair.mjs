// Checks of the pair page.
import assert from 'node:assert/strict';
import {rgb, see, seeUntil, shown} from './browser.mjs';

const PAIR = '/pair/mesh-ping/tok/nyc';

// In the page: a chart's pixels, where its plot is, and the colours.
export function readChart(metric = 'rtt') {
	const canvas = document.querySelector(`[data-metric="${metric}"]`);
	const style = getComputedStyle(document.documentElement);
	const colour = (name) => style.getPropertyValue(name).trim();
	return {width: canvas.width, plot: canvas.plot,
	    pixels: window.pixelsOf(canvas),
	    back: colour('--back'), accent: colour('--accent'),
	    line: colour('--line')};
}

export class Chart {
	constructor(seen) {
		Object.assign(this, seen);
		this.data = Buffer.from(seen.pixels, 'base64');
		Object.assign(this, seen.plot);
	}

	x(t) {
		return this.left + (t - this.from) / (this.to - this.from) *
		    (this.right - this.left);
	}

	y(value) {
		return this.bottom - (value - this.low) /
		    (this.high - this.low) * (this.bottom - this.top);
	}

	is(x, y, [r, g, b]) {
		const at = (Math.round(y) * this.width + Math.round(x)) * 4;
		return Math.abs(this.data[at] - r) + Math.abs(this.data[at + 1] -
		    g) + Math.abs(this.data[at + 2] - b) < 30;
	}

	colour(x, y) {
		const at = (Math.round(y) * this.width + Math.round(x)) * 4;
		return [...this.data.subarray(at, at + 3)];
	}

	// How often the colour changes from one pixel to the next below.
	changes(x, top, bottom) {
		let found = 0;
		for (let y = top; y < bottom; y++)
			found += String(this.colour(x, y)) !==
			    String(this.colour(x, y + 1));
		return found;
	}

	// How many pixels of a column have this colour.
	count(x, colour) {
		let found = 0;
		for (let y = this.top; y < this.bottom; y++)
			found += this.is(x, y, colour);
		return found;
	}
}

// Runs of rows whose values are null (or are not), inside of the plot.
function runs(answer, chart, isNull) {
	const column = answer.metrics.rtt.columns.p50;
	const found = [];
	let run = null;
	column.forEach((value, i) => {
		const begins = answer.start + i * answer.step;
		if ((value === null) !== isNull || begins < chart.from ||
		    begins + answer.step > chart.to)
			run = null;
		else if (run)
			run[1] = i;
		else
			found.push(run = [i, i]);
	});
	return found;
}

async function openChart(browser, base, metric = 'rtt') {
	const now = Math.floor(Date.now() / 1000); // and stays there
	const page = await browser.open(base,
	    `${PAIR}?from=${now - 3600}&to=${now}`);
	const [answer, seen] = await see(page, readChart, metric);
	return {page, answer, chart: new Chart(seen)};
}

export const checks = {
	async 'pair: a line goes through the values'(browser, {base}) {
		const {answer, chart} = await openChart(browser, base);
		const column = answer.metrics.rtt.columns.p50;
		const rows = runs(answer, chart, false).flatMap(([a, b]) =>
		    Array.from({length: b - a + 1}, (_, k) => a + k));
		assert.ok(rows.length >= 4, `${rows.length} rows`);
		for (const i of rows) {
			const x = chart.x(answer.start + (i + 0.5) * answer.step);
			const y = chart.y(column[i]);
			const near = [-2, -1, 0, 1, 2].some((d) =>
			    [-1, 0, 1].some((e) =>
				chart.is(x + e, y + d, rgb(chart.accent))));
			assert.ok(near, `row ${i}: no line at ${x}, ${y}`);
		}
	},

	async 'pair: a gap stays a gap, and is hatched'(browser, {base}) {
		const {answer, chart} = await openChart(browser, base);
		const gaps = runs(answer, chart, true)
		    .filter(([first, last]) => last > first);
		assert.ok(gaps.length > 0, 'the series has no gap');
		const [first, last] = gaps[0];
		const from = chart.x(answer.start + first * answer.step) + 2;
		// the line is wider than where it ends
		const to = chart.x(answer.start + (last + 1) * answer.step) - 8;
		let hatched = 0;
		for (let x = Math.ceil(from); x < to; x++) {
			assert.equal(chart.count(x, rgb(chart.accent)), 0,
			    `the line crosses the gap at ${x}`);
			hatched += chart.count(x, rgb(chart.line));
		}
		assert.ok(hatched > 50, `${hatched} pixels of hatch`);
	},

	async 'pair: no loss is a line at zero, not nothing'(browser, {base}) {
		const {answer, chart} = await openChart(browser, base, 'loss');
		const row = answer.metrics.loss.columns.ratio.findIndex(
		    (value) => value === 0);
		const x = chart.x(answer.start + (row + 0.5) * answer.step);
		assert.ok(chart.is(x, chart.bottom - 1, rgb(chart.accent)));
	},

	async 'pair: the last values are in words, with units'(browser, {base}) {
		const page = await browser.open(base, PAIR);
		const words = await page.locator('#now').innerText();
		assert.match(words, /rtt p50\s+[\d.]{1,4} (µs|ms)/);
		assert.match(words, /loss\s+0 %/);
		assert.match(words, /\d+ s ago/);
	},

	async 'pair: the consolidation is named'(browser, {base}) {
		const page = await browser.open(base, PAIR);
		const [answer, words] = await see(page, () =>
		    document.getElementById('consolidation').textContent);
		assert.ok(words.includes(answer.consolidation), words);
	},

	async 'pair: hover tells time and values of that time'(browser, {base}) {
		const {page, answer, chart} = await openChart(browser, base);
		const [, last] = runs(answer, chart, false).at(-1);
		const time = answer.start + (last + 0.5) * answer.step;
		const box = await page.locator('[data-metric=rtt]').boundingBox();
		await page.mouse.move(box.x + chart.x(time), box.y + 60);
		const words = await page.locator('#tip').innerText();
		const begins = new Date((answer.start + last * answer.step) * 1000);
		assert.ok(words.includes(begins.toISOString().slice(11, 19)),
		    words);
		assert.match(words, /rtt p50\s+[\d.]+ (µs|ms)/);
		assert.match(words, /loss\s+0 %/);
	},

	async 'pair: the span is in the address and kept by a reload'(browser,
	    {base}) {
		const page = await browser.open(base, PAIR);
		await page.selectOption('#span', '-24h');
		await seeUntil(page, () => 0, ({from, to}) =>
		    Math.abs(to - from - 86400) < 1, 'a day');
		assert.ok(page.url().endsWith('?from=-24h'));
		await page.reload();
		await shown(page);
		assert.equal(await page.locator('#span').inputValue(), '-24h');
	},

	async 'pair: an absolute span is shown as asked for'(browser, {base}) {
		const to = Math.floor(Date.now() / 1000), from = to - 300;
		const page = await browser.open(base,
		    `${PAIR}?from=${from}&to=${to}`);
		const [answer] = await see(page, () => 0);
		assert.deepEqual([answer.from, answer.to], [from, to]);
	},

	async 'pair: the other direction and the matrix are a click away'(
	    browser, {base}) {
		const page = await browser.open(base, `${PAIR}?window=5m`);
		await page.click('#reverse');
		await page.waitForURL('**/pair/mesh-ping/nyc/tok?window=5m');
		await page.click('#matrix-link');
		await page.waitForURL('**/matrix/mesh-ping?window=5m');
		await shown(page);
	},

	async 'pair: a direction that is not measured is not offered'(browser,
	    {base}) {
		const page = await browser.open(base, '/pair/paths/nyc/steady');
		await see(page, () => 0);
		assert.ok(await page.locator('#reverse').isHidden());
		assert.ok(await page.locator('#back-choice').isHidden());
	},

	async 'pair: one that nobody answers says so'(browser, {base}) {
		const page = await browser.open(base, '/pair/paths/nyc/gone');
		assert.match(await page.locator('#state').innerText(),
		    /✕ unreachable/);
		assert.match(await page.locator('#now').innerText(), /loss\s+100 %/);
	},

	async 'pair: one with a silent end says so'(browser, {base}) {
		const page = await browser.open(base, '/pair/mesh-ping/nyc/syd');
		assert.match(await page.locator('#state').innerText(),
		    /silent: Sydney/);
	},

	async 'pair: one that is not measured is refused with words'(browser,
	    {base}) {
		const page = await browser.open(base, PAIR);
		await page.goto(`${base}/pair/mesh-ping/nyc/nobody`);
		await page.waitForSelector('#trouble:not([hidden])');
		assert.match(await page.locator('#trouble').innerText(),
		    /does not measure from "nyc" to "nobody"/);
		browser.forgive();
	},
};
