// What a pair is like now: its last values, and what is wrong, if anything.
import {css} from './colours.js';
import {find, make} from './dom.js';
import {boundWords} from './rows.js';
import {mainColumn} from './series.js';
import {duration, label, listed, quantity, text} from './text.js';

// The last value of each metric, in its colour.
export function drawNow(series) {
	const at = series.lastRow();

	find('now').replaceChildren();
	for (const [name, metric] of at < 0 ? [] : series.metrics) {
		const value = mainColumn(metric)[at];
		const item = make('li', find('now'));
		make('span', item, metric.columns.p50 ? `${name} p50` : name);
		item.append(' ');
		make('b', item, value === null ? text('unmeasured') :
		    quantity(value, metric.unit));
		if (value !== null && series.isBounded(name))
			make('small', item,
			    ` ${boundWords(series, name, at)}`);
		item.style.borderColor = css(value === null ?
		    series.colours.line : series.gradeColour(name, value));
	}
	if (at >= 0)
		make('li', find('now'), '', 'age');
}

function stateWords(colours, name) {
	const state = colours.states.get(name);
	return `${state.glyph} ${label(state.label, name)}: ` +
	    label(state.meaning, '');
}

// ends: names of both; time: the collector's; isFrozen: of another time
export function sayState(series, fleet, ends, time, isFrozen) {
	const {answer, colours} = series;
	const at = series.lastRow();
	const age = Math.max(0, time - (answer.start + (at + 1) * answer.step));
	const silent = ends.filter((name) =>
	    ['silent', 'never'].includes(fleet.boxes.get(name)?.state));
	const words = [];

	if (silent.length)
		words.push(text('silent',
		    listed(silent.map((name) => fleet.label(name)))));
	if (at >= 0 && !isFrozen && age > answer.stale_after)
		words.push(stateWords(colours, 'stale'));
	else if (at >= 0 && series.isUnanswered(at))
		words.push(stateWords(colours, 'unreachable'),
		    ...(answer.why ? [answer.why] : []));
	else if (at >= 0 && series.metrics.some(([name]) =>
	    series.isDoubted(name, at)))
		words.push(stateWords(colours, 'clock'));
	find('state').hidden = !words.length;
	find('state').textContent = words.join(' · ');
	const item = find('now').querySelector('.age');
	if (item)
		item.textContent = text('ago', duration(age));
}
