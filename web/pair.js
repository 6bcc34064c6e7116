// One pair over time: delay with its band, loss under it.
import {get, keepLoading, url} from './api.js';
import {Colours, css} from './colours.js';
import {find, make, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {drawPlots} from './plots.js';
import {mainColumn, Series} from './series.js';
import {clock, duration, fillTexts, instant, label, quantity, text}
    from './text.js';
import {hideTip, showTip} from './tip.js';

const spans = ['-1h', '-6h', '-24h', '-7d', '-30d', '-365d'];
const USUAL = '-6h';

const [, , test, src, dst] = location.pathname.split('/')
    .map(decodeURIComponent);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, series: null, charts: [],
    mouse: {clientX: 0, clientY: 0}};

function draw() {
	const {series} = page;
	if (!series)
		return;
	const extent = series.extent();
	const {step, consolidation} = series.answer;

	page.charts = drawPlots(find('charts'), series, extent);
	find('consolidation').textContent =
	    text('rows', duration(step), consolidation) +
	    (extent.cut ? text('cut', instant(extent.from + step / 2)) : '');
}

function drawNow() {
	const {fleet, series} = page;
	const {answer} = series;
	const at = series.lastRow();
	const end = answer.start + (at + 1) * answer.step;
	const age = Math.max(0, answer.generated - end);
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
		make('li', find('now'), text('ago', duration(age)), 'age');
	sayState(at, age, silent);
}

// What is wrong with the pair now, if anything.
function sayState(at, age, silent) {
	const {fleet, series} = page;
	const words = [];

	if (silent.length)
		words.push(text('silent',
		    silent.map((name) => fleet.label(name)).join(', ')));
	if (at >= 0 && age > series.answer.stale_after)
		words.push(stateWords('stale'));
	else if (at >= 0 && series.isUnanswered(at))
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
	const lines = page.series.isKnown(row) ?
	    page.series.metrics.flatMap(valuesOf(row)) :
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
		page.series.gradeColour(name, column[row]) : null]);
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
	page.series = new Series(answer, page.colours);
	drawNow();
	draw();
	point(page.mouse);
	return answer;
}

// Twice a step, but neither often nor seldom.
function pause() {
	return Math.max(2, Math.min(30, page.series.answer.step / 2));
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
