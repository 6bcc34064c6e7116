// The matrix of a test: which pairs are how, now.
import {get, keepLoading, url} from './api.js';
import {Colours, css} from './colours.js';
import {paint} from './painter.js';
import {duration, fillTexts, label, quantity, text} from './text.js';

const test = decodeURIComponent(location.pathname.split('/')[2]);
const query = new URLSearchParams(location.search);
const find = (id) => document.getElementById(id);
const canvas = find('cells');
const page = {fleet: null, colours: null, answer: null, cells: [], size: 0,
    at: -1};

function make(tag, words, parent) {
	const element = document.createElement(tag);
	if (words !== undefined)
		element.textContent = words;
	parent?.append(element);
	return element;
}

function cellsOf(answer) {
	return answer.value.map((value, i) => ({
		value,
		grade: answer.grade[i],
		state: answer.states[answer.state[i]],
		age: answer.age[i],
		count: answer.count[i],
	}));
}

// So large that the whole matrix fits the window, 6 to 56 pixels.
function cellSize(columns, rows) {
	const width = window.innerWidth - 180;
	const height = window.innerHeight - 300;
	const fits = Math.min(width / columns, height / rows);

	return Math.max(6, Math.min(56, Math.floor(fits)));
}

function siteLabel(name) {
	for (const site of page.fleet.sites)
		for (const box of site.boxes)
			if (box.name === name)
				return site.boxes.length > 1 ? name :
				    label(site.label, name);
	return name;
}

function drawLabels(answer, size) {
	const silent = new Set(answer.silent);
	const flat = size >= 40;
	const columns = find('columns'), rows = find('rows');

	columns.replaceChildren();
	rows.replaceChildren();
	columns.style.height = flat ? '1.8em' : '6.5em';
	for (const [i, name] of answer.dst.entries()) {
		const span = make('span', flat ? name : siteLabel(name), columns);
		span.className = flat ? 'flat' : 'steep';
		span.classList.toggle('silent', silent.has(name));
		span.title = siteLabel(name);
		span.style.left = `${i * size}px`;
		if (flat)
			span.style.width = `${size}px`;
	}
	for (const name of answer.src) {
		const span = make('span', siteLabel(name), rows);
		span.classList.toggle('silent', silent.has(name));
		span.style.height = `${size}px`;
		span.title = name;
	}
}

function swatch(parent, colour) {
	const canvas = make('canvas', undefined, parent);
	const context = canvas.getContext('2d');
	canvas.width = canvas.height = 14;
	context.fillStyle = css(colour);
	context.fillRect(0, 0, 14, 14);
}

function stateSwatch(parent, state) {
	const canvas = make('canvas', undefined, parent);
	paint(canvas, [{value: null, grade: null, state}], 1, 16, page.colours,
	    () => '');
}

function gradeRange(answer, scale, grade) {
	const edge = (i) => quantity(scale.edges[i], answer.unit);
	const worse = scale.better === 'more' ? 5 - grade : grade;

	return worse === 0 ? text('below', edge(0)) :
	    text('from', edge(worse - 1));
}

function drawLegend(answer) {
	const legend = find('legend');
	const scale = page.colours.edges(answer.probe, answer.metric);

	legend.replaceChildren();
	for (const [i, grade] of page.colours.scales.grades.entries()) {
		if (!scale)
			break;
		const item = make('li', undefined, legend);
		swatch(item, page.colours.grades[i]);
		make('span', `${label(grade.label, grade.name)} ` +
		    gradeRange(answer, scale, i), item);
		make('span', answer.summary.grades[i], item).className = 'count';
	}
	for (const state of page.colours.scales.states) {
		const count = answer.summary.states[state.name];
		if (!count || state.name === 'ok' || state.name === 'self')
			continue;
		const item = make('li', undefined, legend);
		stateSwatch(item, state.name);
		item.title = label(state.meaning, '');
		make('span', label(state.label, state.name), item);
		make('span', count, item).className = 'count';
	}
}

function draw() {
	const {answer, colours} = page;
	if (!answer)
		return;
	const ratio = window.devicePixelRatio || 1;
	const size = cellSize(answer.dst.length, answer.src.length);
	const pixels = Math.round(size * ratio);

	page.size = pixels / ratio;
	canvas.dataset.cell = pixels;
	paint(canvas, page.cells, answer.dst.length, pixels, colours,
	    (value) => quantity(value, answer.unit));
	canvas.style.width = `${canvas.width / ratio}px`;
	canvas.style.height = `${canvas.height / ratio}px`;
	canvas.setAttribute('aria-label', `${test} ${answer.metric}`);
	find('columns').style.width = canvas.style.width;
	drawLabels(answer, page.size);
	drawLegend(answer);
}

