// The matrix of a test: which pairs are how, now.
import {get, url} from './api.js';
import {Colours} from './colours.js';
import {find, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {Grid} from './grid.js';
import {drawLegend} from './legend.js';
import {Live} from './live.js';
import {begin, copyLink, isCommand, keepView} from './page.js';
import {companions, Plane} from './plane.js';
import {Sparks} from './spark.js';
import {drawTable, offerTexts} from './table.js';
import {describe, fullName, write} from './tell.js';
import {duration, label, quantity, schedule, text} from './text.js';
import {hideTip, showTip} from './tip.js';
import {View} from './view.js';

const NAMED = 12;    // silent boxes that are named
const SMALL = 40000; // cells of a matrix whose companions are shown, too
const WRITTEN = 10000; // pairs of a table on the page
const CALM = 10000;  // ms between changes of a table
const FEW = 2000;    // changed cells that are painted one by one
const SORTS = ['file', 'name', 'group', 'worst'];
const CELLS = ['fit', '6', '9', '12', '24', '48'];

const test = decodeURIComponent(location.pathname.split('/')[2]);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, plane: null, view: null, grid: null,
    isLate: false, tabled: 0};
const sparks = new Sparks(test, () => page.grid.view &&
    point(page.grid.cell, page.grid.byKey));

const siteLabel = (name) => page.fleet.label(name);
const pairLabel = (i) => text('pair', siteLabel(page.plane.src(i)),
    siteLabel(page.plane.dst(i)));

function point(i) {
	const {plane, grid, colours} = page;
	if (i < 0 || !plane) {
		hideTip();
		if (page.isLate)
			draw();
		return;
	}
	const spark = plane.isPair(i) && plane.main ?
	    sparks.get(plane.src(i), plane.dst(i)) : undefined;
	showTip(pairLabel(i), describe(plane, colours, i, live.time(), spark),
	    grid.box());
}

// The pair's page; Back returns to the cell.
function open(i) {
	const {plane} = page;
	if (i < 0 || !plane || !plane.isPair(i))
		return;
	const choice = new URLSearchParams(query);
	query.set('at', `${plane.src(i)}:${plane.dst(i)}`);
	keepView(query);
	choice.delete('at');
	location.href = url('pair', test, plane.src(i), plane.dst(i)) +
	    (choice.size ? `?${choice}` : '');
}

// The pickers offer what the collector says there is.
function fillChoice() {
	const {answer} = page.plane;
	const {grades, states} = page.colours.scales;
	const same = (name) => name;
	const filters = ['', ...grades.slice(1).map((g) => `grade:${g.name}+`),
	    ...grades.map((g) => `grade:${g.name}`),
	    ...states.filter((s) => s.name !== 'ok' && s.name !== 'self')
		.map((s) => `state:${s.name}`)];

	offer(find('test'), page.fleet.answer.tests.map((t) => t.test), test,
	    same);
	offer(find('metric'), page.plane.metrics.map((m) => m.name),
	    answer.metric, same);
	offer(find('stat'), answer.stats, answer.stat, same);
	offer(find('window'), answer.windows, answer.window,
	    (name) => text(`window-${name}`));
	offer(find('filter'), filters, query.get('filter') ?? '', filterLabel);
	find('metric').title = page.plane.main?.help ?? '';
}

function filterLabel(words) {
	const {grades, states} = page.colours.scales;
	const [kind, what = ''] = words.split(':');
	const name = what.replace('+', '');
	const found = (kind === 'grade' ? grades : states)
	    .find((each) => each.name === name);

	if (!words)
		return text('filter-none');
	return what.endsWith('+') ? text('filter-from', label(found.label, name)) :
	    label(found.label, name);
}

function sayWhat() {
	const {answer} = page.plane;
	const {silent} = answer;

	find('about').textContent = text('about', answer.probe,
	    page.plane.pairs(), schedule(page.fleet.test(test)));
	find('silent').hidden = !silent.length;
	find('silent').textContent = text('silent', names(silent));
	find('nothing').hidden = page.view.size > 0;
	find('nothing').textContent = text('nothing-matches');
}

