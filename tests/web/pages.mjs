// Runs checks of the pages in Debian's Chromium for test_pages.py: a line of
// JSON in names a check and the page's address, a line out says how it went.
//   {"check": "the matrix opens", "base": "http://127.0.0.1:1234"}
//   {"ok": false, "error": "..."}
// "list" on the command line: those that need a fleet's numbers, "list made":
// those that bring numbers of their own, "list left": of a pair that has left.
import readline from 'node:readline';
import * as access from './access.mjs';
import * as base from './base.mjs';
import * as clocks from './clocks.mjs';
import * as edge from './edge.mjs';
import * as fold from './fold.mjs';
import * as groups from './groups.mjs';
import * as index from './index.mjs';
import * as keys from './keys.mjs';
import * as left from './left.mjs';
import * as live from './live.mjs';
import * as looks from './looks.mjs';
import * as matrix from './matrix.mjs';
import * as notes from './notes.mjs';
import * as outage from './outage.mjs';
import * as overview from './overview.mjs';
import * as pair from './pair.mjs';
import * as pictures from './pictures.mjs';
import * as replay from './replay.mjs';
import * as span from './span.mjs';
import * as tiles from './tiles.mjs';
import * as view from './view.mjs';
import * as words from './words.mjs';
import * as zoom from './zoom.mjs';
import {Browser} from './browser.mjs';

const checks = {...index.checks, ...looks.checks, ...matrix.checks,
    ...pair.checks};
const made = {...base.checks, ...clocks.checks, ...fold.checks, ...groups.checks,
    ...overview.checks, ...replay.checks, ...tiles.checks, ...live.checks,
    ...pictures.checks, ...span.checks, ...view.checks, ...notes.checks,
    ...keys.checks, ...words.checks, ...zoom.checks, ...access.checks};
const all = {...checks, ...made, ...edge.checks, ...left.checks,
    ...left.stays, ...outage.checks};

async function answer(browser, {check, ...facts}) {
	try {
		await all[check](browser, facts);
		browser.complain();
		return {ok: true};
	} catch (error) {
		return {ok: false, error: error.stack};
	} finally {
		if (!outage.checks[check] && !left.stays[check])
			await browser.closePages();
	}
}

async function serve() {
	const browser = await Browser.launch();
	for await (const line of readline.createInterface({input: process.stdin}))
		console.log(JSON.stringify(
		    await answer(browser, JSON.parse(line))));
	await browser.close();
}

if (process.argv[2] === 'list')
	console.log(Object.keys({made, left: left.checks}[process.argv[3]] ??
	    checks).join('\n'));
else
	await serve();
