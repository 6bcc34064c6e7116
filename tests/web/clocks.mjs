// Checks of the page of clocks, with made-up findings.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
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
