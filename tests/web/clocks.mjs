// Checks of the page of clocks, with made-up findings.
import assert from 'node:assert/strict';
import {rgb, see} from './browser.mjs';
import {pretend, series} from './synthetic.mjs';

const AT = 1795300000;
const pattern = {pairs: 7, peers: 7, agree: 7, against: 0, claims: 8, trust: 7,
    spread: 20e-6, excess: 0.004, asymmetry: 0.008, proof: 0};

export const clocks = () => ({generated: Date.now() / 1000, at: AT, took: 0.01,
	boxes: [
		{name: 'lon', says: {source: 'gps', error: 1e-6},
			verdict: 'fine', reason: 'agrees', offset: -2e-5,
			error: 5e-4, least: -0.001, most: 0.001, rate: 1e-8,
			rate_error: 2e-8, group: 'lon', ...pattern},
		{name: 'nyc', says: {source: 'chrony', error: 5e-4},
			verdict: 'wrong', reason: 'all-pairs', since: AT - 300,
			offset: 0.005, error: 5e-4, least: -0.002, most: 0.011,
			rate: -1.2e-6, rate_error: 1e-7, group: 'lon', ...pattern},
	]});

// An hour of a clock that nothing kept right for ten minutes, and that was set once.
const LOST = [20, 30], SET = 40;
const isLost = (i) => i >= LOST[0] && i < LOST[1];

export function course({pathname, searchParams}) {
	const to = Math.floor(Date.now() / 60000) * 60, count = 60;
	const [test, src, dst] = pathname.split('/').slice(-3);
	const row = (of) => Array.from({length: count}, (_, i) => of(i));
	return {generated: Date.now() / 1000, test, probe: 'clock', src, dst,
	    family: 4, from: to - 3600, to, start: to - 3600, step: 60, count,
	    stale_after: 300, consolidation: 'bins of 60 s',
	    asked: searchParams.get('from'), metrics: {
		bound: {kind: 'value', unit: 's', columns:
		    {max: row((i) => isLost(i) ? null : 0.001 + i * 1e-5),
			mean: row((i) => isLost(i) ? null : 0.001)}},
		frequency: {kind: 'value', unit: 'ratio', columns:
		    {mean: row((i) => isLost(i) ? null : -12e-6 - i * 1e-8)}},
		sync: {kind: 'ratio', unit: 'ratio', columns:
		    {ratio: row((i) => isLost(i) ? 0 : 1)}},
		steps: {kind: 'count', unit: '1', columns:
		    {sum: row((i) => i === SET ? 1 : 0)}}}};
}

const inOneChart = (page, metric) => page.waitForFunction((name) =>
    document.querySelector(`#courses canvas[data-metric=${name}]`)?.plot, metric);

// Of a chart: the colour in the middle of an interval, so far from its top.
const colourAt = (page, metric, minute, down) => page.evaluate(
    ([name, i, share]) => {
	    const canvas = document.querySelector(
		`#courses canvas[data-metric=${name}]`);
	    const {left, right, top, bottom} = canvas.plot;
	    const x = left + (right - left) * (i + 0.5) / 60;
	    return [...canvas.getContext('2d').getImageData(Math.round(x),
		Math.round(top + (bottom - top) * share), 1, 1).data]
		.slice(0, 3);
    }, [metric, minute, down]);

async function open(browser, base, path = '/clocks', answer = clocks()) {
	const page = await browser.open(base, path, {prepare: (context) =>
	    pretend(context, {'/api/v1/clocks': answer})});
	await see(page, () => 0);
	return page;
}

const rows = (page) => page.locator('#clocks tbody tr').allInnerTexts();

