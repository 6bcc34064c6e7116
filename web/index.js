// What there is, and whether anything is wrong: tests and boxes.
import {get, keepLoading, url} from './api.js';
import {Colours} from './colours.js';
import {find, link, make} from './dom.js';
import {Fleet} from './fleet.js';
import {paint} from './painter.js';
import {Plane} from './plane.js';
import {duration, fillTexts, label, quantity, schedule, text}
    from './text.js';

const PICTURE = 148; // pixels of a matrix in small
const MOST = 29;     // of a cell in it
const SMALL = 40000; // cells of a matrix that is shown in small
const EVERY = 10;    // s

const page = {fleet: null, colours: null, planes: new Map()};

// How many cells are in which grade, worst first, then in which state.
function drawCounts(card, answer) {
	const {scales} = page.colours;
	const list = make('ul', card, '', 'counts');
	const add = (cell, words, count) => {
		const li = make('li', list);
		paint(make('canvas', li), [{value: 0, second: null, ...cell}], 1,
		    13, page.colours, () => ['']);
		make('span', li, `${count} ${words}`);
	};

	for (let i = scales.grades.length - 1; i >= 0; i--)
		if (answer.summary.grades[i])
			add({state: 'ok', grade: i}, label(scales.grades[i].label,
			    scales.grades[i].name), answer.summary.grades[i]);
	for (const state of scales.states) {
		const count = answer.summary.states[state.name];
		if (count && !['ok', 'self', 'untested'].includes(state.name))
			add({state: state.name, value: null, grade: null},
			    label(state.label, state.name), count);
	}
}

function drawPicture(frame, plane) {
	const canvas = make('canvas', frame);
	const rows = plane.cells.length / plane.columns;
	const size = Math.floor(PICTURE / Math.max(rows, plane.columns));

	paint(canvas, plane.cells, plane.columns,
	    Math.max(1, Math.min(MOST, size)), page.colours, () => ['']);
	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', text('picture', plane.answer.test,
	    plane.answer.metric, plane.cells.length));
}

function drawTest(test) {
	const card = link(find('tests'), `/matrix${url(test.test)}`);
	const plane = page.planes.get(test.test);
	const frame = make('div', card, '', 'picture');
	const words = make('div', card);

	card.className = 'card';
	if (plane)
		drawPicture(frame, plane);
	else
		make('span', frame, text('too-large'), 'empty');
	make('strong', words, test.test);
	make('p', words, text('about-test', plane ?
	    `${test.probe} ${plane.answer.metric} ${plane.answer.stat}` :
	    test.probe, `${test.sources.length} × ${test.destinations.length}`,
	    schedule(test)));
	if (plane)
		drawCounts(words, plane.answer);
}

function drawTests() {
	find('tests').replaceChildren();
	for (const test of page.fleet.answer.tests)
		drawTest(test);
	if (!page.fleet.answer.tests.length)
		make('p', find('tests'), text('nothing'), 'empty');
}

function bound(clock) {
	if (!clock)
		return '';
	return `${clock.source}, ${clock.error === undefined ||
	    clock.error === null ? text('unknown-bound') :
	    text('bound', quantity(clock.error, 's'))}`;
}

function drawBox(table, site, box) {
	const {generated} = page.fleet.answer;
	const row = table.insertRow();
	const state = text(`box-${box.state}`);
	const cell = (words) => {
		const td = row.insertCell();
		td.textContent = words;
		return td;
	};

	cell(box.name);
	cell(label(site.label, site.name));
	make('span', cell(''), box.plan_refused ?
	    `${state}; ${text('plan-refused', box.plan_refused)}` : state,
	    `box-${box.plan_refused ? 'refused' : box.state}`);
	cell(box.heard ? text('ago', duration(generated - box.heard)) : '–');
	cell(bound(box.clock));
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

function draw() {
	const boxes = [...page.fleet.boxes.values()];
	const fine = boxes.filter((box) => box.state === 'ok').length;

	find('title').textContent = text('reporting', fine, boxes.length);
	drawTests();
	drawBoxes();
}

async function loadPlane(test) {
	if (test.sources.length * test.destinations.length > SMALL)
		return;
	const answer = await get(`/api/v1/matrix${url(test.test)}`);
	page.planes.set(test.test,
	    new Plane(answer, page.fleet.metrics(answer.probe)));
}

async function load(current) {
	const answer = await get('/api/v1/fleet');
	if (!page.colours) {
		page.colours = new Colours(await get('/api/v1/scales'));
		page.colours.onChange(draw);
	}
	page.fleet = new Fleet(answer);
	await Promise.all(answer.tests.map(loadPlane));
	if (current())
		draw();
	return answer;
}

fillTexts();
keepLoading(load, () => EVERY);
