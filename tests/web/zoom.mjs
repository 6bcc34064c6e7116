// Checks of the charts of a pair, on a day of made-up minutes.
import assert from 'node:assert/strict';
import {rgb, scales, see, seeUntil} from './browser.mjs';
import {Chart, readChart} from './pair.mjs';
import {pretend, series} from './synthetic.mjs';

const DAY = 86400, STEP = 60;
export const PAIR = '/pair/core/nyc/lon';

// Ends at a whole minute some time ago, so that nothing moves.
export const END = Math.floor(Date.now() / 60000) * 60 - 7200;
export const RANGE = `from=${END - DAY}&to=${END}`;

export function answerFor(change) {
	return (url) => {
		const from = Number(url.searchParams.get('from'));
		const to = Number(url.searchParams.get('to'));
		const made = series({test: 'core', src: 'nyc', dst: 'lon',
		    from: END - DAY, to: END, step: STEP});
		const isBack = url.pathname.endsWith('/lon/nyc');
		if (Number.isFinite(from) && Number.isFinite(to))
			Object.assign(made, {from, to});
		change?.(made, isBack);
		return made;
	};
}

async function open(browser, base, query = RANGE, change = null) {
	return browser.open(base, `${PAIR}?${query}`, {prepare: (context) =>
	    pretend(context, {'/api/v1/series/': answerFor(change)})});
}

export async function chartOf(page, metric = 'rtt') {
	const [answer, seen] = await see(page, readChart, metric);
	return [answer, new Chart(seen)];
}

const range = (page) => {
	const query = new URL(page.url()).searchParams;
	return [Number(query.get('from')), Number(query.get('to'))];
};

// Until the address has a range that begins there and is so long.
const until = (page, begin, long) => page.waitForURL((url) => {
	const [from, to] = ['from', 'to'].map((name) =>
	    Number(url.searchParams.get(name)));
	return Math.abs(from - begin) < 2 && Math.abs(to - from - long) < 2;
});

// Zoomed into two hours around 06:00 of that day: 20 pixels a minute.
const CLOSE = `from=${END - DAY + 21600}&to=${END - DAY + 21600 + 3000}`;