export const checks = {
	async 'clocks: who is named comes first, with the evidence'(browser,
	    {base}) {
		const page = await open(browser, base);
		const [first, second] = await rows(page);
		assert.match(first, new RegExp('^nyc\\s+chrony, ± 500 µs\\s+' +
		    '\\+5 ms ± 500 µs\\s+−2 ms to \\+11 ms\\s+' +
		    '−1\\.200 ± 0\\.100\\s+wrong\\s+2026-11-21 .*Z\\s+' +
		    '7 of 7 pairs show it, 0 are against it; routes would all ' +
		    'have to be longer by 8 ms one way$'));
		assert.match(second, /^lon\s+gps, ± 1 µs\s+−20 µs .*\s+fine\s/);
		assert.match(await page.locator('#health').innerText(),
		    /^◷ nyc is wrong: \+5 ms since 2026-11-21/);
		assert.equal(await page.locator('#verdicts dt').count(), 6);
	},

	async 'clocks: a word of the operator is said to be one'(browser, {base}) {
		const answer = clocks();
		answer.boxes[0].says = {source: 'operator', error: 5e-5,
		    reference: 'one clock <b>for</b> all'};
		const page = await open(browser, base, '/clocks', answer);
		assert.match((await rows(page))[1], new RegExp('^lon\\s+vouched for ' +
		    'by the operator \\(one clock <b>for</b> all\\), ± 50 µs\\s'));
	},

	async 'clocks: it says when nothing has been judged'(browser, {base}) {
		const page = await open(browser, base, '/clocks', {generated: 1,
		    at: null, boxes: [{name: 'nyc', says: null, verdict: null}]});
		assert.match(await page.locator('#about').innerText(),
		    /No clock has been judged/);
		assert.match((await rows(page))[0], /nyc.*not judged yet/s);
		assert.equal(await page.locator('#health').innerText(), '');
	},

	async 'clocks: a tick asks again'(browser, {base}) {
		let answer = clocks();
		const page = await open(browser, base, '/clocks', () => answer);
		answer = clocks();
		answer.boxes[1].verdict = 'fine';
		answer.boxes[1].reason = 'agrees';
		answer.boxes[1].before = [{verdict: 'wrong', since: AT - 300,
		    until: AT, offset: -0.005}];
		await page.evaluate(() => window.tell('tick',
		    {generated: Date.now() / 1000}));
		await page.waitForFunction(() => /No clock is named/.test(
		    document.getElementById('health').innerText));
		assert.match(await page.locator('#health').innerText(), new RegExp(
		    'nyc was wrong: −5 ms, from 2026-11-21 .*Z to 2026-11-21'));
	},

	async 'clocks: a pair says how its two clocks part'(browser, {base}) {
		const known = {src: 'nyc', dst: 'lon', skew: -1.5e-6,
		    error: 2e-7, offset: 0.004, bound: 0.02,
		    impossible: false, crooked: true};
		const answers = [known, {why: 'too few points'}];
		const to = Math.floor(Date.now() / 60000) * 60;
		const page = await browser.open(base, '/pair/core/nyc/lon',
		    {prepare: (context) => pretend(context, {
			'/api/v1/skew/': () => answers.shift(),
			'/api/v1/series/': series({test: 'core', src: 'nyc',
			    dst: 'lon', from: to - 3600, to, step: 60})})});
		await see(page, () => 0);
		// ping has no delay between two clocks
		assert.ok(await page.locator('#skew').isHidden());
		const words = (span) => page.evaluate(async (name) => {
			const {Skew} = await import('/static/skew.js');
			await new Skew('core', 'nyc', 'lon').ask(0, 1, name,
			    (box) => box.toUpperCase());
			return document.getElementById('skew').innerText;
		}, span);
		assert.equal(await words('a'), 'Clocks: LON gains −1.500 ± ' +
		    '0.200 ppm on NYC; ahead by +4 ms ± 20 ms, if the least ' +
		    'delays of both directions are equal. The two directions ' +
		    'do not mirror each other: it is not the clocks alone.');
		assert.equal(await words('b'), 'How the two clocks part is not ' +
		    'known: too few intervals in both directions.');
	},

	async 'clocks: the course of each is drawn, and leads to all of it'(browser,
	    {base}) {
		for (const theme of ['light', 'dark']) {
			const asked = [];
			const page = await browser.open(base, '/clocks',
			    {colorScheme: theme, prepare: (context) => pretend(
				context, {'/api/v1/clocks': clocks(),
				    '/api/v1/series/clock/': (url) => {
					asked.push(url);
					return course(url);
				    }})});
			await see(page, () => 0);
			await inOneChart(page, 'bound');
			await inOneChart(page, 'frequency');
			// as in the table, and none that is not asked for
			assert.deepEqual(await page.locator('#courses figcaption')
			    .allInnerTexts(), ['nyc', 'lon']);
			assert.equal(asked[0].searchParams.get('from'), '-24h');
			assert.deepEqual(asked[0].searchParams.get('metric')
			    .split(','), ['bound', 'frequency', 'sync', 'steps']);
			const back = await colourAt(page, 'bound', 10, 0.1);
			assert.notDeepEqual(
			    await colourAt(page, 'bound', 25, 0.1), back);
			assert.deepEqual(await colourAt(page, 'bound', SET, 0.01),
			    rgb(await page.evaluate(() => getComputedStyle(
				document.documentElement)
				.getPropertyValue('--alarm').trim())));
			await Promise.all([page.waitForRequest((request) =>
			    /series.clock.*from=-7d/.test(request.url())),
			page.selectOption('#span', '-7d')]);
			assert.equal(new URL(page.url()).search, '?from=-7d');
			const to = '/pair/clock/nyc/localhost';
			assert.equal(await page.locator('#clocks a').first()
			    .getAttribute('href'), to);
			await page.locator('#courses a').first().click();
			await page.waitForURL(`**${to}?from=-7d`);
		}
	},

	async 'clocks: the overview leads there, in both languages'(browser,
	    {base}) {
		const page = await open(browser, base, '/');
		await page.click('#boxes a');
		await page.waitForURL('**/clocks');
		await see(page, () => 0);
		await page.click('#language');
		await page.waitForFunction(() =>
		    document.documentElement.lang === 'zh-CN');
		await see(page, () => 0);
		assert.match((await rows(page))[0],
		    /有误\s+2026-11-21 .*7 对中 7 对显示如此/s);
	},
};
