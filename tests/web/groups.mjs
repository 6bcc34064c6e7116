// Checks of a matrix in groups, of what is chosen of its axes, and of its notes.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {answerOf, openMatrix} from './live.mjs';
import {matrix, usualCell} from './synthetic.mjs';

const titles = (page, axis) => page.locator(`.${axis} span`).evaluateAll((all) =>
    all.map((span) => span.title));
const rows = (page) => titles(page, 'rows');
const columns = (page) => titles(page, 'columns');

export const checks = {
	async 'view: groups have headings, lines between them, and are chosen'(
	    browser, {base}) {
		const fleet = await (await fetch(`${base}/api/v1/fleet`)).json();
		const groups = {nyc: ['us'], lon: ['eu'], par: ['eu']};
		for (const site of fleet.sites)
			site.groups = groups[site.name];
		const answer = matrix({test: 'core', src: ['par', 'nyc', 'lon'],
		    cellAt: usualCell});
		const page = await openMatrix(browser, base, answer,
		    {query: '?sort=group', answers: {'/api/v1/fleet':
			JSON.stringify(fleet)}});
		const headings = (axis) => page.locator(`.${axis} .group`)
		    .allInnerTexts();
		assert.deepEqual(await rows(page), ['lon', 'par', 'nyc']);
		assert.deepEqual([await headings('rows'), await
		    headings('columns')], [['eu', 'us'], ['eu', 'us']]);
		assert.equal(await page.locator('.divide').count(), 2);
		const box = (what) => page.locator(what).boundingBox();
		const cells = await box('#cells');
		const line = await box('.divide >> nth=0');
		assert.ok(Math.abs(line.y - cells.y - cells.height * 2 / 3) < 3);
		assert.ok(Math.abs(line.width - cells.width) < 2);
		const eu = await box('.rows .group >> nth=0');
		assert.ok(Math.abs(eu.height - cells.height * 2 / 3) < 4);
		await page.click('.rows .group >> nth=0');
		assert.match(page.url(), /src=%40eu/);
		assert.deepEqual(await rows(page), ['lon', 'par']);
		assert.equal((await columns(page)).length, 3);
		await page.click('.columns [data-pick="nyc"]');
		assert.deepEqual(await columns(page), ['nyc']);
		assert.match(await page.locator('#chosen').innerText(),
		    /From: @eu ✕\s*To: nyc ✕/);
		await page.reload();
		await see(page, () => 0);
		assert.deepEqual([await rows(page), await columns(page)],
		    [['lon', 'par'], ['nyc']]);
		await page.click('#chosen [data-axis="src"]');
		assert.equal((await rows(page)).length, 3);
		await page.selectOption('#sort', 'file');
		assert.deepEqual(await headings('rows'), []);
		assert.equal(await page.locator('.divide').count(), 0);
	},

	async 'view: the last hour of a pair is in its note'(browser, {base}) {
		const asked = [];
		const page = await openMatrix(browser, base, answerOf(), {answers: {
		    '/api/v1/series/': (url) => {
			asked.push(url.pathname + url.search);
			return {whole: {from: 0, rows: 60, metrics: {
			    rtt: {min: 0.09, p50: 0.1, p95: 0.104, max: 0.2},
			    loss: {ratio: 0.00012, part: 1, of: 8400},
			    hops: {last: 14}}}};
		    }}});
		const box = await page.locator('#cells').boundingBox();
		const size = box.width / 20;
		for (const place of [3, 4, 5])
			await page.mouse.move(box.x + (place + 0.5) * size,
			    box.y + size / 2);
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
