// Checks of how a matrix is looked at: order, filters, search, keys, tables.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import fs from 'node:fs/promises';
import {readCanvas} from './cells.mjs';
import {see} from './browser.mjs';
import {answerOf, openMatrix} from './live.mjs';
import {delta, matrix, names, series, usualCell} from './synthetic.mjs';

// What is on the canvas; ages do not show there.
async function hash(page) {
	const [, seen] = await see(page, readCanvas);
	return createHash('sha256').update(seen.pixels).digest('hex');
}

const rows = (page) => page.locator('.rows span').evaluateAll((all) =>
    all.map((span) => span.title));
const columns = (page) => page.locator('.columns span').evaluateAll((all) =>
    all.map((span) => span.title));

async function download(page, button) {
	const [file] = await Promise.all([page.waitForEvent('download'),
	    page.click(button)]);
	return [file.suggestedFilename(),
	    await fs.readFile(await file.path(), 'utf8')];
}

function parseCsv(words) {
	const found = [[]];
	const pattern = /"((?:[^"]|"")*)"(,|\r\n)|([^,\r\n]*)(,|\r\n)/g;
	for (const [, quoted, a, plain, b] of words.matchAll(pattern)) {
		found.at(-1).push(quoted?.replace(/""/g, '"') ?? plain);
		if ((a ?? b) === '\r\n')
			found.push([]);
	}
	return found.slice(0, -1);
}

