// Checks that no page needs a mouse.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {openMatrix} from './live.mjs';
import {matrix, pretend} from './synthetic.mjs';
import {answerFor, PAIR, RANGE} from './zoom.mjs';

const FINE = {value: 0.02, state: 'ok'};
const answer = () => matrix({test: 'core', src: ['nyc', 'lon', 'par'],
    cellAt: (r, c) => r === c ? {value: null, state: 'self'} : FINE});

// Tab, until the focus is there.
async function tabTo(page, id) {
	for (let i = 0; i < 60; i++) {
		if (await page.evaluate(() => document.activeElement.id) === id)
			return;
		await page.keyboard.press('Tab');
	}
	throw new Error(`#${id} is not reached by Tab`);
}

const spoken = (page) => page.evaluate(() => {
	const note = document.getElementById('tip');
	return note.closest('[aria-live="polite"]') && !note.hidden ?
	    note.innerText : null;
});

export const checks = {
	async 'keys: Tab comes to the matrix, and each cell is spoken'(browser,
	    {base}) {
		const page = await openMatrix(browser, base, answer());
		await tabTo(page, 'cells');
		for (const [key, pair] of [['ArrowRight', 'nyc → nyc'],
		    ['ArrowRight', 'nyc → lon'], ['End', 'nyc → par'],
		    ['ArrowDown', 'lon → par'], ['Home', 'lon → nyc'],
		    ['Control+End', 'par → par'], ['Control+Home', 'nyc → nyc']]) {
			await page.keyboard.press(key);
			assert.ok((await spoken(page))?.startsWith(`${pair}\n`),
			    `${key}: ${await spoken(page)}`);
		}
		await page.keyboard.press('ArrowRight');
		assert.match(await spoken(page), /rtt p50\s+20 ms/);
		assert.ok(await page.locator('#cells').getAttribute('aria-label'));
	},

	async 'keys: the letters of a search are no commands'(browser, {base}) {
		const page = await openMatrix(browser, base, answer());
		await page.keyboard.press('/');
		await page.keyboard.type('t\\,.');
		assert.equal(await page.locator('#find').inputValue(), 't\\,.');
		assert.ok(await page.locator('#table').isHidden());
		assert.equal(new URL(page.url()).searchParams.get('fold'), null);
	},

	async 'keys: a pair is left and its charts are walked'(browser, {base}) {
		const page = await browser.open(base, `${PAIR}?${RANGE}`,
		    {prepare: (context) => pretend(context,
			{'/api/v1/series/': answerFor(null),
			    '/api/v1/matrix/': answer()})});
		await see(page, () => 0);
		await tabTo(page, 'closer');
		const long = ({searchParams}) => Number(searchParams.get('to')) -
		    Number(searchParams.get('from'));
		const before = long(new URL(page.url()));
		await page.keyboard.press('Enter');
		await page.waitForURL((url) =>
		    Math.abs(long(url) - before / 2) < 2);
		await page.keyboard.press('Escape');
		await page.waitForURL('**/matrix/core');
	},
};
