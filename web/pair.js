// One pair over time: delay with its band, loss under it, both directions.
import {get, url} from './api.js';
import {Colours, css} from './colours.js';
import {find, make, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {Live} from './live.js';
import {begin, copyLink, isCommand, keepView} from './page.js';
import {Plots} from './plots.js';
import {mainColumn, Series} from './series.js';
import {drawTable, offerTexts} from './table.js';
import {clock, duration, instant, label, quantity, text} from './text.js';
import {hideTip, showTip} from './tip.js';

const spans = ['-1h', '-6h', '-24h', '-7d', '-30d', '-365d'];
const USUAL = '-6h';
const BACKS = ['overlay', 'mirror', 'off'];
const REFINE = 250; // ms after a zoom until finer numbers are asked for
const LEAST = 10;   // s that can be seen
const ROWS = 3000;  // of the table on the page

const [, , test, src, dst] = location.pathname.split('/')
    .map(decodeURIComponent);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, series: null, reverse: null,
    loaded: 0, mouse: null, row: -1};
const plots = new Plots(find('charts'), {point, zoom, reset});

const isTable = () => query.get('show') === 'table';
const isFrozen = () => query.has('to');
const how = () => BACKS.includes(query.get('rev')) ? query.get('rev') :
    'overlay';

function draw() {
	const {series, reverse} = page;
	if (!series)
		return;
	const extent = series.extent();
	const {step, consolidation} = series.answer;

	const {from, to} = isFrozen() ? series.answer : extent;
	find('consolidation').textContent =
	    text('rows', duration(step), consolidation) +
	    (extent.cut && !isFrozen() ?
		text('cut', instant(extent.from + step / 2)) : '');
	find('charts').hidden = isTable();
	find('table').hidden = !isTable();
	find('as-table').setAttribute('aria-pressed', String(isTable()));
	if (isTable()) {
		plots.zoomTo(from, to);
		drawRows();
	} else {
		plots.show(series, reverse, how(), from, to);
	}
}

function drawNow() {
	const {series, fleet} = page;
	const at = series.lastRow();
	const silent = [src, dst].filter((name) =>
	    ['silent', 'never'].includes(fleet.boxes.get(name)?.state));

	find('now').replaceChildren();
	for (const [name, metric] of at < 0 ? [] : series.metrics) {
		const value = mainColumn(metric)[at];
		const item = make('li', find('now'));
		make('span', item, metric.columns.p50 ? `${name} p50` : name);
		item.append(' ');
		make('b', item, value === null ? text('unmeasured') :
		    quantity(value, metric.unit));
		item.style.borderColor = css(value === null ?
		    page.colours.line : series.gradeColour(name, value));
	}
	if (at >= 0)
		make('li', find('now'), '', 'age');
	sayState(at, silent);
}

function ageOf(at) {
	const {answer} = page.series;
	return Math.max(0, live.time() -
	    (answer.start + (at + 1) * answer.step));
}

// What is wrong with the pair now, if anything.
function sayState(at, silent) {
	const {fleet, series} = page;
	const words = [];

	if (silent.length)
		words.push(text('silent',
		    silent.map((name) => fleet.label(name)).join(', ')));
	if (at >= 0 && !isFrozen() && ageOf(at) > series.answer.stale_after)
		words.push(stateWords('stale'));
	else if (at >= 0 && series.isUnanswered(at))
		words.push(stateWords('unreachable'));
	find('state').hidden = !words.length;
	find('state').textContent = words.join(' · ');
	const age = find('now').querySelector('.age');
	if (age)
		age.textContent = text('ago', duration(ageOf(at)));
}

function stateWords(name) {
	const state = page.colours.states.get(name);
	return `${state.glyph} ${label(state.label, name)}: ` +
	    label(state.meaning, '');
}

function isTested(from, to) {
	const here = page.fleet.test(test);
	return Boolean(here?.sources.includes(from) &&
	    here.destinations.includes(to) && from !== to);
}

function drawHead() {
	const {fleet} = page;
	const both = isTested(dst, src);
	const words = text('pair', fleet.label(src), fleet.label(dst));

	find('title').textContent = words;
	document.title = `${words} · ${test} · Pharos`;
	find('reverse').hidden = find('back-choice').hidden = !both;
	find('reverse').href = `${url('pair', test, dst, src)}?${query}`;
	find('matrix-link').textContent = test;
	find('matrix-link').href = matrixLink();
}

function matrixLink(at) {
	const choice = new URLSearchParams(query);
	for (const name of ['from', 'to', 'rev', 'show'])
		choice.delete(name);
	if (at)
		choice.set('on', at);
	return `/matrix${url(test)}${choice.size ? `?${choice}` : ''}`;
}