// The first few by name, the others by number.
function names(all) {
	const first = all.slice(0, NAMED).map(siteLabel).join(', ');
	return all.length > NAMED ?
	    text('and-more', first, all.length - NAMED) : first;
}

const isTable = () => query.get('show') === 'table';

function draw() {
	const {plane, colours, grid} = page;
	if (!plane)
		return;
	page.isLate = false;
	page.view = new View(plane, {sort: query.get('sort'),
	    filter: query.get('filter'), find: query.get('find')}, page.fleet,
	colours.scales);
	fillChoice();
	sayWhat();
	drawLegend(find('legend'), plane, colours, query.get('filter'));
	find('matrix').hidden = isTable() || !page.view.size;
	find('table').hidden = !isTable();
	find('as-table').setAttribute('aria-pressed', String(isTable()));
	if (isTable())
		drawCells();
	else
		grid.draw(page.view, colours, {label: siteLabel,
		    size: CELLS.includes(query.get('cell')) ?
			Number(query.get('cell')) || 0 : 0,
		    write: (i) => write(plane, i)});
	grid.canvas.setAttribute('aria-label', text('picture', test,
	    plane.answer.metric, plane.pairs()));
}

// All pairs of the view with all that is known of them.
function rowsOf(most = Infinity) {
	const {plane, view} = page;
	const {answer} = plane;
	const also = Object.keys(answer.also ?? {})
	    .filter((name) => name !== answer.metric);
	const unit = (name) => plane.metrics.find((m) => m.name === name).unit;
	const columns = [{name: text('source')}, {name: text('destination')},
	    {name: fullName(plane, answer.metric), unit: answer.unit},
	    ...also.map((name) => ({name: fullName(plane, name),
		unit: unit(name)})),
	    {name: text('grade')}, {name: text('state')},
	    {name: text('measured'), unit: 't'}, {name: text('findings'),
		unit: '1'}];
	const rows = [];

	for (let place = 0; place < view.size && rows.length < most; place++) {
		const i = view.at(place);
		if (!plane.isPair(i) || !view.isShown(i))
			continue;
		const grade = page.colours.scales.grades[answer.grade[i]];
		rows.push([plane.src(i), plane.dst(i), answer.value[i],
		    ...also.map((name) => answer.also[name].value[i]),
		    grade?.name ?? null, plane.state(i), plane.when(i),
		    answer.count[i]]);
	}
	return {columns, rows};
}

function drawCells() {
	const {columns, rows} = rowsOf(WRITTEN);
	const time = live.time();
	const {grades} = page.colours.scales;

	page.tabled = performance.now();
	columns.at(-2).name = text('age-of');
	drawTable(find('table'), columns, rows, (value, column) => {
		if (column.unit === 't')
			return text('ago', duration(time - value));
		if (column.unit)
			return quantity(value, column.unit);
		const state = page.colours.states.get(value);
		const grade = grades.find((g) => g.name === value);
		if (column.name === text('state') && state)
			return label(state.label, value);
		return column.name === text('grade') && grade ?
		    label(grade.label, value) : siteLabel(value);
	});
	if (rows.length === WRITTEN)
		find('nothing').textContent = text('table-cut', WRITTEN);
	find('nothing').hidden = rows.length > 0 && rows.length < WRITTEN;
}

// Companions of a very large matrix would cost more than they tell.
function question() {
	const here = page.fleet.test(test);
	const asked = new URLSearchParams();

	for (const name of ['metric', 'stat', 'window'])
		if (query.has(name))
			asked.set(name, query.get(name));
	if (here && here.sources.length * here.destinations.length <= SMALL)
		asked.set('also', companions(page.fleet.metrics(here.probe),
		    query.get('metric')).join(','));
	return asked;
}

async function load(current) {
	page.fleet ??= await fleetAt(null);
	page.colours ??= makeColours(await get('/api/v1/scales'));
	const answer = await get(`/api/v1/matrix${url(test)}?${question()}`);
	page.fleet = await fleetAt(page.fleet, answer.revision);
	if (!current())
		return answer.generated;
	show(answer);
	return answer.generated;
}

