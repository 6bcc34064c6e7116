// What the colours and patterns of a matrix mean, and how many cells have them;
// each is a filter, too.
import {make} from './dom.js';
import {drawSwatch} from './painter.js';
import {label, percent, quantity, text} from './text.js';

const SWATCH = 18;

// filter: its words in the address; undefined: it is none.
function item(legend, look, words, more = {}) {
	const li = make('li', legend);
	const inner = more.filter === undefined ? li :
	    make('button', li, '', 'quiet');

	li.title = more.title ?? '';
	if (more.filter !== undefined) {
		inner.type = 'button';
		inner.dataset.filter = more.filter;
		inner.setAttribute('aria-pressed',
		    String(legend.dataset.chosen === more.filter));
	}
	drawSwatch(make('canvas', inner), look, SWATCH, more.colours);
	make('span', inner, words);
	if (more.count !== undefined)
		make('span', inner, String(more.count), 'count');
}

// "< 10 ms", "10 ms – 50 ms", "≥ 300 ms"
export function range(scale, grade) {
	const reached = scale.better === 'more' ? 5 - grade : grade;
	const edge = (i) => quantity(scale.edges[i], scale.unit);

	if (reached === 0)
		return text('below', edge(0));
	return reached === scale.edges.length ? text('from', edge(reached - 1)) :
	    text('between', edge(reached - 1), edge(reached));
}

// "−5 % – +5 %" of the steps from the baseline.
function stepRange({edges}, step) {
	const edge = (i) => percent(edges[i]);

	if (step === 0)
		return text('at-least', edge(0));
	return step === edges.length ? text('from', edge(step - 1)) :
	    text('between', edge(step - 1), edge(step));
}

// The steps, how many cells have them, and the rule.
function drawSteps(legend, plane, summary, colours) {
	const {baseline} = colours.scales;
	const {known, complete} = plane.answer.baseline;

	baseline.steps.forEach((step, i) => item(legend,
	    {state: 'ok', grade: i}, `${label(step.label, step.name)} ` +
	    stepRange(baseline, i), {colours: colours.based(),
		count: summary.steps[i],
		filter: `step:${step.name}`}));
	item(legend, {state: 'ok', known: true}, text('no-baseline'),
	    {colours: colours.based()});
	make('li', legend, text('base-rule', baseline.days,
	    quantity(baseline.least, 's'), quantity(baseline.floor, 's'),
	    baseline.sigmas), 'rule');
	if (!complete || !known)
		make('li', legend, text(complete ? 'base-none' : 'base-soon'),
		    'rule');
}

// How many there are of each kind; of two families those of both.
function summaryOf(plane, twins) {
	const own = plane.answer.summary;
	if (twins?.kind !== 'split')
		return own;
	const other = twins.other.answer.summary;
	const add = (a, b) => Object.fromEntries(Object.entries(a).map(
	    ([name, count]) => [name, count + (b[name] ?? 0)]));
	return {grades: own.grades.map((n, i) => n + other.grades[i]),
	    steps: own.steps?.map((n, i) => n + (other.steps?.[i] ?? 0)),
	    states: add(own.states, other.states)};
}

function drawGrades(legend, summary, colours, scale) {
	colours.scales.grades.forEach((grade, i) => {
		item(legend, {state: 'ok', grade: i},
		    `${label(grade.label, grade.name)} ${range(scale, i)}`,
		    {colours, count: summary.grades[i],
			filter: `grade:${grade.name}`});
	});
}

// Which triangle is what; below 12 pixels the worse of both is seen.
function drawHalves(legend, {kind}, colours) {
	for (const [side, halves] of [['lower', [3, null]], ['upper', [null, 3]]])
		item(legend, {state: 'ok', halves},
		    text(`${kind}-${side}`), {colours});
}

function someUnproven(plane) {
	for (let i = 0; i < plane.size; i++)
		if (plane.isUnproven(i))
			return true;
	return false;
}

// States that some cell has; a strip stands for the companion. One that is
// chosen stays, to be unchosen.
export function drawLegend(legend, {plane, twins}, colours, filter) {
	const {probe, metric} = plane.answer;
	const summary = summaryOf(plane, twins);
	const scale = colours.scale(probe, metric);
	const focused = document.activeElement?.dataset.filter;

	legend.dataset.chosen = filter ?? '';
	legend.replaceChildren();
	if (plane.isBased)
		drawSteps(legend, plane, summary, colours);
	else if (scale)
		drawGrades(legend, summary, colours, scale);
	if (twins)
		drawHalves(legend, twins, colours);
	if (plane.beside && !twins)
		item(legend, {state: 'ok', grade: 0, second: 3},
		    text('strip', plane.beside.name), {colours});
	if (someUnproven(plane))
		item(legend, {state: 'ok', grade: 0, unproven: true},
		    text('unproven'), {colours});
	for (const state of colours.scales.states) {
		const count = summary.states[state.name];
		const words = `state:${state.name}`;
		if (state.name === 'ok' || state.name === 'self' ||
		    (!count && words !== filter))
			continue;
		item(legend, {state: state.name}, label(state.label, state.name),
		    {colours, count, filter: words,
			title: label(state.meaning, '')});
	}
	if (focused)
		legend.querySelector(`[data-filter="${focused}"]`)?.focus();
}
