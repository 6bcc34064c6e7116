// Checks of what a pair's page says of the span that is shown: figures, gaps of
// boxes, what is usual, by which clock.
import assert from 'node:assert/strict';
import {rgb, see} from './browser.mjs';
import {pretend} from './synthetic.mjs';
import {answerFor, chartOf, END, PAIR, RANGE} from './zoom.mjs';

const WHOLE = {from: END - 86400, rows: 1400, metrics: {
    rtt: {min: 0.08, p50: 0.0959, p95: 0.0978, p99: 0.12, max: 0.1402},
    loss: {ratio: 10 / 86400, part: 10, of: 86400}}};
const GAP = {agent: 'nyc', start: END - 7200, end: END - 3600, outcome: 'gap',
    why: 'pharosd was <b>stopped</b>'};

async function open(browser, base, {query = RANGE, answers = {}, ...more} = {}) {
	return browser.open(base, `${PAIR}?${query}`, {...more,
	    prepare: (context) => pretend(context, {
		'/api/v1/series/': answerFor((made) => {
			made.whole = WHOLE;
		}),
		'/api/v1/records': (url) =>
		    url.searchParams.get('src') === 'nyc' &&
		    url.searchParams.get('outcome') === 'gap' ?
			`${JSON.stringify(GAP)}\n` : '', ...answers})});
}

const words = (page, id) => page.locator(`#${id}`).innerText();

