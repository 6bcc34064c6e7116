// Checks of a first page that lives, with made-up numbers.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {answerOf} from './live.mjs';
import {delta, matrix, names, pretend} from './synthetic.mjs';

const fine = (r, c) => r === c ? {value: null, state: 'self'} :
    {value: 0.001, state: 'ok'};
const answer = () => matrix({test: 'core', src: names(4), cellAt: fine});

async function open(browser, base, answers = {}) {
	const page = await browser.open(base, '/', {prepare: (context) =>
	    pretend(context, {'/api/v1/matrix/': answer(),
		'/api/v1/spark/': (url) => ({points: url.searchParams
		    .get('pairs').split(',').map(() => [0.01, 0.02])}),
		...answers})});
	await see(page, () => 0);
	return page;
}

const tell = (page, kind, data) => page.evaluate(([k, d]) =>
    window.tell(k, d), [kind, {test: 'core', ...data}]);

// Sooner than a stream on which nothing is heard is opened anew, which asks, too.
const fleetAsked = (page) => page.waitForRequest(/api\/v1\/fleet/,
    {timeout: 10000});

export const checks = {
	async 'overview: one stream tells of all tests'(browser, {base}) {
		const page = await open(browser, base);
		assert.equal(await page.evaluate('streams.length'), 1);
		assert.match(await page.evaluate('streams[0].url'),
		    /tests=core&also=graded&most=40000$/);
	},

	async 'overview: what becomes bad is named, without a question'(browser,
	    {base}) {
		const page = await open(browser, base);
		assert.match(await page.locator('#fine').innerText(),
		    /No pair is poor/);
		const asked = [];
		page.on('request', (request) => asked.push(request.url()));
		const told = delta(answer(), [[1, 0.4, 'ok']]);
		told.summary = {...told.summary, grades: [11, 0, 0, 0, 0, 1]};
		await tell(page, 'cells', told);
		await page.waitForSelector('#worst a');
		assert.match(await page.locator('#worst').innerText(),
		    /s0000 → s0001\s+rtt p50 400 ms, bad/);
		assert.match(await page.locator('.counts').innerText(), /1 bad/);
		assert.match(await page.locator('#health').innerText(),
		    /^1 pair is poor/m);
		assert.deepEqual(asked.filter((url) => !url.includes('spark')), []);
	},

	async 'overview: long names leave room for what is wrong'(browser,
	    {base}) {
		const long = names(3).map((name) => `${name}-${'far-'.repeat(14)}end`);
		const page = await open(browser, base, {'/api/v1/matrix/': matrix(
		    {test: 'core', src: long, cellAt: (r, c) => r === c ? fine(r, c) :
			{value: 0.5, state: 'ok'}})});
		await page.waitForFunction(() => {
			const cells = document.querySelectorAll('#worst tr:first-child td');
			return cells.length === 5 && [...cells].every((cell) => cell
			    .getBoundingClientRect().right <= window.innerWidth);
		});
	},

	async 'overview: what is not heard of is not taken for fine'(browser,
	    {base}) {
		const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
		for (const box of fleet.sites.flatMap((site) => site.boxes))
			Object.assign(box, {state: 'ok', heard: fleet.generated,
			    clock: {source: 'chrony', error: 1e-6}});
		const fresh = answer();
		const page = await open(browser, base, {
		    '/api/v1/fleet': JSON.stringify(fleet),
		    '/api/v1/matrix/': fresh});
		const health = page.locator('#health');
		assert.match(await health.innerText(), /^Nothing is wrong/);
		const told = delta(fresh, [[1, 0.001, 'stale'],
		    [2, null, 'no-data'], [7, 0.001, 'stale']]);
		await tell(page, 'cells', told);
		await page.waitForFunction(() => /^◔ 3 pairs have no fresh finding$/
		    .test(document.getElementById('health').innerText));
		// a silent box has been named already, with all that it explains
		await tell(page, 'cells', {...delta(fresh, []), silent: ['s0000']});
		await page.waitForFunction(() => /^◔ 1 pair has no fresh finding$/
		    .test(document.getElementById('health').innerText));
	},

	async 'overview: it says since when, and what comes and goes'(browser,
	    {base}) {
		const now = Date.now() / 1000;
		const told = [{from: now - 7200, share: 0.97, open: false},
		    {from: now - 3 * 86400, share: 0.4, open: true}, null];
		const bad = (r, c) => r === 0 && c > 0 ?
		    {value: 0.9 - c / 10, state: 'ok'} : fine(r, c);
		const asked = [];
		const page = await open(browser, base, {
		    '/api/v1/matrix/': matrix({test: 'core', src: names(4),
			cellAt: bad}),
		    '/api/v1/spark/': (url) => {
			const pairs = url.searchParams.get('pairs').split(',');
			asked.push(url.searchParams.get('since'));
			return {points: pairs.map(() => [0.01]), since: pairs
			    .map((pair) => told[Number(pair.at(-1)) - 1])};
		    }});
		await page.waitForFunction(() => document.querySelector('.since')
		    ?.textContent);
		assert.deepEqual(new Set(asked), new Set(['poor']));
		const cells = await page.locator('.since').allInnerTexts();
		assert.match(cells[0], /^since (\d\d-\d\d )?\d\d:\d\d \(2 h\)$/);
		assert.match(cells[1], /^before \d\d-\d\d \d\d:\d\d \(≥ 3 d\)\s*off and on$/);
		assert.equal(cells[2], '');
		assert.deepEqual(await page.locator('#worst a').evaluateAll(
		    (all) => all.map((a) => new URL(a.href).search)),
		['', '?from=-7d', ''], 'spans in which its beginning is seen');
		assert.match(await page.locator('.since').nth(1)
		    .getAttribute('title'), /40 % of what was measured since/);
	},

	async 'overview: a silent box has been silent from the first picture on'(
	    browser, {base}) {
		const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
		const [box] = fleet.sites[0].boxes;
		Object.assign(box, {state: 'silent',
		    heard: fleet.generated - 7200});
		const page = await open(browser, base,
		    {'/api/v1/fleet': JSON.stringify(fleet)});
		assert.match(await page.locator('#health').innerText(),
		    /silent: .*\(2 h\)/);
	},

	async 'overview: only the cells of a picture that changed are repainted'(
	    browser, {base}) {
		const page = await open(browser, base);
		const pixels = () => page.evaluate(() => window.pixelsOf(
		    document.querySelector('.picture canvas')));
		const before = Buffer.from(await pixels(), 'base64');
		await tell(page, 'cells', delta(answer(), [[1, 0.4, 'ok']]));
		const after = Buffer.from(await pixels(), 'base64');
		const width = 4 * 29;
		for (let at = 0; at < before.length; at += 4) {
			const x = at / 4 % width, y = Math.floor(at / 4 / width);
			if (x < 29 || x >= 58 || y >= 29)
				assert.deepEqual(after.subarray(at, at + 4),
				    before.subarray(at, at + 4), `${x}, ${y}`);
		}
		assert.ok(!before.equals(after));
	},

	async 'overview: a large matrix is told as a summary'(browser, {base}) {
		const page = await open(browser, base);
		const told = delta(answer(), []);
		delete told.cells;
		told.summary = {...told.summary, grades: [0, 0, 0, 0, 0, 7]};
		await tell(page, 'summary', told);
		assert.match(await page.locator('.counts').innerText(), /7 bad/);
	},

	async 'overview: who falls silent is asked for at once'(browser,
	    {base}) {
		for (const kind of ['cells', 'summary']) {
			const page = await open(browser, base);
			const told = {...delta(answer(), []), silent: ['nyc']};
			if (kind === 'summary')
				delete told.cells;
			const asked = fleetAsked(page);
			await tell(page, kind, told);
			await (await asked).response();
			const again = fleetAsked(page);
			await tell(page, 'tick', {generated: Date.now() / 1000});
			await again;
		}
	},

	async 'overview: a link keeps the focus when the list changes'(browser,
	    {base}) {
		const page = await open(browser, base,
		    {'/api/v1/matrix/': answerOf()});
		const first = page.locator('#worst a').first();
		await first.focus();
		const href = await first.getAttribute('href');
		await tell(page, 'cells', delta(answerOf(), [[25, 0.9, 'ok']]));
		await page.waitForFunction(() => document.getElementById('worst')
		    .textContent.includes('900 ms'));
		assert.equal(await page.evaluate(() =>
		    document.activeElement.getAttribute('href')), href);
	},
};