export const checks = {
	async 'zoom: bands end at the pixels of their quantiles'(browser, {base}) {
		const page = await open(browser, base, CLOSE, (made) => {
			for (const [name, value] of Object.entries({min: 0.05,
			    p5: 0.06, p25: 0.07, p50: 0.08, p75: 0.09, p95: 0.1,
			    max: 0.103}))
				made.metrics.rtt.columns[name].fill(value);
		});
		const [, chart] = await chartOf(page);
		const x = Math.round((chart.left + chart.right) / 2) + 7;
		const at = (value) => Math.round(chart.y(value));
		for (const value of [0.05, 0.06, 0.07, 0.09, 0.1, 0.103]) {
			const edges = [];
			for (let y = at(value) - 6; y < at(value) + 6; y++)
				if (chart.changes(x, y, y + 1))
					edges.push(y + 1);
			// two, where a row of pixels is covered in part
			const middle = (edges[0] + edges.at(-1)) / 2;
			assert.ok(Math.abs(middle - chart.y(value)) <= 1 &&
			    edges.at(-1) - edges[0] <= 1,
			`${value} is at ${chart.y(value)}, not ${edges}`);
		}
		for (const [a, b] of [[0.051, 0.059], [0.061, 0.069],
		    [0.071, 0.078], [0.082, 0.089], [0.091, 0.099]])
			assert.equal(chart.changes(x, at(b), at(a)), 0,
			    `a band between ${a} and ${b}`);
	},

	async 'zoom: p95 decides the scale, not one late packet'(browser,
	    {base}) {
		const page = await open(browser, base, RANGE, (made) => {
			made.metrics.rtt.columns.max[100] = 5;
		});
		const [answer, chart] = await chartOf(page);
		const p95 = Math.max(...answer.metrics.rtt.columns.p95);
		assert.ok(chart.high >= p95 && chart.high < 2 * p95, chart.high);
	},

	async 'zoom: 40 minutes without data are a hatched gap'(browser, {base}) {
		// near zero, too, where nothing drawn as zero would be seen
		for (const less of [0, 0.07]) {
			const page = await open(browser, base, RANGE, (made) => {
				for (const column of Object.values(
				    made.metrics.rtt.columns))
					column.forEach((value, i) => {
						column[i] = value && value - less;
					});
			});
			const [answer, chart] = await chartOf(page);
			const [first, last] = answer.hole;
			const from = chart.x(answer.start + first * STEP) + 2;
			const to = chart.x(answer.start + last * STEP) - 2;
			let hatched = 0;
			for (let x = Math.ceil(from); x < to; x++) {
				assert.equal(chart.count(x, rgb(chart.accent)), 0,
				    `${less}: ${x}`);
				hatched += chart.count(x, rgb(chart.line));
			}
			assert.ok(to - from > 20 && hatched > 50,
			    `${hatched} hatched`);
		}
	},

	async 'zoom: a lone minute in a gap is seen'(browser, {base}) {
		let lone;
		const page = await open(browser, base, RANGE, (made) => {
			lone = made.hole[0] + 20;
			for (const column of Object.values(
			    made.metrics.rtt.columns))
				column[lone] = 0.09;
			made.metrics.loss.columns.ratio[lone] = 0;
		});
		const [answer, chart] = await chartOf(page);
		const x = chart.x(answer.start + (lone + 0.5) * STEP);
		assert.ok([-1, 0, 1].some((d) =>
		    chart.count(x + d, rgb(chart.accent)) > 0));
	},

	async 'zoom: the median has the colour of its loss'(browser, {base}) {
		const row = 375; // in the middle of CLOSE
		const page = await open(browser, base, CLOSE, (made) => {
			made.metrics.loss.columns.ratio.fill(0);
			made.metrics.loss.columns.ratio[row] = 0.2;
		});
		const [answer, chart] = await chartOf(page);
		const {grades} = await scales(page, base);
		const x = chart.x(answer.start + (row + 0.5) * STEP);
		const y = chart.y(answer.metrics.rtt.columns.p50[row]);
		const is = (hex, dx) => [-1, 0, 1].some((d) =>
		    chart.is(x + dx, y + d, rgb(hex)));
		assert.ok(is(grades[5].light, 0), 'a bad minute');
		assert.ok(!is(grades[5].light, 50), 'a fine minute');
	},

	async 'zoom: a drag zooms, the address says so, a double click returns'(
	    browser, {base}) {
		const page = await open(browser, base, 'from=-24h');
		const box = await page.locator('.u-over').first().boundingBox();
		const at = (share) => [box.x + box.width * share, box.y + 80];
		await page.mouse.move(...at(0.25));
		await page.mouse.down();
		await page.mouse.move(...at(0.4), {steps: 3});
		await page.mouse.move(...at(0.5));
		await page.mouse.up();
		await page.waitForURL('**to=*');
		const [from, to] = range(page);
		const [, chart] = await seeUntil(page, readChart,
		    (_, seen) => Math.abs(seen.plot.from - from) < 1, 'the zoom');
		assert.ok(Math.abs(Number(chart.plot.to) - to) < 1);
		assert.ok(to - from > 3600 && to - from < DAY / 3, `${to - from}`);
		assert.equal(await page.locator('#span').inputValue(),
		    String(from));
		await page.mouse.dblclick(...at(0.5));
		await page.waitForURL((url) => url.search === '?from=-24h');
	},

	async 'zoom: the wheel zooms about its place, with Shift it walks'(
	    browser, {base}) {
		const page = await open(browser, base);
		const box = await page.locator('.u-over').first().boundingBox();
		await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
		const wheel = async () => {
			const before = page.url();
			await page.mouse.wheel(0, -100);
			await page.waitForURL((url) => url.href !== before);
		};
		await wheel();
		const [from, to] = range(page);
		assert.ok(Math.abs(to - from - DAY / 1.25) < 2, `${to - from}`);
		assert.ok(Math.abs(from + (to - from) * 0.25 -
		    (END - DAY * 0.75)) < 2, 'the time under it stays');
		await page.keyboard.down('Shift');
		await wheel();
		const [left, right] = range(page);
		assert.ok(Math.abs(right - left - (to - from)) < 2);
		assert.ok(Math.abs(left - (from - (to - from) * 0.1)) < 2);
	},

	async 'zoom: a drag with Shift walks, and nothing is chosen'(browser,
	    {base}) {
		const page = await open(browser, base);
		const box = await page.locator('.u-over').first().boundingBox();
		const at = (share) => [box.x + box.width * share, box.y + 80];
		await page.keyboard.down('Shift');
		await page.mouse.move(...at(0.25));
		await page.mouse.down();
		await page.mouse.move(...at(0.5), {steps: 3});
		await page.mouse.up();
		await page.keyboard.up('Shift');
		// the address is written when the hand rests, be it on its way
		await page.waitForURL((url) => Math.abs(Number(
		    url.searchParams.get('from')) - (END - DAY * 1.25)) < 120);
		const [from, to] = range(page);
		assert.ok(Math.abs(to - from - DAY) < 2, `${to - from}`);
		await page.mouse.move(...at(0.9)); // it is let go:
		await page.keyboard.press('ArrowRight'); // goes on from there
		await until(page, from + DAY * 0.25, DAY);
	},

	async 'zoom: buttons and keys zoom and walk'(browser, {base}) {
		const page = await open(browser, base);
		await page.click('#closer');
		await until(page, END - DAY * 0.75, DAY / 2);
		await page.keyboard.press('-');
		await until(page, END - DAY, DAY);
		await page.click('#earlier');
		await until(page, END - DAY * 1.5, DAY);
		await page.keyboard.press('ArrowRight');
		await until(page, END - DAY * 1.25, DAY);
	},

	async 'zoom: out to the beginning of time nothing is refused'(browser,
	    {base}) {
		const page = await open(browser, base, CLOSE);
		await chartOf(page); // keys mean nothing before
		const asked = page.waitForResponse(/records\?.*outcome=gap.*from=0/);
		for (let i = 0; i < 22; i++)
			await page.keyboard.press('-');
		assert.equal((await asked).status(), 200);
		await page.waitForURL('**?from=0&to=*');
		assert.ok(await page.locator('#trouble').isHidden());
	},

	async 'zoom: what comes in does not move a chosen range'(browser,
	    {base}) {
		const now = Math.floor(Date.now() / 1000);
		const page = await open(browser, base,
		    `from=${now - 3600}&to=${now}`, (made) => {
			made.step = 4; // so that it is asked for soon
		});
		const [, before] = await chartOf(page);
		const again = page.waitForRequest(/api\/v1\/series/);
		await page.evaluate(() => window.tell('cells',
		    {generated: Date.now() / 1000, cells: [1]}));
		await again;
		await page.waitForTimeout(100);
		const [, after] = await chartOf(page);
		assert.deepEqual([after.from, after.to], [before.from, before.to]);
		assert.deepEqual(range(page), [now - 3600, now]);
	},

	async 'zoom: both directions, mirrored and dashed'(browser, {base}) {
		const level = (made, isBack) => {
			for (const column of Object.values(
			    made.metrics.rtt.columns))
				column.fill(isBack ? 0.03 : 0.08);
			made.metrics.loss.columns.ratio.fill(isBack ? 0.2 : 0);
		};
		const dashes = (value) => {
			let seen = 0;
			for (let d = 0; d < 20; d++)
				seen += [-1, 0, 1].some((e) => chart.is(x + d,
				    chart.y(value) + e, rgb(chart.accent)));
			return seen;
		};
		let page = await open(browser, base, `${CLOSE}&rev=mirror`, level);
		let [, chart] = await chartOf(page);
		const x = (chart.left + chart.right) / 2 + 9;
		const has = (value) => [-1, 0, 1].some((d) =>
		    chart.is(x, chart.y(value) + d, rgb(chart.accent)));
		assert.ok(has(0.08) && has(-0.03) && !has(0.03));
		page = await open(browser, base, CLOSE, level);
		[, chart] = await chartOf(page);
		const seen = dashes(0.03);
		assert.ok(seen > 5 && seen < 20, `${seen} of a dashed line`);
		[, chart] = await chartOf(page, 'loss');
		assert.ok(chart.high < 0.1, 'no room for what is not drawn');
		page = await open(browser, base, `${CLOSE}&rev=off`, level);
		[, chart] = await chartOf(page);
		assert.ok(chart.low > 0.03, 'no other direction');
	},

	async 'zoom: the other direction keeps the range'(browser, {base}) {
		const page = await open(browser, base);
		await page.click('#reverse');
		await page.waitForURL(`**/pair/core/lon/nyc?${RANGE}`);
	},

	async 'zoom: t shows all minutes in a table, and back'(browser, {base}) {
		const page = await open(browser, base);
		await page.keyboard.press('t');
		assert.equal(await page.locator('#table tbody tr').count(), 1440);
		assert.match(await page.locator('#table thead').innerText(),
		    /rtt p5\s+rtt p25\s+rtt p50/);
		assert.match(page.url(), /show=table/);
		await page.keyboard.press('t');
		assert.ok(await page.locator('#charts').isVisible());
	},

	async 'zoom: one that opened as a table has its charts behind it'(
	    browser, {base}) {
		const page = await open(browser, base, `${RANGE}&show=table`);
		await see(page, () => 0);
		await page.keyboard.press('t');
		const [answer, chart] = await chartOf(page);
		assert.ok(chart.width > 1000 && answer.count === 1440);
		assert.ok(chart.count((chart.left + chart.right) / 3,
		    rgb(chart.accent)) > 0);
	},

	async 'zoom: a change of theme repaints'(browser, {base}) {
		const page = await open(browser, base);
		const [, light] = await chartOf(page);
		await page.click('#theme');
		const [, dark] = await chartOf(page);
		assert.notEqual(light.back, dark.back);
		assert.deepEqual(dark.colour(dark.left + 3, dark.top + 3).length, 3);
		assert.notEqual(light.pixels, dark.pixels);
	},
};