export const checks = {
	async 'span: its figures are under the charts'(browser, {base}) {
		const page = await open(browser, base);
		assert.match((await words(page, 'whole')).replace(/\s+/g, ' '),
		    new RegExp('In this span rtt min 80 ms p50 95\\.9 ms p95 ' +
			'97\\.8 ms p99 120 ms max 140 ms p95 − p50 1\\.9 ms ' +
			'loss 0\\.0116 % 10 / 86400 measured 97\\.2 %'));
	},

	async 'span: nothing is said of nothing'(browser, {base}) {
		const page = await open(browser, base, {answers: {
		    '/api/v1/series/': answerFor((made) => {
			made.whole = {rows: 0, metrics: {rtt: {}, loss: {}}};
		    })}});
		assert.equal(await words(page, 'whole'), '');
	},

	async 'span: a gap of a box is on the axis, in the note and in words'(
	    browser, {base}) {
		const page = await open(browser, base);
		await page.waitForSelector('#gaps li');
		assert.match(await words(page, 'gaps'),
		    /Z ⌁ nyc was not there: pharosd was <b>stopped<\/b>/);
		const alarm = await page.evaluate(() => getComputedStyle(
		    document.documentElement).getPropertyValue('--alarm'));
		const [, chart] = await chartOf(page);
		const isMarked = (of, t) => of.is(of.x(t), of.top + 2,
		    rgb(alarm.trim()));
		assert.ok(isMarked(chart, GAP.start + 1800));
		assert.ok(!isMarked(chart, GAP.start - 1800));
		const box = await page.locator('[data-metric=rtt]').boundingBox();
		await page.mouse.move(box.x + chart.x(GAP.start + 1800),
		    box.y + 60);
		assert.match(await words(page, 'tip'), /nyc was not there/);
		await page.click('#layer-gaps');
		assert.match(page.url(), /hide=gaps/);
		assert.ok(!isMarked((await chartOf(page))[1], GAP.start + 1800));
		assert.ok(await page.locator('#gaps').isHidden());
	},

	async 'span: what nobody answered is tinted, named and explained'(
	    browser, {base}) {
		const [first, last] = [1380, 1439];
		const page = await open(browser, base, {query: 'from=-24h', answers: {
		    '/api/v1/series/': answerFor((made) => {
			made.unanswered = [[first, last]];
			made.why = 'No route to <b>host</b>';
			for (const {columns} of Object.values(made.metrics))
				for (const column of Object.values(columns))
					column.fill(null, first);
			made.to = made.generated = Date.now() / 1000;
			made.stale_after = 1e9;
		    })}});
		assert.match(await words(page, 'state'), /unreachable.* · No route to <b>host<\/b>/);
		const [answer, chart] = await chartOf(page);
		const tint = ([x, y]) => chart.colour(x, y).join();
		const of = (row) => Math.round(chart.x(answer.start +
		    (row + 0.5) * answer.step));
		const [x, y] = [of(1410), chart.top + 30];
		for (let dx = -6; dx < 6; dx++)
			assert.equal(tint([x + dx, y]), tint([x, y]), 'a hatch');
		assert.notEqual(tint([x, y]), rgb(chart.back).join());
		const box = await page.locator('[data-metric=rtt]').boundingBox();
		await page.mouse.move(box.x + x, box.y + 60);
		assert.match(await words(page, 'tip'), /✕ nobody answered/);
	},

	async 'span: bands can be left out, and the scale is of the line then'(
	    browser, {base}) {
		const page = await open(browser, base);
		const [, before] = await chartOf(page);
		await page.click('#layer-bands');
		const [answer, after] = await chartOf(page);
		assert.match(page.url(), /hide=bands/);
		assert.ok(after.high - after.low < before.high - before.low);
		const row = Math.floor(answer.count / 4);
		const x = Math.round(after.x(answer.start + row * answer.step));
		const colours = new Set();
		for (let y = after.top + 6; y < after.bottom; y++)
			colours.add(String(after.colour(x, y)));
		assert.ok(colours.size < 12, `${colours.size} colours: no band`);
		await page.reload();
		await see(page, () => 0);
		assert.equal(await page.getAttribute('#layer-bands',
		    'aria-pressed'), 'false');
		await page.click('#layer-bands');
		assert.doesNotMatch(page.url(), /hide/);
	},

	async 'span: a picture of it is a click away, in the theme in use'(
	    browser, {base}) {
		const page = await open(browser, base,
		    {colorScheme: 'dark'});
		const href = new URL(await page.getAttribute('#png', 'href'),
		    base);
		const query = href.searchParams;
		assert.equal(href.pathname, '/graph/core/nyc/lon.png');
		assert.deepEqual(['from', 'to', 'theme'].map((name) =>
		    query.get(name)), [String(END - 86400), String(END), 'dark']);
		const reply = await page.request.get(href.href);
		// made-up numbers have no history
		assert.ok([200, 404].includes(reply.status()), reply.status());
		await page.click('#theme');
		assert.match(await page.getAttribute('#png', 'href'),
		    /theme=light/);
		const other = await open(browser, base, {locale: 'zh-CN'});
		assert.match(await other.getAttribute('#png', 'href'),
		    /lang=zh-CN/);
	},

	async 'span: what is usual stands beside what is now'(browser, {base}) {
		const asked = [];
		const page = await open(browser, base, {query: 'from=-24h', answers: {
		    '/api/v1/matrix/core': (url) => {
			asked.push(url.search);
			return {unit: 's', value: [0.12], base: [0.1],
			    change: [0.2], step: [4],
			    baseline: {complete: true}};
		    }}});
		await page.waitForSelector('#now .usual');
		assert.match((await page.locator('#now .usual').innerText())
		    .replace(/\s+/g, ' '), /usually 100 ms \+20 %/);
		assert.match(asked[0], /metric=rtt&ref=base&tile=\d%2C\d%2C1/);
	},

	async 'span: the clock is UTC or the reader\'s own, by the address'(
	    browser, {base}) {
		const page = await open(browser, base,
		    {timezoneId: 'Asia/Kathmandu'});
		const updated = () => words(page, 'updated');
		assert.match(await updated(), /\d\dZ$/);
		assert.match(await words(page, 'consolidation'), /Times are UTC/);
		await page.click('#zone');
		await page.waitForURL('**tz=local**');
		await see(page, () => 0);
		assert.match(await updated(), /\+05:45$/);
		assert.match(await words(page, 'consolidation'),
		    /Times are local \(\+05:45\)/);
		const wanted = new Date((GAP.start + 20700) * 1000).toISOString()
		    .slice(0, 19).replace('T', ' ');
		await page.waitForSelector('#gaps li');
		assert.ok((await words(page, 'gaps'))
		    .startsWith(`${wanted}+05:45`));
		for (const link of ['#matrix-link', '#reverse', '.home'])
			assert.match(await page.getAttribute(link, 'href'),
			    /tz=local/, link);
		await page.click('#zone');
		await page.waitForURL((url) => !url.search.includes('tz='));
	},
};
