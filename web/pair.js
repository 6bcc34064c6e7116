// One pair over time: delay with its band, loss under it, both directions.
import {get, url} from './api.js';
import {language, theme} from './choice.js';
import {Colours} from './colours.js';
import {find, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {Gaps, gapWords} from './gaps.js';
import {drawLayers, isHidden, offerLayers} from './layers.js';
import {leftOf} from './left.js';
import {Live} from './live.js';
import {made} from './made.js';
import {drawNow, sayState} from './now.js';
import {begin, copyLink, isCommand, keepView} from './page.js';
import {Plots} from './plots.js';
import {drawRows, linesOf, rowsOf} from './rows.js';
import {Series} from './series.js';
import {Skew} from './skew.js';
import {offerTexts} from './table.js';
import {clock, duration, instant, text} from './text.js';
import {zone} from './times.js';
import {hideTip, showTip} from './tip.js';
import {Usual} from './usual.js';
import {drawWhole} from './whole.js';

const spans = ['-1h', '-6h', '-24h', '-7d', '-30d', '-365d'];
const USUAL = '-6h';
const BACKS = ['overlay', 'mirror', 'off'];
const REFINE = 250; // ms after a zoom until finer numbers are asked for
const LEAST = 10;   // s that can be seen

const [, , test, src, dst] = location.pathname.split('/')
    .map(decodeURIComponent);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, series: null, reverse: null,
    left: null, isLookedUp: false, isWatched: false, loaded: 0, mouse: null, row: -1};
const plots = new Plots(find('charts'), {point, zoom, reset});
const gaps = new Gaps(), usual = new Usual(test, src, dst);
const skew = new Skew(test, src, dst);

const isTable = () => query.get('show') === 'table';
const isFrozen = () => query.has('to');
const isOver = () => isFrozen() || page.left !== null; // nothing new comes
const how = () => BACKS.includes(query.get('rev')) ? query.get('rev') :
    'overlay';

function draw() {
	const {series, reverse} = page;
	if (!series)
		return;
	const extent = series.extent();
	const {step, consolidation} = series.answer;

	const {from, to} = isOver() ? series.answer : extent;
	find('consolidation').textContent = text('rows', duration(step),
	    made(consolidation), zone(to) === 'Z' ? 'UTC' :
		text('zone-here', zone(to))) +
	    (extent.cut && !isOver() ?
		text('cut', instant(extent.from + step / 2)) : '');
	find('png').href = pictureOf(from, to);
	const layers = drawLayers(query);
	plots.choose(layers);
	find('gaps').hidden = !layers.gaps;
	drawWhole(series);
	gaps.draw(from, to, (name) => page.fleet.label(name));
	find('charts').hidden = isTable();
	find('numbers').hidden = !isTable();
	find('as-table').setAttribute('aria-pressed', String(isTable()));
	if (isTable()) {
		plots.zoomTo(from, to);
		drawRows(series);
	} else {
		plots.show(series, reverse, how(), from, to);
	}
}

function isTested(from, to) {
	const here = page.fleet.test(test);
	return Boolean(here?.sources.includes(from) &&
	    here.destinations.includes(to) && from !== to);
}

// The fleet of now, and whether the pair is still in it.
async function lookUp() {
	page.fleet = await fleetAt(null);
	page.left = isTested(src, dst) ? null : await leftOf(test, src, dst);
	page.isLookedUp = true;
}

const probeOf = () => page.fleet.test(test)?.probe ?? page.left?.probe;

function drawHead() {
	const {fleet} = page;
	const both = isTested(dst, src);
	const words = text('pair', fleet.label(src), fleet.label(dst));

	find('title').textContent = words;
	document.title = `${words} · ${test} · Pharos`;
	find('reverse').hidden = find('back-choice').hidden = !both;
	find('reverse').href = `${url('pair', test, dst, src)}?${query}`;
	find('matrix-link').textContent = test;
	find('matrix-link').hidden = find('png').hidden = !fleet.test(test);
	find('matrix-link').href = matrixLink();
}

function matrixLink(at) {
	const choice = new URLSearchParams(query);
	for (const name of ['from', 'to', 'rev', 'show', 'hide'])
		choice.delete(name);
	if (at)
		choice.set('on', at);
	return `/matrix${url(test)}${choice.size ? `?${choice}` : ''}`;
}

// The row under the cursor in words.
function point(row) {
	const {series, mouse} = page;
	page.row = row;
	if (row < 0 || !mouse || !series || page.isZooming) {
		hideTip();
		return;
	}
	const {start, step} = series.answer;
	const [from, to] = [start + row * step, start + (row + 1) * step];
	const missing = isHidden(query, 'gaps') ? [] : gaps.within(from, to);
	showTip(`${instant(from)} – ${clock(to)}`,
	    [...linesOf(series, plots.reverse, row), ...missing.map((gap) =>
		gapWords(gap, (name) => page.fleet.label(name)))],
	new DOMRect(mouse.clientX, mouse.clientY, 0, 0));
}

