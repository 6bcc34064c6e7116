// Is anything wrong? Tests at a glance, the worst pairs, silent boxes, clocks.
import {get, keepLoading, url} from './api.js';
import {Colours, css} from './colours.js';
import {find, link, make} from './dom.js';
import {Fleet} from './fleet.js';
import {begin} from './page.js';
import {drawSwatch, Painter} from './painter.js';
import {companions, Plane} from './plane.js';
import {drawSpark, Sparks} from './spark.js';
import {duration, label, quantity, schedule, text} from './text.js';
import {FROM, worstPairs} from './worst.js';

const PICTURE = 148; // pixels of a matrix in small
const MOST = 29;     // of a cell in it
const SMALL = 40000; // cells of a matrix that is shown in small
const WORST = 12;    // pairs that are named
const EVERY = 10;    // s
const CLOCK = 0.01;  // s: an error bound from which a clock is worth a word

const page = {fleet: null, colours: null, planes: new Map(), // of small ones
    summaries: new Map(), sparks: new Map(), worst: []};

// How many cells are in which grade, worst first, then in which state.
function drawCounts(card, answer) {
	const {scales} = page.colours;
	const list = make('ul', card, '', 'counts');
	const add = (look, words, count) => {
		const li = make('li', list);
		drawSwatch(make('canvas', li), look, 13, page.colours);
		make('span', li, `${count} ${words}`);
	};

	for (let i = scales.grades.length - 1; i >= 0; i--)
		if (answer.summary.grades[i])
			add({state: 'ok', grade: i}, label(scales.grades[i].label,
			    scales.grades[i].name), answer.summary.grades[i]);
	for (const state of scales.states) {
		const count = answer.summary.states[state.name];
		if (count && !['ok', 'self', 'untested'].includes(state.name))
			add({state: state.name}, label(state.label, state.name),
			    count);
	}
}

function drawPicture(frame, plane) {
	const canvas = make('canvas', frame);
	const size = Math.floor(PICTURE / Math.max(plane.rows, plane.columns));

	new Painter(canvas, page.colours, plane.answer.states,
	    Math.max(1, Math.min(MOST, size))).paint(plane.columns, plane.rows,
	    (place) => place, (i) => plane.look(i));
	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', text('picture', plane.answer.test,
	    plane.answer.metric, plane.pairs()));
}

function drawTest(test) {
	const card = link(find('tests'), `/matrix${url(test.test)}`);
	const plane = page.planes.get(test.test);
	const answer = page.summaries.get(test.test);
	const frame = make('div', card, '', 'picture');
	const words = make('div', card);

	card.className = 'card';
	if (plane)
		drawPicture(frame, plane);
	else
		make('span', frame, text('too-large'), 'empty');
	make('strong', words, test.test);
	make('p', words, text('about-test', answer ?
	    `${test.probe} ${answer.metric} ${answer.stat}` : test.probe,
	`${test.sources.length} × ${test.destinations.length}`,
	schedule(test)));
	if (answer)
		drawCounts(words, answer);
}

function drawTests() {
	find('tests').replaceChildren();
	for (const test of page.fleet.answer.tests)
		drawTest(test);
	if (!page.fleet.answer.tests.length)
		make('p', find('tests'), text('nothing'), 'empty');
}

function sparksOf(test) {
	let sparks = page.sparks.get(test);
	if (!sparks)
		page.sparks.set(test, sparks = new Map());
	return sparks;
}

// Of a pair's metric; each metric of a test is asked for together.
function sparkOf({plane, name, src, dst}) {
	const known = sparksOf(plane.answer.test);
	if (!known.has(name)) {
		const sparks = new Sparks(plane.answer.test, drawWorst);
		sparks.choose(name);
		known.set(name, sparks);
	}
	return known.get(name).get(src, dst);
}

function describe(row, trouble) {
	const {colours} = page;
	const words = make('td', row, '');
	if (trouble.state === 'unreachable') {
		const state = colours.states.get('unreachable');
		drawSwatch(make('canvas', words), {state: 'unreachable'}, 13,
		    colours);
		make('span', words, label(state.label, 'unreachable'));
		return;
	}
	const grade = colours.scales.grades[trouble.grade];
	make('i', words).style.background = css(colours.grade(trouble.grade));
	make('span', words, `${trouble.title} ` +
	    `${quantity(trouble.value, trouble.metric.unit)}, ` +
	    label(grade.label, grade.name));
}

function drawTrouble(body, trouble) {
	const row = body.insertRow();
	const {plane, src, dst} = trouble;
	const {test} = plane.answer;

	link(make('td', row, ''), `/pair${url(test, src, dst)}`,
	    text('pair', page.fleet.label(src), page.fleet.label(dst)));
	describe(row, trouble);
	make('td', row, test, 'faint');
	const points = sparkOf(trouble);
	const canvas = make('canvas', make('td', row, ''));
	if (points)
		drawSpark(canvas, points, page.colours, 120, 22);
	else
		canvas.height = 22;
	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', text('trend', trouble.name));
}