function show(answer) {
	page.plane = new Plane(answer, page.fleet.metrics(answer.probe));
	sparks.choose(answer.metric);
	draw();
	if (query.has('at')) {
		const [src, dst] = query.get('at').split(':');
		query.delete('at');
		keepView(query);
		if (!isTable())
			page.grid.moveTo(page.plane.at(src, dst));
	}
}

// Some cells have changed; where they are has not, unless the order or the
// choice of cells depends on it.
function apply(data) {
	const {plane} = page;
	plane.apply(data);
	repaint(data.cells);
}

function repaint(cells) {
	const {grid} = page;
	if (isTable() && performance.now() - page.tabled < CALM)
		return; // it is being read
	const isMoving = query.get('sort') === 'worst' || query.has('filter');
	if (isTable() || (isMoving && grid.at < 0) || cells.length > FEW) {
		draw();
		return;
	}
	page.isLate = isMoving; // nothing moves away from under the cursor
	grid.repaint(cells);
	sayWhat();
	drawLegend(find('legend'), page.plane, page.colours,
	    query.get('filter'));
}

// While nothing is heard, what is too old must not look fresh.
function grow(time, lost) {
	const {plane, grid} = page;
	const here = page.fleet?.test(test);
	if (!plane || !here)
		return false;
	const old = lost ? plane.grow(time, here.stale_after) : [];
	if (old.length)
		repaint(old);
	else if (grid.cell >= 0 && !isTable())
		point(grid.cell);
	return old.length > 0;
}

function makeColours(scales) {
	const colours = new Colours(scales);
	colours.onChange(draw);
	return colours;
}

// What the canvas shows, for whoever looks at the page from outside.
export const shown = () => page.plane?.answer;
export const place = (i) => page.view.placeOf(i);

begin();
find('title').textContent = test;
document.title = `${test} · Pharos`;
page.grid = new Grid(find('matrix'), point, open);
offer(find('sort'), SORTS, query.get('sort') ?? 'file',
    (name) => text(`sort-${name}`));
offer(find('cell'), CELLS, query.get('cell') ?? 'fit', (name) =>
    name === 'fit' ? text('cell-fit') : `${name} px`);
find('find').value = query.get('find') ?? '';

const live = new Live({load, apply, grow, async address(last) {
	page.fleet ??= await fleetAt(null);
	const asked = question();
	asked.set('test', test);
	if (last)
		asked.set('last', last);
	return `/api/v1/live?${asked}`;
}});
live.start();

// Another view: of the same numbers, or of others.
function choose(name, value, usual, asks) {
	if (value === usual)
		query.delete(name);
	else
		query.set(name, value);
	keepView(query);
	if (asks)
		live.start();
	else
		draw();
}
for (const name of ['metric', 'stat', 'window'])
	find(name).addEventListener('change', (event) => {
		if (name === 'metric')
			query.delete('stat');
		choose(name, event.target.value, '', true);
	});
for (const [name, usual] of [['sort', 'file'], ['filter', ''], ['cell', 'fit']])
	find(name).addEventListener('change', (event) =>
	    choose(name, event.target.value, usual, false));
find('find').addEventListener('input', (event) =>
    choose('find', event.target.value, '', false));
find('legend').addEventListener('click', (event) => {
	const filter = event.target.closest('[data-filter]')?.dataset.filter;
	if (filter)
		choose('filter', filter === query.get('filter') ? '' : filter, '',
		    false);
});
find('test').addEventListener('change', (event) =>
    location.assign(url('matrix', event.target.value)));
const toggleTable = () => choose('show', isTable() ? '' : 'table', '', false);
find('as-table').addEventListener('click', toggleTable);
find('copy').addEventListener('click', (event) =>
    copyLink(event.currentTarget, location.href));
offerTexts(find('csv'), find('tsv'), () => test, rowsOf);
document.addEventListener('keydown', (event) => {
	if (!isCommand(event))
		return;
	if (event.key === 't')
		toggleTable();
	if (event.key === '/') {
		event.preventDefault();
		find('find').focus();
	}
});
window.addEventListener('resize', draw);