// The row under the cursor in words.
function point(row) {
	const {series, mouse} = page;
	page.row = row;
	if (row < 0 || !mouse || !series) {
		hideTip();
		return;
	}
	const {start, step} = series.answer;
	const lines = series.isKnown(row) ?
	    series.metrics.flatMap(valuesOf(series, row)) :
	    [text('nothing-then')];
	if (plots.reverse?.isKnown(row))
		lines.push(text('back-then', plots.reverse.metrics
		    .map(([, metric]) => [mainColumn(metric)[row], metric.unit])
		    .filter(([value]) => value !== null)
		    .map(([value, unit]) => quantity(value, unit)).join(', ')));
	showTip(`${instant(start + row * step)} – ` +
	    clock(start + (row + 1) * step), lines,
	new DOMRect(mouse.clientX, mouse.clientY, 0, 0));
}

function valuesOf(series, row) {
	return ([name, metric]) => Object.entries(metric.columns)
	    .filter(([, column]) => column[row] !== null)
	    .map(([stat, column]) => [
		metric.kind === 'distribution' ? `${name} ${stat}` : name,
		quantity(column[row], metric.unit), '',
		stat === 'p50' || metric.kind === 'ratio' ?
		series.gradeColour(name, column[row]) : null]);
}

// All rows with all columns, in base units.
function rowsOf() {
	const {answer, metrics} = page.series;
	const columns = [{name: text('begins'), unit: 't'}];
	const values = [];
	for (const [name, metric] of metrics)
		for (const [stat, column] of Object.entries(metric.columns)) {
			columns.push({name: metric.kind === 'distribution' ?
			    `${name} ${stat}` : name, unit: metric.unit});
			values.push(column);
		}
	return {columns, rows: Array.from({length: answer.count}, (_, i) =>
	    [answer.start + i * answer.step, ...values.map((v) => v[i])])};
}

// The last first.
function drawRows() {
	const {columns, rows} = rowsOf();
	drawTable(find('table'), columns, rows.reverse().slice(0, ROWS),
	    (value, {unit}) => unit === 't' ? instant(value) :
		quantity(value, unit));
}

// All graded metrics, and the one that the matrix showed.
function question() {
	const {fleet} = page;
	const probe = fleet.test(test)?.probe;
	const asked = new URLSearchParams({from: query.get('from') ?? USUAL});
	const chosen = fleet.metric(probe, query.get('metric'));
	const graded = fleet.metrics(probe).filter((m) => m.edges);

	if (query.has('to'))
		asked.set('to', query.get('to'));
	if (chosen && !chosen.edges)
		asked.set('metric', [...graded, chosen].map((m) => m.name).join());
	return asked;
}

// The other direction at the same times.
async function loadReverse(answer) {
	if (how() === 'off' || !isTested(dst, src))
		return null;
	const asked = question();
	asked.set('from', answer.from);
	asked.set('to', answer.to);
	const back = await get(`/api/v1/series${url(test, dst, src)}?${asked}`);
	return back.start === answer.start && back.step === answer.step &&
	    back.count === answer.count ? new Series(back, page.colours) : null;
}

async function load(current) {
	page.fleet = await fleetAt(null);
	if (!page.colours) {
		page.colours = new Colours(await get('/api/v1/scales'));
		page.colours.onChange(recolour);
	}
	drawHead();
	const answer = await get(`/api/v1/series${url(test, src, dst)}?` +
	    question());
	const reverse = await loadReverse(answer);
	if (!current())
		return answer.generated;
	page.loaded = performance.now();
	page.series = new Series(answer, page.colours);
	page.reverse = reverse;
	drawNow();
	draw();
	point(page.row);
	return answer.generated;
}

function recolour() {
	plots.redraw(page.colours);
	if (page.series)
		drawNow();
}

// Something has been found: when a step has gone by, or soon, if steps are long.
function apply() {
	const {step, to} = page.series.answer;
	const pause = Math.max(2, Math.min(30, step / 2)) * 1000;

	if (isFrozen() && live.time() > to + 2 * step)
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

function drawAge() {
	const {fleet, series} = page;
	sayState(series.lastRow(), [src, dst].filter((name) =>
	    ['silent', 'never'].includes(fleet.boxes.get(name)?.state)));
}

// Seen at once in the numbers that are here, then in finer ones. A range that
// was chosen stays, whatever comes.
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
	keepView(query);
	plots.zoomTo(from, to);
	fillSpans();
	clearTimeout(page.refine);
	page.refine = setTimeout(() => live.load(), REFINE);
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
	if (page.series)
		zoom(middle - half, middle + half);
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
const live = new Live({load, apply, grow, address(last) {
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
offerTexts(find('csv'), find('tsv'), () => `${test}-${src}-${dst}`, rowsOf);
document.addEventListener('keydown', (event) => {
	if (!isCommand(event))
		return;
	const keys = {'t': toggleTable, '+': () => step(0, 0.5),
	    '-': () => step(0, 2), 'ArrowLeft': () => step(-0.25, 1),
	    'ArrowRight': () => step(0.25, 1), '0': reset,
	    'Escape': () => location.assign(matrixLink(`${src}:${dst}`))};
	keys[event.key]?.();
});
find('charts').addEventListener('mousemove', (event) => {
	page.mouse = {clientX: event.clientX, clientY: event.clientY};
	point(page.row);
}, true);
find('charts').addEventListener('mouseleave', () => {
	page.mouse = null;
	hideTip();
});
