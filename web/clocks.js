// Whose clock contradicts the others'? What the court found, with the evidence; and
// the course of each.
import {get} from './api.js';
import {claim} from './boxes.js';
import {Colours} from './colours.js';
import {courseOf, Courses} from './courses.js';
import {find, link, make, offer} from './dom.js';
import {Fleet, fleetAt} from './fleet.js';
import {Live} from './live.js';
import {begin, keepView} from './page.js';
import {instant, quantity, text} from './text.js';

const VERDICTS = ['wrong', 'off', 'cannot-tell', 'relative', 'unchecked', 'fine'];
const COLUMNS = ['box', 'clock-says', 'clock-ahead', 'clock-any', 'clock-rate',
    'verdict', 'clock-since', 'clock-why'];
const PPM = 1e6;

const SPANS = ['-1h', '-6h', '-24h', '-7d', '-30d', '-365d'];
const USUAL = '-24h';

const query = new URLSearchParams(location.search);
const page = {fleet: null, answer: null, courses: null};

const isKnown = (value) => value !== undefined && value !== null;

// "+5.1 ms", "−20 µs"
const signed = (value) =>
    `${value < 0 ? '−' : '+'}${quantity(Math.abs(value), 's')}`;

const rate = (value) => `${value < 0 ? '−' : '+'}` +
    `${Math.abs(value * PPM).toFixed(3)}`;

function ahead(box) {
	return isKnown(box.offset) ? text('within', signed(box.offset),
	    quantity(box.error, 's')) : '–';
}

// Between what it has to be whatever the routes are.
function anyRoutes(box) {
	if (!isKnown(box.least) && !isKnown(box.most))
		return '–';
	return text('clock-between', isKnown(box.least) ? signed(box.least) : '−∞',
	    isKnown(box.most) ? signed(box.most) : '+∞');
}

// The evidence, in the reader's language.
function why(box) {
	if (!box.reason)
		return text('why-not-yet');
	return text(`why-${box.reason}`, box.pairs, box.agree, box.against,
	    box.trust, box.claims, quantity(box.asymmetry ?? 0, 's'),
	    quantity(box.proof ?? 0, 's'), quantity(box.spread ?? 0, 's'),
	    isKnown(box.rate) ? rate(box.rate) : '–', box.peers);
}

// It leads to all that is known of its clock.
function drawName(cell, name) {
	const {own} = page.fleet;

	if (own?.sources.includes(name))
		link(cell, courseOf(own.test, name), page.fleet.label(name));
	else
		cell.textContent = page.fleet.label(name);
}

function drawBox(table, box) {
	const row = table.insertRow();
	const cell = (words, className) => make('td', row, words, className);
	const kind = box.verdict ?? 'unchecked';

	drawName(cell(''), box.name);
	cell(claim(box.says));
	cell(ahead(box), 'number');
	cell(anyRoutes(box), 'number');
	cell(isKnown(box.rate) && isKnown(box.rate_error) ?
	    text('within', rate(box.rate), (box.rate_error * PPM).toFixed(3)) :
	    '–', 'number');
	cell(text(`verdict-${kind}`), `verdict-${kind}`);
	cell(box.since ? instant(box.since) : '');
	cell(why(box));
}

const rank = (box) => VERDICTS.indexOf(box.verdict ?? 'unchecked');

const inOrder = (boxes) => [...boxes].sort((a, b) => rank(a) - rank(b));

function drawTable(boxes) {
	const table = find('clocks');

	table.replaceChildren();
	const head = table.createTHead().insertRow();
	for (const name of COLUMNS)
		make('th', head, text(name)).scope = 'col';
	const body = table.createTBody();
	for (const box of inOrder(boxes))
		drawBox(body, box);
}

function drawVerdicts() {
	const list = find('verdicts');

	list.replaceChildren();
	for (const kind of VERDICTS) {
		make('dt', list, text(`verdict-${kind}`), `verdict-${kind}`);
		make('dd', list, text(`verdict-${kind}-means`));
	}
}

// One line that answers the question of this page.
function drawHealth(boxes) {
	const named = boxes.filter((box) => box.verdict === 'wrong');
	const list = find('health');

	list.replaceChildren();
	for (const box of named)
		make('li', list, text('clock-wrong', page.fleet.label(box.name),
		    signed(box.offset), box.since ? instant(box.since) : '–'),
		'bad');
	if (!named.length && boxes.some((box) => box.verdict))
		make('li', list, text('clocks-fine'), 'fine');
	for (const box of boxes)
		for (const over of (box.before ?? []).toReversed())
			make('li', list, text('clock-was',
			    page.fleet.label(box.name),
			    text(`verdict-${over.verdict}`), signed(over.offset),
			    instant(over.since), instant(over.until)));
}

// In the order of the table.
function drawCourses(boxes) {
	const {own} = page.fleet;

	find('history').hidden = !own;
	if (own)
		page.courses.draw(own.test, inOrder(boxes).map((box) => box.name)
		    .filter((name) => own.sources.includes(name)),
		(name) => page.fleet.label(name));
}

function draw() {
	const {at, boxes} = page.answer;

	find('title').textContent = text('clocks');
	document.title = `${text('clocks')} – Pharos`;
	find('about').textContent = isKnown(at) ?
	    text('clocks-about', instant(at)) : text('clocks-none');
	drawHealth(boxes);
	drawTable(boxes);
	drawCourses(boxes);
	drawVerdicts();
}

const span = () => SPANS.includes(query.get('from')) ? query.get('from') : USUAL;

function fillSpan() {
	offer(find('span'), SPANS, span(), (name) => text(`span${name}`));
}

async function makeCourses() {
	const colours = new Colours(await get('/api/v1/scales'));
	const courses = new Courses(find('courses'), colours, span());
	colours.onChange(() => courses.redraw());
	return courses;
}

async function load(current) {
	page.courses ??= await makeCourses();
	const answer = await get('/api/v1/clocks');
	const fleet = page.fleet ?? new Fleet(await get('/api/v1/fleet'));
	const isKnownTo = answer.boxes.every((box) => fleet.boxes.has(box.name));

	page.fleet = isKnownTo ? fleet : await fleetAt(null, -1);
	page.answer = answer;
	if (current())
		draw();
	return answer.told;
}

// The stream of a test says when time has passed, and that the collector is there.
const live = new Live({load, apply() {}, grow: () => false,
	tick: () => live.load(),
	async address() {
		page.fleet ??= new Fleet(await get('/api/v1/fleet'));
		const [first] = page.fleet.answer.tests;
		return first ? `/api/v1/live?${new URLSearchParams({
		    tests: first.test, most: 0})}` : null;
	}});

export const shown = () => page.answer;

begin();
fillSpan();
live.start();

find('span').addEventListener('change', (event) => {
	if (event.target.value === USUAL)
		query.delete('from');
	else
		query.set('from', event.target.value);
	keepView(query);
	page.courses?.choose(span());
});
