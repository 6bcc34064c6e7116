// Checks that pages are for everybody: axe-core, languages, themes, policies.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {see} from './browser.mjs';
import {clocks} from './clocks.mjs';
import {answerOf} from './live.mjs';
import {names, pretend, series} from './synthetic.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PAGES = {overview: '/', matrix: '/matrix/core',
    'matrix as a table': '/matrix/core?show=table',
    'matrix in groups, folded': '/matrix/core?fold=1&sort=group',
    pair: '/pair/core/nyc/lon', 'pair as a table':
    '/pair/core/nyc/lon?show=table', clocks: '/clocks'};

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

async function audit(browser, base, path, options) {
	const page = await browser.open(base, path,
	    {...options, prepare, bypassCSP: true});
	await see(page, () => 0);
	await page.addScriptTag({path: AXE});
	const {violations} = await page.evaluate(() => window.axe.run());
	const serious = violations.filter(({impact}) =>
	    ['serious', 'critical'].includes(impact));
	assert.deepEqual(serious.map(({id, nodes}) => [id,
	    nodes.map((n) => n.html)]), []);
}

const checks = {
	async 'access: language and theme are chosen and kept'(browser, {base}) {
		const page = await browser.open(base, '/matrix/core', {prepare});
		await page.click('#language');
		await page.waitForFunction(() =>
		    document.documentElement.lang === 'zh-CN');
		await see(page, () => 0);
		assert.match(await page.locator('#choice').innerText(), /指标/);
		await page.click('#theme');
		const dark = () => page.evaluate(() => getComputedStyle(
		    document.body).backgroundColor);
		assert.equal(await dark(), 'rgb(16, 22, 21)');
		await page.goto(`${base}/pair/core/nyc/lon`);
		await see(page, () => 0);
		assert.equal(await dark(), 'rgb(16, 22, 21)');
		assert.match(await page.locator('#choice').innerText(), /时段/);
	},

	async 'access: no page can make script of text'(browser, {base}) {
		for (const path of Object.values(PAGES)) {
			const page = await browser.open(base, path, {prepare});
			const refused = await page.evaluate(() => {
				try {
					document.body.innerHTML = '<b>x</b>';
					return false;
				} catch (error) {
					return error instanceof TypeError;
				}
			});
			assert.ok(refused, path);
		}
		browser.complaints = browser.complaints.filter((words) =>
		    !/TrustedHTML|Trusted/i.test(words));
	},

	async 'access: a narrow window needs no sideways scrolling'(browser,
	    {base}) {
		for (const path of ['/', '/pair/core/nyc/lon', '/matrix/core',
			'/clocks']) {
			const page = await browser.open(base, path, {prepare,
			    viewport: {width: 390, height: 844}, isMobile: true});
			await see(page, () => 0);
			assert.ok(await page.evaluate(() =>
			    document.documentElement.scrollWidth) <= 390, path);
			assert.equal(await page.evaluate(() =>
			    window.innerWidth), 390, path);
		}
	},

	async 'access: on a phone the worst comes first, and whole'(browser,
	    {base}) {
		const page = await browser.open(base, '/', {prepare,
		    viewport: {width: 390, height: 844}, isMobile: true});
		// the list may be written anew at any time
		await page.waitForFunction(() => {
			const box = (what) => document.querySelector(what)
			    ?.getBoundingClientRect();
			const drawn = box('#worst canvas');
			return drawn?.width > 0 && drawn.right <= 390 &&
			    box('#worst').top < box('#tests').top;
		});
	},

	async 'access: a grade has one range and colour on all pages'(browser,
	    {base}) {
		const page = await browser.open(base, '/matrix/core', {prepare});
		const wrong = await page.evaluate(async () => {
			const {Colours} = await import('/static/colours.js');
			const {range} = await import('/static/legend.js');
			const scales = await (await fetch('/api/v1/scales')).json();
			const colours = new Colours(scales);
			const bad = [];
			for (const metrics of Object.values(scales.probes))
				for (const scale of Object.values(metrics))
					scale.edges.forEach((edge, i) => {
						const grade =
						    colours.gradeOf(scale, edge);
						const below = colours.gradeOf(scale,
						    edge * (1 - 1e-9));
						if (Math.abs(grade - below) !== 1)
							bad.push([edge, grade, below]);
						if (!range(scale, grade))
							bad.push(grade);
						void i;
					});
			return bad;
		});
		assert.deepEqual(wrong, []);
	},
};
for (const [name, path] of Object.entries(PAGES))
	for (const [locale, colorScheme] of [['en-US', 'light'],
	    ['en-US', 'dark'], ['zh-CN', 'light'], ['zh-CN', 'dark']])
		checks[`access: axe finds nothing serious, ${name}, ${locale}, ` +
		    colorScheme] = (browser, {base}) =>
		    audit(browser, base, path, {locale, colorScheme});
for (const [name, path] of Object.entries(PAGES))
	checks[`access: axe finds nothing serious on a phone, ${name}`] =
	    (browser, {base}) => audit(browser, base, path, {isMobile: true,
		hasTouch: true, viewport: {width: 390, height: 844}});
export {checks};
