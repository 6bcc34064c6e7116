// Checks that a reader finds every word of a page in his own language.
import assert from 'node:assert/strict';
import {see} from './browser.mjs';
import {clocks} from './clocks.mjs';
import {answerOf} from './live.mjs';
import {names, pretend, series} from './synthetic.mjs';

const PAGES = ['/', '/matrix/core', '/matrix/core?fold=1&sort=group',
    '/matrix/core?show=table', '/pair/core/nyc/lon',
    '/pair/core/nyc/lon?show=table', '/clocks'];

function prepare(context) {
	const to = Math.floor(Date.now() / 60000) * 60;
	return pretend(context, {
		'/api/v1/matrix/': answerOf({src: names(6)}),
		'/api/v1/clocks': clocks,
		'/api/v1/spark/': (url) => ({points: url.searchParams.get('pairs')
		    .split(',').map(() => [0.01, 0.02])}),
		'/api/v1/series/': series({test: 'core', src: 'nyc', dst: 'lon',
		    from: to - 3600, to, step: 60, gap: 300})});
}

// In the page: all that is read, or heard, or seen when the mouse rests. What the
// probes say of themselves they say in English.
function words() {
	const found = [document.title];
	const walker = document.createTreeWalker(document.body,
	    NodeFilter.SHOW_TEXT);
	while (walker.nextNode())
		found.push(walker.currentNode.data);
	for (const element of document.querySelectorAll('body *'))
		for (const name of ['title', 'placeholder', 'aria-label'])
			if (element.id !== 'metric' || name !== 'title')
				found.push(element.getAttribute(name) ?? '');
	return found.map((text) => text.trim()).filter(Boolean);
}

// What only English has of a text: its pieces between what is filled in.
const piecesOf = (english, chinese) => english.split(/\{[^}]*\}/)
    .map((piece) => piece.trim())
    .filter((piece) => /[a-z]{3}/i.test(piece) && !chinese.includes(piece));

const isWord = (piece, text) =>
    new RegExp(`(^|[^\\w])${piece.replace(/[^\w\s]/g, '\\$&')}($|[^\\w])`)
	.test(text);

// names of tests, metrics and statistics are the same everywhere
const NAMES = /^(core|rtt|loss|ping|nyc|lon|p\d\d|min|max|CSV|TSV|PNG|UTC)$/;

export const checks = {
	async 'words: another language changes every one of them'(browser,
	    {base}) {
		for (const path of PAGES) {
			const page = await browser.open(base, path,
			    {locale: 'en-GB', prepare});
			await see(page, () => 0);
			const before = await page.evaluate(words);
			const strings = await page.evaluate(async () => [
			    (await import('/static/lang/en.js')).default,
			    (await import('/static/lang/zh.js')).default]);
			const pieces = Object.keys(strings[0]).flatMap((key) =>
			    piecesOf(strings[0][key], strings[1][key]))
			    .filter((piece) => !NAMES.test(piece));
			const left = (all) => pieces.filter((piece) =>
			    all.some((text) => isWord(piece, text)));
			assert.ok(left(before).length > 10, path);
			await page.click('#language');
			await page.waitForFunction(() =>
			    document.documentElement.lang === 'zh-CN');
			await see(page, () => 0);
			const after = await page.evaluate(words);
			assert.deepEqual(left(after), [], path);
			assert.ok(after.some((text) => /[\u4e00-\u9fff]/.test(text)));
		}
	},

	async 'words: a list and one of a kind are said as people do'(browser,
	    {base}) {
		const says = async (locale) => {
			const page = await browser.open(base, '/', {locale, prepare});
			return page.evaluate(async () => {
				const {listed, text} = await import('/static/text.js');
				return [listed(['a', 'b']), text('some-worst', 1),
				    text('some-worst', 2), text('about', 'p', 1, '{1}')];
			});
		};
		assert.deepEqual(await says('en-GB'), ['a, b',
		    '1 pair is poor or unreachable',
		    '2 pairs are poor or unreachable', 'p · 1 pair · {1}']);
		assert.deepEqual((await says('zh-CN')).slice(0, 2),
		    ['a、b', '1 对差或不可达']);
	},

	async 'words: times and numbers stay as they are'(browser, {base}) {
		for (const path of PAGES) {
			const page = await browser.open(base, path,
			    {locale: 'zh-CN', prepare});
			await see(page, () => 0);
			const all = await page.evaluate(words);
			assert.deepEqual(all.filter((text) =>
			    /[０-９]|\d年|\d月|\d时\d|上午|下午/.test(text)), [], path);
			assert.match(await page.locator('#updated').innerText(),
			    / \d\d:\d\d:\d\dZ$/);
		}
	},

	async 'words: how a series was made is told in both'(browser, {base}) {
		const MADE = ['bins of 60 s', 'hours of bins of 60 s merged over ' +
		    '21600 s', 'AVERAGE, MIN over 3600 s of bins of 60 s',
		'days of bins of 60 s; before 2026-11-20T00:00:00Z AVERAGE over ' +
		    '86400 s of bins of 60 s', 'in a way that is new'];
		for (const [locale, expected] of [['en-GB', MADE], ['zh-CN', [
		    '60 s 的区间', '小时汇总（60 s 的区间），合并为 21600 s',
		    '60 s 的区间，每 3600 s 取 AVERAGE, MIN',
		    '日汇总（60 s 的区间）；2026-11-20T00:00:00Z 之前为' +
			'60 s 的区间，每 86400 s 取 AVERAGE',
		    'in a way that is new']]]) {
			const page = await browser.open(base, '/', {locale, prepare});
			assert.deepEqual(await page.evaluate(async (all) => {
				const {made} = await import('/static/made.js');
				return all.map(made);
			}, MADE), expected);
		}
	},
};