// All graded metrics, the one that the matrix showed, and how far they may be off.
function question() {
	const {fleet} = page;
	const probe = probeOf();
	const from = query.get('from') ?? USUAL;
	const asked = new URLSearchParams(page.left?.span(from) ?? {from});
	const chosen = fleet.metric(probe, query.get('metric'));
	const isOwn = fleet.isOwn({probe}); // then all of it is meant
	const graded = fleet.metrics(probe).filter((m) => m.edges || isOwn);

	if (isFrozen()) {
		asked.set('from', from);
		asked.set('to', query.get('to'));
	}
	const shown = chosen && !graded.includes(chosen) ? [...graded, chosen] : graded;
	const beside = shown.filter((m) => m.bound)
	    .flatMap((m) => [m.bound, m.unbounded]);
	if (shown !== graded || beside.length || isOwn)
		asked.set('metric', [...new Set([...shown.map((m) => m.name),
		    ...beside])].join());
	return asked;
}

const seriesOf = (answer) => new Series(answer, page.colours,
    page.fleet.metrics(probeOf()));

// The other direction at the same times.
async function loadReverse(answer) {
	if (how() === 'off' || !isTested(dst, src))
		return null;
	const asked = question();
	asked.set('from', answer.from);
	asked.set('to', answer.to);
	const back = await get(`/api/v1/series${url(test, dst, src)}?${asked}`);
	return back.start === answer.start && back.step === answer.step &&
	    back.count === answer.count ? seriesOf(back) : null;
}

async function load(current) {
	if (!page.isLookedUp)
		await lookUp();
	page.isLookedUp = false;
	if (page.isWatched === Boolean(page.left)) {
		live.start(); // it has just left, or come back
		return null;
	}
	if (!page.colours) {
		page.colours = new Colours(await get('/api/v1/scales'));
		page.colours.onChange(recolour);
	}
	drawHead();
	const answer = await get(`/api/v1/series${url(test, src, dst)}?` +
	    question());
	const reverse = await loadReverse(answer);
	if (!current())
		return answer.told;
	page.loaded = performance.now();
	page.series = seriesOf(answer);
	page.reverse = reverse;
	drawAll();
	draw();
	point(page.row);
	askBeside(answer);
	return answer.told;
}

// What the series does not tell: gaps of its boxes, what is usual, and how its
// clocks part.
function askBeside(answer) {
	const {fleet} = page;
	const metrics = fleet.metrics(probeOf());
	const delay = metrics.find((m) => m.edges &&
	    m.kind === 'distribution' && m.unit === 's');

	gaps.ask([src, dst].filter((name) => fleet.boxes.has(name)), answer.from,
	    answer.to, isOver(), () => {
		plots.mark(gaps.found);
		draw();
	    });
	if (page.left)
		return; // of now nothing is known
	if (delay && !isFrozen())
		usual.ask(fleet.test(test), delay.name, drawAll);
	if (metrics.some((m) => m.bound))
		skew.ask(answer.from, answer.to, `${query}`,
		    (name) => fleet.label(name));
}

function recolour() {
	plots.redraw(page.colours);
	if (page.series)
		drawAll();
	draw();
}

// Something has been found: when a step has gone by, or soon, if steps are long.
function apply() {
	const {step, to} = page.series.answer;
	const pause = Math.max(2, Math.min(30, step / 2)) * 1000;

	if (page.left || isFrozen() && live.time() > to + 2 * step)
		return; // that past does not change any more
	clearTimeout(page.timer);
	page.timer = setTimeout(() => live.load(),
	    Math.max(0, page.loaded + pause - performance.now()));
}

function grow() {
	if (page.series)
		drawAge();
	return false;
}

// Ages grow.
function drawAge() {
	find('left').hidden = !page.left;
	page.left?.say();
	sayState(page.series, page.fleet, [src, dst],
	    Math.max(live.time(), page.series.answer.told), isOver());
}

function drawAll() {
	drawNow(page.series);
	if (!isOver())
		usual.draw(page.colours);
	drawAge();
}

// Seen at once in the numbers that are here, then in finer ones. A range that
// was chosen stays, whatever comes. The address says so when the hand rests: to
// write it takes a browser longer than to draw.
function zoom(from, to) {
	const most = live.time();
	if (to - from < LEAST || !page.series)
		return;
	if (to > most) {
		from = Math.max(0, from - (to - most));
		to = most;
	}
	query.set('from', from.toFixed(0));
	query.set('to', to.toFixed(0));
	page.isZooming = true; // a note comes when it is over
	plots.zoomTo(from, to);
	fillSpans();
	clearTimeout(page.refine);
	page.refine = setTimeout(() => {
		page.isZooming = false;
		keepView(query);
		live.load();
	}, REFINE);
}