function drawWorst() {
	const table = find('worst');
	table.replaceChildren();
	const body = table.createTBody();
	for (const trouble of page.worst.slice(0, WORST))
		drawTrouble(body, trouble);
	const more = troubles() - Math.min(WORST, page.worst.length);
	find('fine').hidden = more === 0 && page.worst.length > 0;
	find('fine').textContent = more ? text('more-worst', more) :
	    text('none-worst');
}

// Pairs that are poor or worse: those of small matrices, and of large ones those
// that are so in the metric that is shown.
function troubles() {
	let found = page.worst.length;
	for (const [name, {summary}] of page.summaries)
		if (!page.planes.has(name))
			found += summary.states.unreachable + summary.grades
			    .slice(FROM).reduce((sum, count) => sum + count, 0);
	return found;
}

function bound(clock) {
	if (!clock)
		return '';
	return `${clock.source}, ${clock.error === undefined ||
	    clock.error === null ? text('unknown-bound') :
	    text('bound', quantity(clock.error, 's'))}`;
}

const isVague = (box) => box.state === 'ok' && box.clock &&
    !(box.clock.error <= CLOCK);

function drawBox(table, site, box) {
	const {generated} = page.fleet.answer;
	const row = table.insertRow();
	const state = text(`box-${box.state}`);
	const cell = (words, className) => make('td', row, words, className);

	cell(box.name);
	cell(label(site.label, site.name));
	cell(box.plan_refused ?
	    `${state}; ${text('plan-refused', box.plan_refused)}` : state,
	`box-${box.plan_refused ? 'refused' : box.state}`);
	cell(box.heard ? text('ago', duration(generated - box.heard)) : '–');
	cell(bound(box.clock), isVague(box) ? 'vague' : '');
	cell(box.spool ? quantity(box.spool.records, '1') : '');
	cell(box.refused ? quantity(box.refused, '1') : '');
	cell(box.version ?? '');
}

function drawBoxes() {
	const table = find('boxes');
	const head = ['box', 'site', 'state', 'heard', 'clock', 'spool',
	    'refused', 'version'];

	table.replaceChildren();
	const row = table.createTHead().insertRow();
	for (const name of head)
		make('th', row, text(name)).scope = 'col';
	const body = table.createTBody();
	for (const site of page.fleet.answer.sites)
		for (const box of site.boxes)
			drawBox(body, site, box);
}

// One line that answers the question of this page.
function drawHealth(boxes) {
	const list = find('health');
	const {generated} = page.fleet.answer;
	const silent = boxes.filter((box) => box.state === 'silent');
	const never = boxes.filter((box) => box.state === 'never');
	const vague = boxes.filter(isVague);
	const refused = boxes.filter((box) => box.plan_refused);
	const add = (words, kind) => make('li', list, words, kind);

	list.replaceChildren();
	if (!boxes.length)
		return;
	if (silent.length)
		add(text('some-silent', silent.length, silent.slice(0, 6)
		    .map((box) => `${page.fleet.label(box.name)} (` +
		    `${duration(generated - box.heard)})`).join(', ')), 'bad');
	if (never.length)
		add(text('some-never', never.length, never.slice(0, 6)
		    .map((box) => page.fleet.label(box.name)).join(', ')), 'bad');
	if (refused.length)
		add(text('some-refused', refused.length), 'bad');
	if (troubles())
		add(text('some-worst', troubles()), 'bad');
	if (vague.length)
		add(text('some-clocks', vague.length, quantity(CLOCK, 's')),
		    'doubt');
	if (!list.childElementCount)
		add(text('all-fine'), 'fine');
}

function draw() {
	const boxes = [...page.fleet.boxes.values()];
	const fine = boxes.filter((box) => box.state === 'ok').length;

	page.worst = worstPairs(page.planes.values(), page.colours);
	find('title').textContent = text('reporting', fine, boxes.length);
	drawHealth(boxes);
	drawTests();
	drawWorst();
	drawBoxes();
}

async function loadPlane(test) {
	const isSmall = test.sources.length * test.destinations.length <= SMALL;
	const metrics = page.fleet.metrics(test.probe);
	const asked = new URLSearchParams(isSmall ?
	    {also: companions(metrics, null).join(',')} : {planes: 'none'});
	const answer = await get(`/api/v1/matrix${url(test.test)}?${asked}`);

	page.summaries.set(test.test, answer);
	if (isSmall)
		page.planes.set(test.test, new Plane(answer, metrics));
	else
		page.planes.delete(test.test);
}

// A change of the fleet between the answers is of the next time.
async function load(current) {
	const answer = await get('/api/v1/fleet');
	if (!page.colours) {
		page.colours = new Colours(await get('/api/v1/scales'));
		page.colours.onChange(draw);
	}
	page.fleet = new Fleet(answer);
	for (const name of page.summaries.keys())
		if (!page.fleet.test(name)) {
			page.summaries.delete(name);
			page.planes.delete(name);
		}
	await Promise.all(answer.tests.map(loadPlane));
	if (current())
		draw();
	return answer;
}

export const shown = () => page.fleet?.answer;

begin();
keepLoading(load, () => EVERY);
