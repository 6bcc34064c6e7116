// One pair over time: delay with its band, loss under it.
import {get, keepLoading, url} from './api.js';
import {Chart} from './chart.js';
import {Colours, css} from './colours.js';
import {find, make, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {clock, duration, fillTexts, instant, label, quantity, text}
    from './text.js';
import {hideTip, showTip} from './tip.js';

const spans = ['-1h', '-6h', '-24h', '-7d', '-30d', '-365d'];
const USUAL = '-6h';
const TALL = 280, LOW = 120;

const [, , test, src, dst] = location.pathname.split('/')
    .map(decodeURIComponent);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, answer: null, charts: [],
    mouse: {clientX: 0, clientY: 0}};

// The statistic of a metric that a single number or line shows.
function mainColumn(metric) {
	return metric.columns.p50 ?? Object.values(metric.columns)[0];
}

function metrics() {
	return Object.entries(page.answer.metrics);
}

// Is anything known of this row?
function isKnown(i) {
	return metrics().some(([, metric]) => mainColumn(metric)[i] !== null);
}

// What was sent then, and did none of it come back?
function isUnanswered(i) {
	return metrics().some(([name, metric]) =>
	    metric.kind === 'ratio' && metric.columns.ratio[i] === 1 &&
	    page.colours.scale(page.answer.probe, name)?.better === 'less');
}

function gradeColour(name, value) {
	const scale = page.colours.scale(page.answer.probe, name);
	const grade = page.colours.gradeOf(scale, value);
	return grade === null ? page.colours.faint : page.colours.grade(grade);
}

function figure(name, caption) {
	const made = make('figure', find('charts'));
	const words = make('figcaption', made);
	make('strong', words, name);
	make('span', words, caption);
	const plot = make('div', made, '', 'plot');
	const canvas = make('canvas', plot);
	canvas.dataset.metric = name;
	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', `${name}: ${caption}`);
	make('div', plot, '', 'crosshair').hidden = true;
	return canvas;
}

// The time that is drawn: up to the first value there is nothing to see.
function extent() {
	const {answer} = page;
	const {start, step, count, from, to} = answer;
	let first = 0;
	while (first < count && !isKnown(first))
		first++;
	const cut = first > 0 && first < count &&
	    start + first * step > from + (to - from) / 20;
	return {start, step, count, to, cut,
	    from: cut ? start + (first - 0.5) * step : from};
}

function begin(name, metric, caption, height) {
	const canvas = figure(name, caption);
	const chart = new Chart(canvas, page.extent, metric.unit, page.colours,
	    height);
	page.charts.push(chart);
	return chart;
}

function drawDistribution(name, metric) {
	const {columns} = metric;
	const high = columns.max.map((v, i) => columns.p95[i] ?? v);
	const chart = begin(name, metric, text('band'), TALL);

	chart.scale([columns.min, high, columns.p50], false);
	chart.hatch((i) => !isKnown(i));
	chart.grid();
	chart.tint(isUnanswered, page.colours.grades[5]);
	chart.band(columns.min, high);
	chart.curve(columns.p50);
}

function drawBars(name, metric) {
	const column = mainColumn(metric);
	const chart = begin(name, metric,
	    metric.kind === 'count' ? text('per-bin') : '', LOW);

	chart.scale([column], true);
	chart.hatch((i) => !isKnown(i));
	chart.grid();
	chart.bars(column, (value) => gradeColour(name, value));
}

function drawValue(name, metric) {
	const chart = begin(name, metric, '', LOW);
	chart.scale([mainColumn(metric)], false);
	chart.hatch((i) => !isKnown(i));
	chart.grid();
	chart.curve(mainColumn(metric));
}

const painters = {distribution: drawDistribution, ratio: drawBars,
    count: drawBars, value: drawValue};
const order = Object.keys(painters);

function draw() {
	const {answer} = page;
	if (!answer)
		return;
	find('charts').replaceChildren();
	page.charts = [];
	page.extent = extent();
	const shown = metrics().filter(([, metric]) =>
	    mainColumn(metric).some((v) => v !== null));
	shown.sort(([, a], [, b]) => order.indexOf(a.kind) -
	    order.indexOf(b.kind));
	for (const [name, metric] of shown)
		painters[metric.kind](name, metric);
	if (!shown.length)
		make('p', find('charts'), text('no-data'), 'empty');
	find('consolidation').textContent = text('rows',
	    duration(answer.step), answer.consolidation) +
	    (page.extent.cut ? text('cut', instant(page.extent.from +
		answer.step / 2)) : '');
}

// The last row of which anything is known.
function lastRow() {
	for (let i = page.answer.count - 1; i >= 0; i--)
		if (isKnown(i))
			return i;
	return -1;
}

