// Checks of what states look like: apart at every size, in both themes, without
// colour.
import assert from 'node:assert/strict';
import {readCanvas, cutCells} from './cells.mjs';
import {rgb, scales, see} from './browser.mjs';
import {openMatrix} from './live.mjs';
import {matrix} from './synthetic.mjs';

const GRADES = [0, 1, 2, 3, 4, 5];
const LOOKS = [
	...['ok', 'stale', 'clock'].flatMap((state) => [
		...GRADES.map((grade) => ({state, grade, value: 0.1})),
		{state, grade: null, value: null}]),
	...['no-data', 'unreachable', 'untested', 'maint', 'disabled', 'self']
	    .map((state) => ({state, grade: null, value: null}))];
// Of 255: a difference in light that is seen in a pixel, and over an area.
const LEAST = 25, AREA = 15;

async function paint(browser, base, size, colorScheme) {
	const answer = matrix({test: 'core', src: ['a'],
	    dst: LOOKS.map((_, i) => `b${i}`), cellAt: (_, i) => LOOKS[i]});
	const page = await openMatrix(browser, base, answer,
	    {query: `?cell=${size}`, colorScheme});
	const [, seen] = await see(page, readCanvas);
	assert.equal(seen.size, size);
	return cutCells(seen).cells;
}

const light = (cell, at) =>
    0.2126 * cell[at] + 0.7152 * cell[at + 1] + 0.0722 * cell[at + 2];

// How many pixels of two cells differ by so much in light.
function difference(a, b, least = LEAST) {
	let found = 0;
	for (let at = 0; at < a.length; at += 4)
		found += Math.abs(light(a, at) - light(b, at)) >= least;
	return found;
}

async function tellApart(browser, base, size, theme) {
	const cells = await paint(browser, base, size, theme);
	const least = Math.max(3, size * size * 0.02);
	LOOKS.forEach((a, i) => LOOKS.forEach((b, k) => {
		if (i >= k || a.state === b.state)
			return;
		const found = difference(cells[i], cells[k]);
		const area = difference(cells[i], cells[k], AREA);
		assert.ok(found >= least || area > size * size / 2, `${JSON.stringify(a)} and ` +
		    `${JSON.stringify(b)}: ${found} pixels at ${size} px`);
	}));
}

// The four that must never be taken for each other, in colour.
async function neverAlike(browser, base, size) {
	for (const theme of ['light', 'dark']) {
		const cells = await paint(browser, base, size, theme);
		const of = (state, grade) => cells[LOOKS.findIndex((l) =>
		    l.state === state && (grade === undefined ||
			l.grade === grade))];
		const four = [of('ok', 0), of('no-data'), of('stale', 0),
		    of('unreachable')];
		four.forEach((a, i) => four.slice(0, i).forEach((b, k) =>
		    assert.ok(difference(a, b) >= 3 || share(a, b) > 0.5,
			`${i} and ${k} in ${theme}`)));
	}
}

// The part of pixels that are not the same.
function share(a, b) {
	let found = 0;
	for (let at = 0; at < a.length; at += 4)
		found += a[at] !== b[at] || a[at + 1] !== b[at + 1] ||
		    a[at + 2] !== b[at + 2];
	return found / (a.length / 4);
}

const checks = {
	async 'pictures: a grade has the colour of the scales'(
	    browser, {base}) {
		for (const theme of ['light', 'dark'])
			for (const size of [24, 6]) {
				const cells = await paint(browser, base, size,
				    theme);
				const page = browser.contexts.at(-1).pages()[0];
				const {grades} = await scales(page, base);
				GRADES.forEach((grade) => assert.deepEqual(
				    [...cells[grade].subarray(0, 3)],
				    rgb(grades[grade][theme])));
			}
	},
};
for (const size of [24, 12, 9, 6]) {
	for (const theme of ['light', 'dark'])
		checks[`pictures: states differ in grey at ${size} px, ${theme}`] =
		    (browser, {base}) => tellApart(browser, base, size, theme);
	checks[`pictures: zero loss, no data, stale and unreachable never look ` +
	    `alike at ${size} px`] =
	    (browser, {base}) => neverAlike(browser, base, size);
}
export {checks};
