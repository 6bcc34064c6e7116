// The matrix of a test: which pairs are how, now.
import {sayAbout} from './about.js';
import {get, url} from './api.js';
import {Colours} from './colours.js';
import {find, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {Grid} from './grid.js';
import {drawChosen} from './groups.js';
import {hourLines, Hours} from './hours.js';
import {drawLegend} from './legend.js';
import {Live} from './live.js';
import {begin, copyLink, isCommand, keepView} from './page.js';
import {drawPairs, rowsOf} from './pairs.js';
import {fillPickers} from './pickers.js';
import {Plane} from './plane.js';
import {Question} from './question.js';
import {Replay} from './replay.js';
import {Sparks} from './spark.js';
import {offerTexts} from './table.js';
import {describe, write} from './tell.js';
import {text} from './text.js';
import {hideTip, showTip} from './tip.js';
import {Tiles} from './tiles.js';
import {folded, split} from './twins.js';
import {View} from './view.js';

const WRITTEN = 30;  // pixels of a cell whose number is written
const SOON = 1500;   // ms until more of a baseline is asked for
const CALM = 10000;  // ms between changes of a table
const AROUND = 3 * 3600; // s of a pair's history on both sides of a past moment
const FEW = 2000;    // changed cells that are painted one by one
const SORTS = ['file', 'name', 'group', 'worst'];
const CELLS = ['fit', '6', '9', '12', '24', '48'];

const test = decodeURIComponent(location.pathname.split('/')[2]);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, plane: null, other: null, view: null,
    grid: null, tiles: null, isLate: false, tabled: 0};
const question = new Question(test, query, () => page.fleet);
const arrived = () => page.grid.view && point(page.grid.cell, page.grid.byKey);
const sparks = new Sparks(test, arrived), hours = new Hours(test, arrived);

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
	const more = {twins: page.view.twins};
	if (plane.isPair(i) && plane.main && question.at() === null) {
		const pair = [plane.src(i), plane.dst(i)];
		more.spark = sparks.get(...pair);
		more.hour = hourLines(hours.get(...pair, plane.metrics,
		    question.usual(plane, i)), plane.metrics);
	}
	if (!plane.isHere(i))
		page.tiles?.want(i);
	showTip(pairLabel(i), describe(plane, colours, i, timeShown(), more),
	    grid.box());
}

// The pair's page; Back returns to the cell.
function open(i) {
	const {plane} = page;
	if (i < 0 || !plane || !plane.isPair(i))
		return;
	const choice = new URLSearchParams(query);
	const at = question.at();
	query.set('on', `${plane.src(i)}:${plane.dst(i)}`);
	keepView(query);
	choice.delete('on');
	if (at !== null) { // what was before and after that moment
		choice.set('from', Math.round(at - AROUND));
		choice.set('to', Math.round(Math.min(at + AROUND, now())));
	}
	location.href = url('pair', test, plane.src(i), plane.dst(i)) +
	    (choice.size ? `?${choice}` : '');
}

const now = () => live.time() || Date.now() / 1000;

// The time by which ages are told: the collector's, or that of then.
const timeShown = () => question.at() ??
    Math.max(live.time(), page.plane.answer.told);
const sayWhat = () => sayAbout(page.plane, page.fleet, page.view.size);

// The lines written on a cell.
function writeCell(i) {
	const {plane, view} = page;
	if (!plane.isHere(i))
		page.tiles?.want(i);
	return view.twins ? view.twins.both(i, (of, k) => write(of, k)[0]) :
	    write(plane, i);
}

function drawTabled() {
	page.tabled = performance.now();
	if (page.plane.isSparse && !page.tiles.all)
		page.tiles.whole().then(draw, () => null);
	drawPairs(page.view, page.fleet, page.colours, timeShown());
}

// What is in the other triangle of each cell, if they have any.
function twinsOf(plane) {
	if (question.twin() && page.other)
		return split(plane, page.other, page.fleet.isSix(test));
	return query.get('fold') === '1' ? folded(plane) : null;
}

const isTable = () => query.get('show') === 'table';

function draw() {
	const {plane, colours, grid} = page;
	if (!plane)
		return;
	page.isLate = false;
	page.view = new View(plane, {sort: query.get('sort'),
	    filter: query.get('filter'), find: query.get('find'),
	    src: query.get('src'), dst: query.get('dst')}, page.fleet,
	colours.scales, twinsOf(plane));
	drawChosen(query, siteLabel);
	fillPickers(plane, page.fleet, colours.scales, query);
	sayWhat();
	drawLegend(find('legend'), page.view, colours, query.get('filter'));
	find('matrix').hidden = isTable() || !page.view.size;
	find('numbers').hidden = !isTable();
	find('as-table').setAttribute('aria-pressed', String(isTable()));
	if (isTable())
		drawTabled();
	else
		grid.draw(page.view, colours, {label: siteLabel,
		    size: CELLS.includes(query.get('cell')) ?
			Number(query.get('cell')) || 0 : 0,
		    write: writeCell});
	grid.canvas.setAttribute('aria-label', text('picture', test,
	    plane.answer.metric, plane.pairs()));
}

async function load(current) {
	page.fleet ??= await fleetAt(null);
	page.colours ??= makeColours(await get('/api/v1/scales'));
	const at = question.at();
	const [answer, other] = await question.whole();
	page.fleet = await fleetAt(page.fleet, answer.revision);
	if (!current() || at !== question.at())
		return answer.told;
	show(answer, other);
	replay.show(at, page.fleet.test(test)?.step ?? 60);
	return answer.told;
}

// The past stands still: there is no stream of it.
async function watch() {
	if (question.at() === null)
		live.start();
	else
		await live.freeze();
}