// Back to the span that goes along with time.
function reset() {
	if (!isFrozen())
		return;
	query.delete('to');
	query.set('from', page.span ?? USUAL);
	chooseSpan();
}

function chooseSpan() {
	keepView(query);
	fillSpans();
	live.load();
}

function fillSpans() {
	const from = query.get('from') ?? USUAL;
	const known = !isFrozen() && spans.includes(from);
	if (known)
		page.span = from;
	offer(find('span'), known ? spans : [from, ...spans], from, (name) =>
	    spans.includes(name) ? text(`span${name}`) : text('span-chosen'));
}

function step(by, factor) {
	const {from, to} = plots;
	const middle = (from + to) / 2 + by * (to - from);
	const half = (to - from) / 2 * factor;
	if (!page.series)
		return;
	zoom(middle - half, middle + half);
	keepView(query);
}

// The span as it is seen, which goes along with time or stays.
function linkTo(isFixed) {
	const choice = new URLSearchParams(query);
	const {from, to} = plots;
	if (isFixed) {
		choice.set('from', from.toFixed(0));
		choice.set('to', to.toFixed(0));
	} else {
		choice.delete('to');
		choice.set('from', isFrozen() ?
		    `-${Math.max(60, Math.round(live.time() - from))}s` :
		    query.get('from') ?? USUAL);
	}
	return `${location.origin}${location.pathname}?${choice}`;
}

// Where the collector draws the span.
function pictureOf(from, to) {
	const asked = new URLSearchParams({from: Math.floor(from),
	    to: Math.ceil(to), theme: theme(), width: 1000, height: 320});
	if (language === 'zh')
		asked.set('lang', 'zh-CN');
	if (query.has('metric'))
		asked.set('metric', query.get('metric'));
	return `${url('graph', test, src, `${dst}.png`)}?${asked}`;
}

export const shown = () => page.series?.answer;
export const back = () => page.reverse?.answer;

begin();
fillSpans();
offer(find('rev'), BACKS, how(), (name) => text(`back-${name}`));
for (const [id, words] of [['earlier', 'earlier'], ['later', 'later'],
    ['wider', 'wider'], ['closer', 'closer']]) {
	find(id).title = text(words);
	find(id).setAttribute('aria-label', text(words));
}
const live = new Live({load, apply, grow, async address(last) {
	await lookUp();
	page.isWatched = !page.left;
	// of one that has left, that time goes by and the fleet changes
	const [first] = page.fleet.answer.tests;
	if (page.left)
		return first ? `/api/v1/live?${new URLSearchParams(
		    {tests: first.test, most: 0})}` : null;
	const asked = new URLSearchParams({test, src, dst});
	if (last)
		asked.set('last', last);
	return `/api/v1/live?${asked}`;
}});
live.start();

find('span').addEventListener('change', (event) => {
	query.set('from', event.target.value);
	query.delete('to');
	chooseSpan();
});
find('rev').addEventListener('change', (event) => {
	if (event.target.value === 'overlay')
		query.delete('rev');
	else
		query.set('rev', event.target.value);
	keepView(query);
	live.load();
});
find('earlier').addEventListener('click', () => step(-0.5, 1));
find('later').addEventListener('click', () => step(0.5, 1));
find('wider').addEventListener('click', () => step(0, 2));
find('closer').addEventListener('click', () => step(0, 0.5));
offerLayers(query, draw);
const toggleTable = () => {
	if (isTable())
		query.delete('show');
	else
		query.set('show', 'table');
	keepView(query);
	draw();
};
find('as-table').addEventListener('click', toggleTable);
find('live-link').addEventListener('click', (event) =>
    copyLink(event.currentTarget, linkTo(false)));
find('frozen-link').addEventListener('click', (event) =>
    copyLink(event.currentTarget, linkTo(true)));
offerTexts(find('csv'), find('tsv'), () => `${test}-${src}-${dst}`,
    () => rowsOf(page.series));
document.addEventListener('keydown', (event) => {
	if (!isCommand(event))
		return;
	const keys = {'t': toggleTable, '+': () => step(0, 0.5),
	    '-': () => step(0, 2), 'ArrowLeft': () => step(-0.25, 1),
	    'ArrowRight': () => step(0.25, 1), '0': reset,
	    'Escape': () => location.assign(page.left &&
		!page.fleet.test(test) ? '/' : matrixLink(`${src}:${dst}`))};
	keys[event.key]?.();
});
find('charts').addEventListener('mousemove', (event) => {
	page.mouse = {clientX: event.clientX, clientY: event.clientY};
	page.isZooming = false;
	point(page.row);
}, true);
find('charts').addEventListener('mouseleave', () => {
	page.mouse = null;
	hideTip();
});
