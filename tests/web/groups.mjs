// Checks of a matrix in groups, of what is chosen of its axes.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {readCanvas} from './cells.mjs';
import {openMatrix} from './live.mjs';
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
		const pixels = async () => (await see(page, readCanvas))[1].pixels;
		const before = await pixels();
		await page.reload();
		assert.equal(await pixels(), before);
		assert.deepEqual([await rows(page), await columns(page)],
		    [['lon', 'par'], ['nyc']]);
		await page.click('#chosen [data-axis="src"]');
		assert.equal((await rows(page)).length, 3);
		await page.selectOption('#sort', 'file');
		assert.deepEqual(await headings('rows'), []);
		assert.equal(await page.locator('.divide').count(), 0);
	},
};