// To a moment, or back to now.
async function go(at) {
	if (at === null)
		query.delete('at');
	else
		query.set('at', new Date(at * 1000).toISOString()
		    .replace('.000Z', 'Z'));
	if (at !== null)
		query.delete('ref'); // what is usual is of now
	keepView(query);
	await watch();
}

// other: of the twin, or null
function show(answer, other) {
	const metrics = page.fleet.metrics(answer.probe);
	page.plane = new Plane(answer, metrics);
	page.other = other && new Plane(other, metrics);
	page.tiles = page.plane.isSparse ? new Tiles(page.plane,
	    (more) => question.ask(test, more), cameIn) : null;
	sparks.choose(answer.metric);
	draw();
	clearTimeout(page.soon);
	if (page.plane.isBased && !answer.baseline.complete)
		page.soon = setTimeout(() => live.load(), SOON);
	if (query.has('on')) {
		const [src, dst] = query.get('on').split(':');
		query.delete('on');
		keepView(query);
		if (!isTable())
			page.grid.moveTo(page.plane.at(src, dst));
	}
}

// Numbers that were wanted: they are written where there is room.
function cameIn(cells) {
	if (page.grid.size >= WRITTEN)
		repaint(cells);
	else if (cells.includes(page.grid.cell))
		point(page.grid.cell);
}

// Some cells have changed; where they are has not, unless the order or the
// choice of cells depends on it.
function apply(data) {
	const {plane, other} = page;
	if (data.test === other?.answer.test) {
		other.apply(data);
		repaint(data.cells.map((i) => plane.at(other.src(i), other.dst(i)))
		    .filter((i) => i >= 0));
		return;
	}
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
	drawLegend(find('legend'), page.view, page.colours,
	    query.get('filter'));
}

// While nothing is heard, what is too old must not look fresh.
function grow(time, lost) {
	const {plane, grid} = page;
	const here = page.fleet?.test(test);
	if (!plane || !here || question.at() !== null)
		return false;
	const old = lost ? plane.grow(time, here.stale_after) : [];
	if (lost)
		page.other?.grow(time, here.stale_after);
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
page.grid = new Grid(find('matrix'), point, open, (axis, word) =>
    choose(axis, query.get(axis) === word ? '' : word, '', false));
offer(find('sort'), SORTS, query.get('sort') ?? 'file',
    (name) => text(`sort-${name}`));
offer(find('cell'), CELLS, query.get('cell') ?? 'fit', (name) =>
    name === 'fit' ? text('cell-fit') : `${name} px`);
find('find').value = query.get('find') ?? '';

const live = new Live({load, apply, grow, async address(last) {
	page.fleet ??= await fleetAt(null);
	return question.stream(last);
}});
const replay = new Replay({time: now, go});
watch();

// Another view: of the same numbers, or of others.
function choose(name, value, usual, asks) {
	if (value === usual)
		query.delete(name);
	else
		query.set(name, value);
	keepView(query);
	if (asks)
		watch();
	else
		draw();
}
// What another metric may not have, goes; so do filters of other shades.
for (const name of ['metric', 'stat', 'window', 'ref'])
	find(name).addEventListener('change', (event) => {
		if (name === 'metric' || name === 'ref')
			for (const other of ['stat', 'ref', 'filter'])
				query.delete(other);
		choose(name, event.target.value, name === 'ref' ? 'abs' : '',
		    true);
	});
for (const [name, usual] of [['sort', 'file'], ['filter', ''], ['cell', 'fit']])
	find(name).addEventListener('change', (event) =>
	    choose(name, event.target.value, usual, false));
find('find').addEventListener('input', (event) =>
    choose('find', event.target.value, '', false));
find('chosen').addEventListener('click', (event) => {
	const axis = event.target.closest('[data-axis]')?.dataset.axis;
	if (axis)
		choose(axis, '', '', false);
});
find('legend').addEventListener('click', (event) => {
	const filter = event.target.closest('[data-filter]')?.dataset.filter;
	if (filter)
		choose('filter', filter === query.get('filter') ? '' : filter, '',
		    false);
});
// Of another test the same is looked at in the same way, but for what a test may
// not have.
find('test').addEventListener('change', (event) => {
	const choice = new URLSearchParams(query);
	for (const name of ['metric', 'stat', 'ref', 'filter', 'split'])
		choice.delete(name);
	location.assign(url('matrix', event.target.value) +
	    (choice.size ? `?${choice}` : ''));
});
// A cell has two triangles at most, so one takes the other's place.
function toggle(name, value, other) {
	query.delete(other);
	choose(name, query.get(name) === value ? '' : value, '', true);
}
const toggleFold = () => toggle('fold', '1', 'split');
find('fold').addEventListener('click', toggleFold);
find('split').addEventListener('click', () => toggle('split', 'af', 'fold'));
const toggleTable = () => choose('show', isTable() ? '' : 'table', '', false);
find('as-table').addEventListener('click', toggleTable);
find('copy').addEventListener('click', (event) =>
    copyLink(event.currentTarget, location.href));
offerTexts(find('csv'), find('tsv'), () => test, async () => {
	await page.tiles?.whole();
	return rowsOf(page.view, page.colours);
});
document.addEventListener('keydown', (event) => {
	if (!isCommand(event))
		return;
	if (event.key === 't')
		toggleTable();
	if (event.key === '\\')
		toggleFold();
	if (event.key === ',' || event.key === '.')
		replay.walk(event.key === ',' ? -1 : 1);
	if (event.key === '/') {
		event.preventDefault();
		find('find').focus();
	}
});
window.addEventListener('resize', draw);
