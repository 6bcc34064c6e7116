// Whose clock contradicts the others'? What the court found, with the evidence.
import {get} from './api.js';
import {claim} from './boxes.js';
import {find, make} from './dom.js';
import {Fleet, fleetAt} from './fleet.js';
import {Live} from './live.js';
import {begin} from './page.js';
import {instant, quantity, text} from './text.js';

const VERDICTS = ['wrong', 'off', 'cannot-tell', 'relative', 'unchecked', 'fine'];
const COLUMNS = ['box', 'clock-says', 'clock-ahead', 'clock-any', 'clock-rate',
    'verdict', 'clock-since', 'clock-why'];
const PPM = 1e6;

const page = {fleet: null, answer: null};

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

function drawBox(table, box) {
	const row = table.insertRow();
	const cell = (words, className) => make('td', row, words, className);
	const kind = box.verdict ?? 'unchecked';

	cell(page.fleet.label(box.name));
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

function drawTable(boxes) {
	const table = find('clocks');

	table.replaceChildren();
	const head = table.createTHead().insertRow();
	for (const name of COLUMNS)
		make('th', head, text(name)).scope = 'col';
	const body = table.createTBody();
	for (const box of [...boxes].sort((a, b) => rank(a) - rank(b)))
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

function draw() {
	const {at, boxes} = page.answer;

	find('title').textContent = text('clocks');
	document.title = `${text('clocks')} – Pharos`;
	find('about').textContent = isKnown(at) ?
	    text('clocks-about', instant(at)) : text('clocks-none');
	drawHealth(boxes);
	drawTable(boxes);
	drawVerdicts();
}

async function load(current) {
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
live.start();
