// What the colours and patterns of a matrix mean, and how many cells have them.
import {make} from './dom.js';
import {paint} from './painter.js';
import {label, quantity, text} from './text.js';

const SWATCH = 18;

function item(legend, colours, cell, words, count, title) {
	const li = make('li', legend);
	const canvas = make('canvas', li);

	li.title = title ?? '';
	paint(canvas, [{value: null, grade: null, second: null, ...cell}], 1,
	    SWATCH, colours, () => ['']);
	make('span', li, words);
	if (count !== undefined)
		make('span', li, count, 'count');
}

// "< 10 ms", "10 ms – 50 ms", "≥ 300 ms"
function range(scale, grade) {
	const reached = scale.better === 'more' ? 5 - grade : grade;
	const edge = (i) => quantity(scale.edges[i], scale.unit);

	if (reached === 0)
		return text('below', edge(0));
	return reached === scale.edges.length ? text('from', edge(reached - 1)) :
	    text('between', edge(reached - 1), edge(reached));
}

function drawGrades(legend, plane, colours, scale) {
	colours.scales.grades.forEach((grade, i) => {
		item(legend, colours, {state: 'ok', value: 0, grade: i},
		    `${label(grade.label, grade.name)} ${range(scale, i)}`,
		    plane.answer.summary.grades[i]);
	});
}

// States that some cell has; a strip stands for the companion.
export function drawLegend(legend, plane, colours) {
	const {probe, metric, summary} = plane.answer;
	const scale = colours.scale(probe, metric);

	legend.replaceChildren();
	if (scale)
		drawGrades(legend, plane, colours, scale);
	if (plane.beside)
		item(legend, colours, {state: 'ok', value: 0, grade: 0, second: 3},
		    text('strip', plane.beside.name));
	if (plane.cells.some((cell) => cell.unproven))
		item(legend, colours, {state: 'ok', value: 0, grade: 0,
		    unproven: true}, text('unproven'));
	for (const state of colours.scales.states) {
		const count = summary.states[state.name];
		if (!count || state.name === 'ok' || state.name === 'self')
			continue;
		item(legend, colours, {state: state.name},
		    label(state.label, state.name), count,
		    label(state.meaning, ''));
	}
}