function drawNow() {
	const {answer, fleet} = page;
	const at = lastRow();
	const end = answer.start + (at + 1) * answer.step;
	const age = Math.max(0, answer.generated - end);
	const silent = [src, dst].filter((name) =>
	    ['silent', 'never'].includes(fleet.boxes.get(name)?.state));

	find('now').replaceChildren();
	for (const [name, metric] of at < 0 ? [] : metrics()) {
		const value = mainColumn(metric)[at];
		const item = make('li', find('now'));
		make('span', item, metric.columns.p50 ? `${name} p50` : name);
		item.append(' ');
		make('b', item, value === null ? text('unmeasured') :
		    quantity(value, metric.unit));
		item.style.borderColor = css(value === null ?
		    page.colours.line : gradeColour(name, value));
	}
	if (at >= 0)
		make('li', find('now'), text('ago', duration(age)), 'age');
	sayState(at, age, silent);
}

// What is wrong with the pair now, if anything.
function sayState(at, age, silent) {
	const {answer, fleet} = page;
	const words = [];

	if (silent.length)
		words.push(text('silent',
		    silent.map((name) => fleet.label(name)).join(', ')));
	if (at >= 0 && age > answer.stale_after)
		words.push(stateWords('stale'));
	else if (at >= 0 && isUnanswered(at))
		words.push(stateWords('unreachable'));
	find('state').hidden = !words.length;
	find('state').textContent = words.join(' · ');
}

function stateWords(name) {
	const state = page.colours.states.get(name);
	return `${state.glyph} ${label(state.label, name)}: ` +
	    label(state.meaning, '');
}

function drawHead() {
	const {fleet} = page;
	const here = fleet.test(test);
	const both = here?.sources.includes(dst) &&
	    here.destinations.includes(src);
	const words = text('pair', fleet.label(src), fleet.label(dst));
	const choice = new URLSearchParams(query);

	find('title').textContent = words;
	document.title = `${words} · ${test} · Pharos`;
	find('reverse').hidden = !both;
	find('reverse').href = `${url('pair', test, dst, src)}?${query}`;
	choice.delete('from');
	choice.delete('to');
	find('matrix-link').textContent = test;
	find('matrix-link').href = `/matrix${url(test)}?${choice}`;
}

// The row under the mouse, in all charts and in words.
function point(mouse) {
	const canvas = document.elementFromPoint(mouse.clientX, mouse.clientY);
	const chart = page.charts.find((c) => c.canvas === canvas);
	const row = chart ? chart.rowAt(mouse.clientX -
	    canvas.getBoundingClientRect().left) : -1;

	for (const each of page.charts) {
		const cross = each.canvas.nextSibling;
		cross.hidden = row < 0;
		cross.style.left = `${each.x(each.time(row, 0.5))}px`;
	}
	if (row < 0) {
		hideTip();
		return;
	}
	const lines = isKnown(row) ? metrics().flatMap(valuesOf(row)) :
	    [text('nothing-then')];
	showTip(`${instant(chart.time(row, 0))} – ${clock(chart.time(row, 1))}`,
	    lines, new DOMRect(mouse.clientX, mouse.clientY, 0, 0));
}

function valuesOf(row) {
	return ([name, metric]) => Object.entries(metric.columns)
	    .filter(([, column]) => column[row] !== null)
	    .map(([stat, column]) => [
		metric.kind === 'distribution' ? `${name} ${stat}` : name,
		quantity(column[row], metric.unit), '',
		stat === 'p50' || metric.kind === 'ratio' ?
		gradeColour(name, column[row]) : null]);
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
	return `/api/v1/series${url(test, src, dst)}?${asked}`;
}

async function load(current) {
	page.fleet = await fleetAt(null);
	if (!page.colours) {
		page.colours = new Colours(await get('/api/v1/scales'));
		page.colours.onChange(draw);
	}
	drawHead();
	const answer = await get(question());
	if (!current())
		return answer;
	page.answer = answer;
	drawNow();
	draw();
	point(page.mouse);
	return answer;
}

// What is over does not change.
function pause() {
	return Math.max(2, Math.min(30, page.answer.step / 2));
}

function fillSpans() {
	const from = query.get('from') ?? USUAL;
	const names = spans.includes(from) ? spans : [from, ...spans];
	offer(find('span'), names, from, (name) =>
	    spans.includes(name) ? text(`span${name}`) : text('span-chosen'));
}

fillTexts();
fillSpans();
const again = keepLoading(load, pause);
find('span').addEventListener('change', (event) => {
	query.set('from', event.target.value);
	query.delete('to');
	history.replaceState(null, '', `?${query}`);
	fillSpans();
	again();
});
find('choice').addEventListener('submit', (event) => event.preventDefault());
for (const kind of ['mousemove', 'mouseleave'])
	find('charts').addEventListener(kind, (event) => {
		page.mouse = {clientX: event.clientX, clientY: event.clientY};
		point(page.mouse);
	});
window.addEventListener('resize', draw);