export const checks = {
	async 'view: a row is a source, a column a destination'(browser, {base}) {
		const answer = matrix({test: 'core', src: names(5), cellAt: (r, c) =>
		    ({value: r === 1 && c === 3 ? 0.4 : 0.001, state: 'ok'})});
		const page = await openMatrix(browser, base, answer,
		    {query: '?filter=grade:bad'});
		assert.deepEqual([await rows(page), await columns(page)],
		    [['s0001'], ['s0003']]);
	},

	async 'view: worst first puts the worst into the corner'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer,
		    {query: '?sort=worst'});
		const badness = (i) => answer.states[answer.state[i]] ===
		    'unreachable' ? 8 ** 7 : answer.states[answer.state[i]] ===
		    'ok' ? 8 ** (1 + (answer.grade[i] ?? -1)) : 1;
		const sums = answer.src.map((name, row) => [name, answer.dst
		    .reduce((sum, _, column) =>
			sum + badness(row * 20 + column), 0)]);
		sums.sort(([, a], [, b]) => b - a);
		assert.equal((await rows(page))[0], sums[0][0]);
	},

	async 'view: nothing moves from under the cursor'(browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer,
		    {query: '?sort=worst'});
		const before = await rows(page);
		const last = answer.src.indexOf(before.at(-1));
		const told = delta(answer, answer.dst.map((_, column) =>
		    [last * 20 + column, null, 'unreachable']));
		const box = await page.locator('#cells').boundingBox();
		await page.mouse.move(box.x + 5, box.y + 5);
		await page.evaluate((data) => window.tell('cells', data), told);
		assert.deepEqual(await rows(page), before);
		await page.mouse.move(2, 2);
		assert.equal((await rows(page))[0], before.at(-1));
	},

	async 'view: order of the file and by name'(browser, {base}) {
		const answer = matrix({test: 'core', src: ['par', 'nyc', 'lon'],
		    cellAt: usualCell});
		const page = await openMatrix(browser, base, answer);
		assert.deepEqual(await rows(page), ['par', 'nyc', 'lon']);
		await page.selectOption('#sort', 'name');
		assert.deepEqual(await rows(page), ['lon', 'nyc', 'par']);
		assert.deepEqual(await columns(page), ['lon', 'nyc', 'par']);
	},

	async 'view: a filter keeps rows and columns that have one'(browser,
	    {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		await page.selectOption('#filter', 'grade:poor+');
		const is = (i) => ['ok', 'unreachable'].includes(
		    answer.states[answer.state[i]]) && (answer.grade[i] ?? 6) >= 3;
		const expected = answer.src.filter((_, row) =>
		    answer.dst.some((__, column) => is(row * 20 + column)));
		assert.deepEqual(await rows(page), expected);
		assert.match(page.url(), /filter=grade%3Apoor%2B/);
		await page.click('[data-filter="state:stale"]');
		assert.match(page.url(), /filter=state%3Astale/);
		await page.click('[data-filter="state:stale"]');
		assert.equal((await rows(page)).length, 20);
	},

	async 'view: search narrows rows, and both with an arrow'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, answerOf());
		await page.keyboard.press('/');
		await page.keyboard.type('s0004');
		assert.deepEqual(await rows(page), ['s0004']);
		assert.equal((await columns(page)).length, 20);
		await page.fill('#find', 's0004 > s0007');
		assert.deepEqual(await columns(page), ['s0007']);
		await page.fill('#find', 'nobody');
		assert.ok(await page.locator('#nothing').isVisible());
	},

	async 'view: address, reload, Back and a fresh browser give one picture'(
	    browser, {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		await page.selectOption('#sort', 'worst');
		await page.selectOption('#filter', 'grade:acceptable+');
		await page.selectOption('#cell', '12');
		const wanted = await hash(page);
		await page.reload();
		assert.equal(await hash(page), wanted, 'reload');
		await page.goto(`${base}/`);
		await page.goBack();
		assert.equal(await hash(page), wanted, 'Back');
		const query = new URL(page.url()).search;
		const fresh = await openMatrix(browser, base, answer, {query});
		assert.equal(await hash(fresh), wanted, 'a fresh browser');
		const plain = await openMatrix(browser, base, answer);
		assert.notEqual(await hash(plain), wanted);
	},

	async 'view: long names keep off the legend'(browser, {base}) {
		const long = names(6).map((name) => `${name}-${'far-'.repeat(14)}end`);
		const page = await openMatrix(browser, base, answerOf({src: long}));
		await see(page, () => 0);
		const [name, legend] = await page.evaluate(() => [[...document
		    .querySelectorAll('.columns span')].at(-1), document
		    .querySelector('#legend canvas')].map((element) => {
			const {left, right, top, bottom} =
			    element.getBoundingClientRect();
			return {left, right, top, bottom};
		}));
		assert.ok(name.top < legend.bottom && legend.top < name.bottom,
		    'side by side');
		assert.ok(name.right <= legend.left, `${name.right}`);
	},

	async 'view: another test is looked at in the same way'(browser, {base}) {
		const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
		const [core] = fleet.tests;
		fleet.tests.push({...core, test: 'other'});
		const page = await openMatrix(browser, base, answerOf(), {query:
		    '?tz=local&sort=worst&metric=rtt&stat=p95&find=s001&cell=24',
		answers: {'/api/v1/fleet': JSON.stringify(fleet)}});
		await see(page, () => 0);
		await page.selectOption('#test', 'other');
		await page.waitForURL('**/matrix/other?*');
		assert.equal(new URL(page.url()).search,
		    '?tz=local&sort=worst&find=s001&cell=24');
	},

	async 'view: hostile words in the address are words'(browser, {base}) {
		const page = await openMatrix(browser, base, answerOf(), {query:
		    '?sort=<img src=x onerror=hacked=1>&filter=<script>&cell=1e9' +
		    '&find=<b>&on=<i>:x&at=<i>&show=<u>'});
		await see(page, () => 0);
		assert.equal(await page.evaluate('window.hacked'), undefined);
		assert.equal(await page.locator('main b, main script').count(), 0);
	},

	async 'view: hostile groups and words of a manifest are text'(browser,
	    {base, hostile}) {
		const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
		for (const site of fleet.sites)
			site.groups = [hostile];
		for (const manifest of fleet.manifests)
			for (const metric of manifest.metrics)
				metric.help = hostile;
		const page = await openMatrix(browser, base, matrix({test: 'core',
		    src: ['nyc', 'lon', 'par'], cellAt: usualCell}), {query:
		    '?sort=group', answers: {'/api/v1/fleet': fleet}});
		assert.equal(await page.locator('#metric').getAttribute('title'),
		    hostile);
		await page.fill('#find', '@<img');
		assert.equal((await rows(page)).length, 3);
		assert.equal(await page.evaluate('window.hacked'), undefined);
		assert.equal(await page.locator('main img').count(), 0);
	},

	async 'view: t shows a table with the numbers of the canvas'(browser,
	    {base}) {
		const answer = matrix({test: 'core', src: names(70),
		    cellAt: usualCell});
		const page = await openMatrix(browser, base, answer);
		await page.keyboard.press('t');
		const [table, written] = await page.evaluate(async () => {
			const {quantity} = await import('/static/text.js');
			const {shown} = await import('/static/matrix.js');
			return [[...document.querySelectorAll('#table tbody tr')]
			    .map((row) => [...row.cells].slice(0, 3)
				.map((cell) => cell.textContent)),
			shown().value.map((value) => value === null ? '–' :
			    quantity(value, 's'))];
		});
		const expected = [];
		answer.value.forEach((_, i) => {
			const [row, column] = [Math.floor(i / 70), i % 70];
			if (row !== column)
				expected.push([answer.src[row], answer.dst[column],
				    written[i]]);
		});
		assert.deepEqual(table, expected);
		assert.ok(await page.locator('#matrix').isHidden());
		await page.keyboard.press('t');
		assert.ok(await page.locator('#matrix').isVisible());
	},

	async 'view: a table that comes first tells how old its numbers are'(
	    browser, {base}) {
		const page = await openMatrix(browser, base, matrix({test: 'core',
		    src: names(3), cellAt: () => ({value: 0.02, state: 'ok',
			age: 12})}), {query: '?show=table'});
		assert.match(await page.locator('#table tbody').innerText(),
		    /1\d s ago/);
	},

	async 'view: CSV and TSV have the numbers of the matrix'(browser,
	    {base}) {
		const answer = answerOf();
		const page = await openMatrix(browser, base, answer);
		const [csvName, csv] = await download(page, '#csv');
		const [tsvName, tsv] = await download(page, '#tsv');
		const parsed = parseCsv(csv);
		assert.deepEqual([csvName, tsvName], ['core.csv', 'core.tsv']);
		assert.deepEqual(tsv.trimEnd().split('\n').map((l) =>
		    l.split('\t')), parsed);
		assert.equal(parsed[0][2], 'rtt p50 [s]');
		assert.equal(parsed.length, 1 + 20 * 19);
		for (const [src, dst, value] of parsed.slice(1)) {
			const i = answer.src.indexOf(src) * 20 +
			    answer.dst.indexOf(dst);
			assert.equal(value, answer.value[i] === null ? '' :
			    String(answer.value[i]));
		}
	},

	async 'view: no name is a formula in a spreadsheet'(browser, {base}) {
		const page = await openMatrix(browser, base, answerOf());
		const written = await page.evaluate(async () => {
			const {tableText} = await import('/static/table.js');
			const rows = ['=1+1', '+1', '-1', '@a', 'a,"b"\r\n']
			    .map((name) => [name, -1]);
			return ',\t'.split('').map((separator) =>
			    tableText([{name: 'n'}, {name: 'v', unit: 's'}], rows,
				separator));
		});
		assert.equal(written[0], 'n,v [s]\r\n\'=1+1,-1\r\n\'+1,-1\r\n' +
		    '\'-1,-1\r\n\'@a,-1\r\n"a,""b""\r\n",-1\r\n');
		assert.equal(written[1], 'n\tv [s]\n\'=1+1\t-1\n\'+1\t-1\n' +
		    '\'-1\t-1\n\'@a\t-1\na,"b" \t-1\n');
	},

	async 'view: Enter opens a pair, Escape and Back return to its cell'(
	    browser, {base}) {
		const answer = matrix({test: 'core', src: ['nyc', 'lon', 'par'],
		    cellAt: (r, c) => r === c ? {value: null, state: 'self'} :
			{value: 0.02, state: 'ok'}});
		const to = Math.floor(Date.now() / 60000) * 60;
		const page = await openMatrix(browser, base, answer, {query:
		    '?window=5m', answers: {'/api/v1/series/': series({test: 'core',
			src: 'nyc', dst: 'lon', from: to - 3600, to, step: 60})}});
		const title = () => page.locator('#tip strong').innerText();
		await page.focus('#cells');
		for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight',
		    'ArrowDown'])
			await page.keyboard.press(key);
		const before = await title();
		await page.keyboard.press('Enter');
		await page.waitForURL('**/pair/core/**');
		await page.goBack();
		await page.waitForSelector('#tip:not([hidden])');
		assert.equal(await title(), before);
		await page.keyboard.press('Enter');
		await page.waitForURL('**/pair/core/**?window=5m');
		await page.keyboard.press('Escape');
		await page.waitForURL('**/matrix/core?*');
		await page.waitForSelector('#tip:not([hidden])');
		assert.equal(await title(), before);
		assert.equal(new URL(page.url()).search, '?window=5m');
	},
};
