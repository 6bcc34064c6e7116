// What is said of a cell of a matrix: its numbers, their basis, their age.
import {make} from './dom.js';
import {mostOfNone} from './plane.js';
import {drawSpark} from './spark.js';
import {duration, label, percent, quantity, text} from './text.js';

// "36.2 ms"; a ratio of nothing says of how many: "0 / 20".
export function number(plane, metric, i) {
	const value = plane.value(metric.name, i);
	const counts = plane.counts(metric, i);

	if (value === null)
		return text(plane.isHere(i) ? 'unmeasured' : 'coming');
	return value === 0 && counts ? `0 / ${counts.whole}` :
	    quantity(value, metric.unit);
}

// How far a time between two clocks may be off: "± 23 µs".
function bound(plane, i) {
	const most = plane.answer.bound[i];
	return plane.answer.value[i] === null ? '' : most === null ?
	    text('unknown-bound') : text('bound', quantity(most, 's'));
}

// What a number rests on: "3 / 20", or what a zero still allows.
function basis(plane, metric, i) {
	const counts = plane.counts(metric, i);

	if (metric.bound && metric === plane.main)
		return bound(plane, i);
	if (!counts || !counts.whole)
		return '';
	return counts.part === 0 ? text('at-most',
	    quantity(mostOfNone(counts.whole), metric.unit)) :
	    `${counts.part} / ${counts.whole}`;
}

// The lines written on a cell.
export function write(plane, i) {
	const {main, beside} = plane;
	const lines = [number(plane, main, i)];

	if (beside && plane.value(beside.name, i) !== null)
		lines.push(number(plane, beside, i));
	return lines;
}

// "rtt p50", but "loss" alone.
export function fullName(plane, name) {
	const stat = name === plane.answer.metric ? plane.answer.stat :
	    plane.answer.also[name].stat;
	return stat === 'ratio' || stat === 'sum' ? name : `${name} ${stat}`;
}

function metricLine(plane, colours, metric, i) {
	const grade = plane.grade(metric.name, i);
	return [fullName(plane, metric.name), number(plane, metric, i),
	    basis(plane, metric, i),
	    grade === null ? null : colours.grade(grade)];
}

// A day of it; words(value) are those of its limits.
function sparkLine(points, colours, words) {
	const element = make('div', null, '', 'spark');
	const canvas = make('canvas', element);
	const range = drawSpark(canvas, points, colours);
	make('small', element, range ? text('day', words(range.low),
	    words(range.high)) : text('no-day'));
	return element;
}

// What it usually is at this hour, and how far it is from that.
function baseLine(plane, colours, i) {
	const {base, change, step} = plane.answer;
	if (base[i] === null)
		return text('no-baseline');
	return [text('baseline'), quantity(base[i], plane.main.unit),
	    change[i] === null ? '' : percent(change[i]),
	    step[i] === null ? null : colours.steps[step[i]]];
}

// The same pair in the other address family.
function familyLine(twins, i) {
	const {other, isSwapped} = twins;
	const twin = twins.at(i);
	return text('other-family', isSwapped ? 'IPv4' : 'IPv6',
	    twin < 0 ? text('unmeasured') : number(other, other.main, twin));
}

// What a note says; spark: the points of a day, undefined: not here yet; hour:
// lines of its last hour; twins: what shares a cell with it, or null.
export function describe(plane, colours, i, time,
    {spark, hour = [], twins}) {
	const name = plane.state(i);
	const state = colours.states.get(name);
	const reverse = plane.reverse(i);
	const when = plane.when(i);
	const count = plane.answer.count[i];
	const lines = [];

	if (plane.isPair(i)) {
		const shown = plane.metrics.filter((m) => m === plane.main ||
		    (m.edges && plane.answer.also?.[m.name]));
		lines.push(...shown.map((m) => metricLine(plane, colours, m, i)));
		if (plane.isBased)
			lines.push(baseLine(plane, colours, i));
		if (plane.isHere(i))
			lines.push(when === null ? text('never') :
			    text('age', duration(time - when)) + (count > 1 ?
			    text('runs', count) : ''));
		if (reverse >= 0 && plane.isPair(reverse) &&
		    plane.answer.value[reverse] !== null)
			lines.push(text('back', number(plane, plane.main, reverse)));
		if (twins?.kind === 'split')
			lines.push(familyLine(twins, i));
		lines.push(...hour);
		if (spark)
			lines.push(sparkLine(spark, colours,
			    (v) => quantity(v, plane.main.unit)));
	}
	if (name !== 'ok')
		lines.push(`${state.glyph} ${label(state.label, name)}: ` +
		    label(state.meaning, ''));
	return lines;
}
