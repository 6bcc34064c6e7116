// The boxes of the first page: a table, and in words what is wrong with them.
import {find, link, make} from './dom.js';
import {duration, label, listed, quantity, text} from './text.js';
import {carried} from './times.js';

const CLOCK = 0.01; // s: an error bound from which a clock is worth a word
const NAMED = 6;    // boxes that are named

function sourceOf(clock) {
	if (clock.source === 'none')
		return text('no-source');
	// nobody measures it: who runs the box says so, and why
	return clock.source === 'operator' ?
	    text('vouched', clock.reference ?? '?') : clock.source;
}

// What a box says of its clock: "chrony, ± 9 µs".
export function claim(clock) {
	if (!clock)
		return '';
	const source = sourceOf(clock);
	return text('beside', source, clock.error === undefined ||
	    clock.error === null ? text('unknown-bound') :
	    text('bound', quantity(clock.error, 's')));
}

const isVague = (box) => box.state === 'ok' && box.clock &&
    !(box.clock.error <= CLOCK);

function drawBox(table, site, box) {
	const row = table.insertRow();
	const state = text(`box-${box.state}`);
	const cell = (words, className) => make('td', row, words, className);

	cell(box.name);
	cell(label(site.label, site.name));
	cell(box.plan_refused ?
	    `${state}; ${text('plan-refused', box.plan_refused)}` : state,
	`box-${box.plan_refused ? 'refused' : box.state}`);
	cell('–').dataset.heard = box.heard ?? '';
	cell(claim(box.clock), isVague(box) ? 'vague' : '');
	cell(box.spool ? quantity(box.spool.records, '1') : '');
	cell(box.refused ? quantity(box.refused, '1') : '');
	cell(box.version ?? '');
}

// fleet: a Fleet; time: the collector's
export function drawBoxes(fleet, time) {
	const table = find('boxes');
	const head = ['box', 'site', 'state', 'heard', 'clock', 'spool',
	    'refused', 'version'];

	table.replaceChildren();
	const row = table.createTHead().insertRow();
	for (const name of head) {
		const th = make('th', row, name === 'clock' ? '' : text(name));
		th.scope = 'col';
		if (name === 'clock')
			link(th, `/clocks${carried}`, text('clock'));
	}
	const body = table.createTBody();
	for (const site of fleet.answer.sites)
		for (const box of site.boxes)
			drawBox(body, site, box);
	ageBoxes(time);
}

// How long ago each was heard; that grows.
export function ageBoxes(time) {
	for (const cell of find('boxes').querySelectorAll('[data-heard]'))
		if (cell.dataset.heard)
			cell.textContent = text('ago',
			    duration(time - Number(cell.dataset.heard)));
}

// What is to be said of them: [words, kind].
export function sayBoxes(fleet, time) {
	const boxes = [...fleet.boxes.values()];
	const silent = boxes.filter((box) => box.state === 'silent');
	const never = boxes.filter((box) => box.state === 'never');
	const vague = boxes.filter(isVague);
	const refused = boxes.filter((box) => box.plan_refused);
	const said = [];

	if (silent.length)
		said.push([text('some-silent', silent.length, listed(
		    silent.slice(0, NAMED).map((box) =>
			`${fleet.label(box.name)} (` +
			`${duration(time - box.heard)})`))), 'bad']);
	if (never.length)
		said.push([text('some-never', never.length, listed(
		    never.slice(0, NAMED).map((box) =>
			fleet.label(box.name)))), 'bad']);
	if (refused.length)
		said.push([text('some-refused', refused.length), 'bad']);
	if (vague.length)
		said.push([text('some-clocks', vague.length,
		    quantity(CLOCK, 's')), 'doubt']);
	return said;
}
