// The matrix of a test: which pairs are how, now.
import {get, keepLoading, url} from './api.js';
import {Colours} from './colours.js';
import {find, offer} from './dom.js';
import {fleetAt} from './fleet.js';
import {Grid} from './grid.js';
import {drawLegend} from './legend.js';
import {companions, mostOfNone, Plane} from './plane.js';
import {duration, fillTexts, label, quantity, schedule, text}
    from './text.js';
import {hideTip, showTip} from './tip.js';

const NAMED = 12;    // silent boxes that are named
const SMALL = 40000; // cells of a matrix whose companions are shown, too

const test = decodeURIComponent(location.pathname.split('/')[2]);
const query = new URLSearchParams(location.search);
const page = {fleet: null, colours: null, plane: null, grid: null};

const siteLabel = (name) => page.fleet.label(name);
const isPair = (cell) => cell.state !== 'self' && cell.state !== 'untested';

// "36.2 ms"; a ratio of nothing says of how many: "0 / 20".
function number(metric, i) {
	const {plane} = page;
	const value = plane.value(metric.name, i);
	const counts = plane.counts(metric, i);

	if (value === null)
		return text('unmeasured');
	return value === 0 && counts ? `0 / ${counts.whole}` :
	    quantity(value, metric.unit);
}

// What a number rests on: "3 / 20", or what a zero still allows.
function basis(metric, i) {
	const counts = page.plane.counts(metric, i);

	if (!counts || !counts.whole)
		return '';
	return counts.part === 0 ? text('at-most',
	    quantity(mostOfNone(counts.whole), metric.unit)) :
	    `${counts.part} / ${counts.whole}`;
}

// The lines written on a cell.
function write(cell) {
	const {main, beside} = page.plane;
	const lines = [number(main, cell.at)];

	if (beside && page.plane.value(beside.name, cell.at) !== null)
		lines.push(number(beside, cell.at));
	return lines;
}

function metricLine(metric, i) {
	const {plane, colours} = page;
	const {answer} = plane;
	const grade = plane.grade(metric.name, i);
	const stat = metric.name === answer.metric ? answer.stat :
	    answer.also[metric.name].stat;

	return [stat === 'ratio' || stat === 'sum' ? metric.name :
	    `${metric.name} ${stat}`, number(metric, i), basis(metric, i),
	    grade === null ? null : colours.grade(grade)];
}

function describe(cell) {
	const {plane, colours} = page;
	const state = colours.states.get(cell.state);
	const reverse = plane.reverse(cell.at);
	const lines = [];

	if (isPair(cell)) {
		const shown = plane.metrics.filter((m) => m === plane.main ||
		    (m.edges && plane.answer.also?.[m.name]));
		lines.push(...shown.map((m) => metricLine(m, cell.at)));
		lines.push(cell.age === null ? text('never') :
		    text('age', duration(cell.age)) + (cell.count > 1 ?
		    text('runs', cell.count) : ''));
		if (reverse && isPair(reverse) && reverse.value !== null)
			lines.push(text('back', number(plane.main, reverse.at)));
	}
	if (cell.state !== 'ok')
		lines.push(`${label(state.label, state.name)}: ` +
		    label(state.meaning, ''));
	return lines;
}

function point(i) {
	const {plane, grid} = page;
	if (i < 0 || !plane) {
		hideTip();
		return;
	}
	showTip(text('pair', siteLabel(plane.src(i)), siteLabel(plane.dst(i))),
	    describe(plane.cells[i]), grid.box());
}

function open(i) {
	const {plane} = page;
	if (i < 0 || !plane || !isPair(plane.cells[i]))
		return;
	const choice = query.toString();
	location.href = url('pair', test, plane.src(i), plane.dst(i)) +
	    (choice && `?${choice}`);
}

// The pickers offer what the collector says there is.
function fillChoice() {
	const {answer} = page.plane;
	const same = (name) => name;

	offer(find('test'), page.fleet.answer.tests.map((t) => t.test), test,
	    same);
	offer(find('metric'), page.plane.metrics.map((m) => m.name),
	    answer.metric, same);
	offer(find('stat'), answer.stats, answer.stat, same);
	offer(find('window'), answer.windows, answer.window,
	    (name) => text(`window-${name}`));
	find('metric').title = page.plane.main?.help ?? '';
}

function sayWhat() {
	const {answer} = page.plane;
	const cells = page.plane.cells.filter(isPair).length;

	find('about').textContent = text('about', answer.probe, cells,
	    schedule(page.fleet.test(test)));
	find('silent').hidden = !answer.silent.length;
	find('silent').textContent = text('silent', names(answer.silent));
}

// The first few by name, the others by number.
function names(all) {
	const first = all.slice(0, NAMED).map(siteLabel).join(', ');
	return all.length > NAMED ?
	    text('and-more', first, all.length - NAMED) : first;
}

function draw() {
	const {plane, colours, grid} = page;
	if (!plane)
		return;
	const {answer} = plane;
	fillChoice();
	sayWhat();
	grid.draw(plane, colours, siteLabel, write);
	grid.canvas.setAttribute('aria-label', text('picture', test,
	    answer.metric, plane.cells.filter(isPair).length));
	drawLegend(find('legend'), plane, colours);
}

// Companions of a very large matrix would cost more than they tell.
function question() {
	const here = page.fleet.test(test);
	const asked = new URLSearchParams(query);

	if (here && here.sources.length * here.destinations.length <= SMALL)
		asked.set('also', companions(page.fleet.metrics(here.probe),
		    query.get('metric')).join(','));
	return `/api/v1/matrix${url(test)}?${asked}`;
}

async function load(current) {
	page.fleet ??= await fleetAt(null);
	page.colours ??= makeColours(await get('/api/v1/scales'));
	const answer = await get(question());
	page.fleet = await fleetAt(page.fleet, answer.revision);
	if (!current())
		return answer;
	page.plane = new Plane(answer, page.fleet.metrics(answer.probe));
	draw();
	return answer;
}

function makeColours(scales) {
	const colours = new Colours(scales);
	colours.onChange(draw);
	return colours;
}

// Twice a step, but neither often nor seldom.
function pause() {
	const step = page.fleet.test(test)?.step ?? 4;
	return Math.max(2, Math.min(15, step / 2));
}

fillTexts();
find('title').textContent = test;
document.title = `${test} · Pharos`;
page.grid = new Grid(find('matrix'), point, open);
const again = keepLoading(load, pause);
for (const name of ['metric', 'stat', 'window'])
	find(name).addEventListener('change', (event) => {
		query.set(name, event.target.value);
		if (name === 'metric')
			query.delete('stat');
		history.replaceState(null, '', `?${query}`);
		again();
	});
find('test').addEventListener('change', (event) =>
    location.assign(url('matrix', event.target.value)));
find('choice').addEventListener('submit', (event) => event.preventDefault());
window.addEventListener('resize', draw);
