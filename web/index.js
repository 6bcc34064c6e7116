// Is anything wrong? Tests at a glance, the worst pairs, silent boxes, clocks. All
// of it lives on one stream.
import {get, url} from './api.js';
import {ageBoxes, drawBoxes, sayBoxes} from './boxes.js';
import {Cards} from './cards.js';
import {Colours} from './colours.js';
import {find, make} from './dom.js';
import {Fleet} from './fleet.js';
import {Live} from './live.js';
import {begin} from './page.js';
import {Plane} from './plane.js';
import {text} from './text.js';
import {Troubles} from './troubles.js';
import {FROM, worstPairs} from './worst.js';

const SMALL = 40000; // cells of a matrix that is shown in small
const WATCHED = 32;  // tests on one stream; the others are asked for at times
const CALM = 2000;   // ms between changes of what is said

const page = {fleet: null, colours: null, planes: new Map(), // of small ones
    summaries: new Map(), worst: [], opened: null};
const cards = new Cards();
const troubles = new Troubles();

// Pairs that are poor or worse: those of small matrices, and of large ones those
// that are so in the metric that is shown.
function countTroubles() {
	let found = page.worst.length;
	for (const [name, {summary}] of page.summaries)
		if (!page.planes.has(name))
			found += summary.states.unreachable + summary.grades
			    .slice(FROM).reduce((sum, count) => sum + count, 0);
	return found;
}

// Pairs of which no fresh finding tells, though neither of their boxes is silent. Of
// a large matrix it is not known here which pairs those are.
function countMissing() {
	let found = 0;
	for (const [name, {silent, summary}] of page.summaries) {
		const {states} = summary;
		if (page.planes.has(name))
			found += page.planes.get(name).missing();
		else if (!silent.length)
			found += states.stale + states['no-data'];
	}
	return found;
}

// The collector's, also before the stream has said anything.
const timeNow = () => Math.max(live.time(), page.fleet.answer.told);

// One line that answers the question of this page.
function drawHealth() {
	const list = find('health');
	const said = sayBoxes(page.fleet, timeNow());
	const wrong = countTroubles(), missing = countMissing();

	list.replaceChildren();
	if (!page.fleet.boxes.size)
		return;
	if (wrong)
		said.push([text('some-worst', wrong), 'bad']);
	if (missing)
		said.push([text('some-missing', missing), 'doubt']);
	said.sort(([, a], [, b]) => a === b ? 0 : a === 'bad' ? -1 : 1);
	for (const [words, kind] of said.length ? said :
	    [[text('all-fine'), 'fine']])
		make('li', list, words, kind);
}

// All but the cards.
function tell() {
	const boxes = [...page.fleet.boxes.values()];
	const fine = boxes.filter((box) => box.state === 'ok').length;

	page.told = performance.now();
	page.worst = worstPairs(page.planes.values(), page.colours);
	find('title').textContent = text('reporting', fine, boxes.length);
	drawHealth();
	troubles.draw(page.worst, countTroubles(), page.fleet, page.colours,
	    timeNow());
}

function tellSoon() {
	page.telling ||= setTimeout(() => {
		page.telling = 0;
		tell();
	}, Math.max(0, (page.told ?? 0) + CALM - performance.now()));
}

function draw() {
	if (!page.fleet)
		return;
	cards.draw(page.fleet.between, page.planes, page.summaries,
	    page.colours);
	drawBoxes(page.fleet, timeNow());
	tell();
}

const isSmall = (test) =>
    test.sources.length * test.destinations.length <= SMALL;

async function loadPlane(test) {
	const answer = await get(`/api/v1/matrix${url(test.test)}?` +
	    (isSmall(test) ? 'also=graded' : 'planes=none'));

	page.summaries.set(test.test, answer);
	if (isSmall(test))
		page.planes.set(test.test,
		    new Plane(answer, page.fleet.metrics(test.probe)));
	else
		page.planes.delete(test.test);
}

function forgetTests() {
	for (const name of page.summaries.keys())
		if (!page.fleet.test(name)) {
			page.summaries.delete(name);
			page.planes.delete(name);
		}
}

function addressOf(fleet) {
	const tests = fleet.between.slice(0, WATCHED).map((t) => t.test);
	return tests.length ? `/api/v1/live?${new URLSearchParams({
	    tests: tests.join(), also: 'graded', most: SMALL})}` : null;
}

async function loadFleet() {
	page.fleet = new Fleet(await get('/api/v1/fleet'));
	forgetTests();
}

async function load(current) {
	page.colours ??= makeColours(await get('/api/v1/scales'));
	await loadFleet();
	const {answer} = page.fleet;
	await Promise.all(page.fleet.between.map(loadPlane));
	if (!current())
		return answer.told;
	draw();
	if (addressOf(page.fleet) !== page.opened)
		setTimeout(() => live.start()); // there are other tests
	return answer.told;
}

function makeColours(scales) {
	const colours = new Colours(scales);
	colours.onChange(draw);
	return colours;
}

// Boxes are asked for at each tick, and when one has fallen silent or come back;
// so are tests that are not on the stream.
async function refreshBoxes() {
	const before = page.fleet.answer.revision;
	try {
		await loadFleet();
	} catch {
		return; // the stream says it, too
	}
	if (page.fleet.answer.revision !== before) {
		live.load();
		return;
	}
	drawBoxes(page.fleet, timeNow());
	await Promise.all(page.fleet.between.slice(WATCHED)
	    .map(loadPlane)).catch(() => null);
	tellSoon();
}

function apply(data) {
	const plane = page.planes.get(data.test);
	const answer = page.summaries.get(data.test);

	if (!answer || data.generated < answer.generated)
		return;
	const before = answer.silent.join(); // the plane's answer is this one
	if (plane && data.cells)
		plane.apply(data);
	else
		Object.assign(answer,
		    {summary: data.summary, silent: data.silent});
	cards.repaint(data.test, data.cells ?? [], answer, page.colours);
	if (answer.silent.join() !== before)
		refreshBoxes();
	tellSoon();
}

// While nothing is heard, what is too old must not look fresh.
function grow(time, lost) {
	if (!page.fleet)
		return false;
	ageBoxes(time);
	let found = false;
	for (const [name, plane] of lost ? page.planes : []) {
		const old = plane.grow(time, page.fleet.test(name).stale_after);
		cards.repaint(name, old, plane.answer, page.colours);
		found ||= old.length > 0;
	}
	if (found)
		tell();
	return found;
}

const live = new Live({load, apply, grow, tick: refreshBoxes,
	async address() {
		if (!page.fleet)
			await loadFleet();
		page.opened = addressOf(page.fleet);
		return page.opened;
	}});

export const shown = () => page.fleet && page.summaries.size >=
    page.fleet.between.length ?
    {...page.fleet.answer, generated: live.shown} : null;

begin();
live.start();
