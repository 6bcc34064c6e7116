// One pair over time: delay with its band, loss under it.
import {get, keepLoading, url} from './api.js';
import {Chart} from './chart.js';
import {Colours} from './colours.js';
import {duration, fillTexts, label, quantity, text} from './text.js';

const [, , test, src, dst] = location.pathname.split('/')
    .map(decodeURIComponent);
const query = new URLSearchParams(location.search);
const spans = {'1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800,
    '30d': 2592000, '365d': 31536000};
const find = (id) => document.getElementById(id);
const page = {fleet: null, colours: null, answer: null};

function siteLabel(name) {
	const site = page.fleet.sites.find((s) =>
	    s.boxes.length === 1 && s.boxes[0].name === name);
	return label(site?.label, name);
}

function span() {
	const chosen = query.get('span');
	return chosen in spans ? chosen : '6h';
}

// The band's limits: the widest that there is, p95 before max.
function limits(columns) {
	const has = (name) => columns[name]?.some((v) => v !== null);
	return ['min', has('p95') ? 'p95' : 'max'];
}

function figure(caption) {
	const made = document.createElement('figure');
	const words = document.createElement('figcaption');
	made.className = 'chart';
	words.textContent = caption;
	made.append(words, document.createElement('canvas'));
	find('charts').append(made);
	return made.lastChild;
}

function isEmpty(columns) {
	return Object.values(columns).every((c) => c.every((v) => v === null));
}

// A value's grade, as the scales' edges have it.
function gradeOf(name) {
	const scale = page.colours.edges(page.answer.probe, name);
	return (value) => {
		if (!scale)
			return page.colours.front;
		const reached = scale.edges.filter((e) => e <= value).length;
		return page.colours.grade(
		    scale.better === 'more' ? 5 - reached : reached);
	};
}

function drawDistribution(name, metric) {
	const {columns, unit} = metric;
	const [low, high] = limits(columns);
	const canvas = figure(`${name}: ${text('band', low, high)}`);
	const chart = new Chart(canvas, page.answer, unit, page.colours, 280);

	canvas.dataset.metric = name;
	chart.scale([...columns[low], ...columns[high], ...columns.p50], false);
	chart.grid();
	chart.band(columns[low], columns[high]);
	chart.curve(columns.p50);
}

function drawBars(name, metric) {
	const column = Object.values(metric.columns)[0];
	const canvas = figure(name);
	const chart = new Chart(canvas, page.answer, metric.unit, page.colours,
	    130);

	canvas.dataset.metric = name;
	chart.scale([...column, 0], true);
	chart.grid();
	chart.bars(column, gradeOf(name));
}

function draw() {
	const {answer} = page;
	if (!answer)
		return;
	find('charts').replaceChildren();
	const metrics = Object.entries(answer.metrics)
	    .filter(([, metric]) => !isEmpty(metric.columns));
	for (const [name, metric] of metrics)
		if (metric.kind === 'distribution')
			drawDistribution(name, metric);
	for (const [name, metric] of metrics)
		if (metric.kind !== 'distribution')
			drawBars(name, metric);
	if (!metrics.length)
		find('charts').textContent = text('no-data');
	find('consolidation').textContent = text('rows',
	    duration(answer.step), answer.consolidation);
}

// The last row that has a value, in words, and whether it is still true.
function lastValues(answer) {
	const words = [];
	let at = -1;
	for (const [name, metric] of Object.entries(answer.metrics)) {
		const column = metric.columns.p50 ??
		    Object.values(metric.columns)[0];
		const last = column.findLastIndex((v) => v !== null);
		if (last < 0)
			continue;
		at = Math.max(at, last);
		words.push(`${name} ${quantity(column[last], metric.unit)}`);
	}
	return [words.join(', '), at];
}

function drawNow() {
	const {answer} = page;
	const [words, at] = lastValues(answer);
	const age = answer.generated -
	    Math.min(answer.start + (at + 1) * answer.step, answer.generated);
	const stale = at >= 0 && age > answer.stale_after;

	find('now').textContent = at < 0 ? '' :
	    text(stale ? 'now-stale' : 'now', words, duration(age));
	find('now').classList.toggle('bad', stale);
}

function drawHead() {
	const here = page.fleet.tests.find((t) => t.test === test);
	const both = here?.sources.includes(dst) &&
	    here.destinations.includes(src);
	const words = text('pair', siteLabel(src), siteLabel(dst));

	find('title').textContent = `${words} · ${test}`;
	document.title = `${words} · Pharos`;
	find('matrix-link').href = `/matrix${url(test)}`;
	find('reverse').hidden = !both;
	find('reverse').href = `${url('pair', test, dst, src)}?${query}`;
}

async function load(current) {
	const answer = await get(`/api/v1/series${url(test, src, dst)}` +
	    `?from=-${span()}`);
	page.fleet ??= await get('/api/v1/fleet');
	if (!page.colours) {
		page.colours = new Colours(await get('/api/v1/scales'));
		page.colours.onChange(draw);
	}
	if (!current())
		return answer;
	page.answer = answer;
	drawHead();
	drawNow();
	draw();
	return answer;
}

fillTexts();
find('span').replaceChildren(...Object.keys(spans).map((name) =>
    new Option(text(`span-${name}`), name, false, name === span())));
const again = keepLoading(load, () => 10);
find('span').addEventListener('change', (event) => {
	query.set('span', event.target.value);
	history.replaceState(null, '', `?${query}`);
	again();
});
find('choice').addEventListener('submit', (event) => event.preventDefault());
window.addEventListener('resize', draw);