function describe(i) {
	const {answer} = page;
	const cell = page.cells[i];
	const src = answer.src[Math.floor(i / answer.dst.length)];
	const dst = answer.dst[i % answer.dst.length];
	const state = page.colours.states.get(cell.state);
	const lines = [text('pair', siteLabel(src), siteLabel(dst))];

	if (cell.state !== 'self' && cell.state !== 'untested') {
		lines.push(text('value', answer.metric, answer.stat,
		    cell.value === null ? text('unmeasured') :
		    quantity(cell.value, answer.unit)));
		lines.push(cell.age === null ? text('never') :
		    text('age', duration(cell.age)));
		if (cell.count)
			lines.push(text('findings', cell.count));
	}
	if (cell.state !== 'ok')
		lines.push(`${label(state.label, state.name)}: ` +
		    label(state.meaning, ''));
	return lines.join('\n');
}

function showTip(i, x, y) {
	const tip = find('tip');
	page.at = i;
	tip.hidden = i < 0;
	if (i < 0)
		return;
	tip.textContent = describe(i);
	tip.style.left = `${Math.min(x + 14,
	    window.innerWidth - tip.offsetWidth - 4)}px`;
	tip.style.top = `${Math.min(y + 14,
	    window.innerHeight - tip.offsetHeight - 4)}px`;
}

function cellAt(event) {
	const box = canvas.getBoundingClientRect();
	const column = Math.floor((event.clientX - box.left) / page.size);
	const row = Math.floor((event.clientY - box.top) / page.size);
	const {answer} = page;

	if (!answer || column < 0 || row < 0 || column >= answer.dst.length ||
	    row >= answer.src.length)
		return -1;
	return row * answer.dst.length + column;
}

function open(i) {
	const {answer} = page;
	if (i < 0 || ['self', 'untested'].includes(page.cells[i].state))
		return;
	location.href = url('pair', test,
	    answer.src[Math.floor(i / answer.dst.length)],
	    answer.dst[i % answer.dst.length]);
}

// Arrow keys walk the cells, Enter opens one, Escape hides the tip.
function onKey(event) {
	const columns = page.answer?.dst.length ?? 0;
	const moves = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns,
	    ArrowDown: columns};
	const to = page.at < 0 ? 0 : page.at + (moves[event.key] ?? 0);

	if (event.key === 'Enter')
		open(page.at);
	else if (event.key === 'Escape')
		showTip(-1);
	else if (event.key in moves && page.cells[to]) {
		const box = canvas.getBoundingClientRect();
		event.preventDefault();
		showTip(to, box.left + (to % columns + 0.5) * page.size,
		    box.top + (Math.floor(to / columns) + 0.5) * page.size);
	}
}

function fill(select, names, chosen, words) {
	select.replaceChildren(...names.map((name) => {
		const option = make('option', words ? words(name) : name);
		option.value = name;
		option.selected = name === chosen;
		return option;
	}));
}

const stats = {
	count: ['sum'], value: ['mean', 'min', 'max', 'last'],
	ratio: ['ratio'], distribution: ['p50', 'min', 'mean', 'p5', 'p25',
	    'p75', 'p95', 'p99', 'max', 'median', 'sd', 'n'],
};

// The pickers offer what the probe's manifest declares.
function fillChoice(answer) {
	const manifest = page.fleet.manifests.find(
	    (m) => m.name === answer.probe);
	const metrics = manifest.metrics.filter((m) => m.kind in stats);

	fill(find('metric'), metrics.map((m) => m.name), answer.metric);
	fill(find('stat'), stats[answer.kind], answer.stat);
	fill(find('window'), ['last', '5m', '1h'], answer.window,
	    (name) => text(`window-${name}`));
}

async function load(current) {
	const answer = await get(`/api/v1/matrix${url(test)}?${query}`);
	page.fleet ??= await get('/api/v1/fleet');
	if (page.fleet.revision !== answer.revision)
		page.fleet = await get('/api/v1/fleet');
	page.colours ??= makeColours(await get('/api/v1/scales'));
	if (!current())
		return answer;
	page.answer = answer;
	page.cells = cellsOf(answer);
	fillChoice(answer);
	draw();
	if (page.at >= 0 && page.cells[page.at] && !find('tip').hidden)
		find('tip').textContent = describe(page.at);
	return answer;
}

function makeColours(scales) {
	const colours = new Colours(scales);
	colours.onChange(draw);
	return colours;
}

// Twice a step, but neither often nor seldom.
function pause() {
	const step = page.fleet?.tests.find((t) => t.test === test)?.step ?? 4;
	return Math.max(2, Math.min(15, step / 2));
}

fillTexts();
find('title').textContent = test;
document.title = `${test} · Pharos`;
const again = keepLoading(load, pause);
for (const name of ['metric', 'stat', 'window'])
	find(name).addEventListener('change', (event) => {
		query.set(name, event.target.value);
		if (name === 'metric')
			query.delete('stat');
		history.replaceState(null, '', `?${query}`);
		again();
	});
find('choice').addEventListener('submit', (event) => event.preventDefault());
canvas.addEventListener('mousemove', (event) =>
    showTip(cellAt(event), event.clientX, event.clientY));
canvas.addEventListener('mouseleave', () => showTip(-1));
canvas.addEventListener('click', (event) => open(cellAt(event)));
canvas.addEventListener('keydown', onKey);
window.addEventListener('resize', draw);
