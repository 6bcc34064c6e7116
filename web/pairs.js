// The pairs of a matrix as rows: for the table behind the canvas, CSV and TSV.
import {find} from './dom.js';
import {drawTable} from './table.js';
import {fullName} from './tell.js';
import {duration, label, quantity, text} from './text.js';

const WRITTEN = 10000; // pairs of a table on the page

// What stands in the other family's plane: its name and the column's numbers.
function splitOf(view) {
	const {twins} = view;
	if (twins?.kind !== 'split')
		return [[], () => []];
	const name = `${fullName(twins.other, twins.other.answer.metric)} (` +
	    `${twins.isSwapped ? 'IPv4' : 'IPv6'})`;
	return [[{name, unit: twins.other.answer.unit}], (i) => {
		const twin = twins.at(i);
		return [twin < 0 ? null : twins.other.answer.value[twin]];
	}];
}

// What is usual for them, when that is shown.
function basedOf({plane}) {
	const {answer} = plane;
	return plane.isBased ? [[{name: text('baseline'), unit: answer.unit},
	    {name: text('change'), unit: 'ratio'}],
	(i) => [answer.base[i], answer.change[i]]] : [[], () => []];
}

// All pairs of the view with all that is known of them. Folded, both directions
// have a row.
export function rowsOf(view, colours, most = Infinity) {
	const {plane} = view;
	const {answer} = plane;
	const also = Object.keys(answer.also ?? {})
	    .filter((name) => name !== answer.metric);
	const unit = (name) => plane.metrics.find((m) => m.name === name).unit;
	const [beside, besideOf] = splitOf(view);
	const [based, baseOf] = basedOf(view);
	const columns = [{name: text('source')}, {name: text('destination')},
	    {name: fullName(plane, answer.metric), unit: answer.unit}, ...beside,
	    ...based,
	    ...also.map((name) => ({name: fullName(plane, name),
		unit: unit(name)})),
	    {name: text('grade')}, {name: text('state')},
	    {name: text('measured'), unit: 't'}, {name: text('findings'),
		unit: '1'}];
	const rows = [];

	for (let place = 0; place < view.size && rows.length < most; place++) {
		const i = view.at(place);
		if (!plane.isPair(i) || !view.isMatched(i))
			continue;
		rows.push([plane.src(i), plane.dst(i), answer.value[i],
		    ...besideOf(i), ...baseOf(i),
		    ...also.map((name) => answer.also[name].value[i]),
		    colours.scales.grades[answer.grade[i]]?.name ?? null,
		    plane.state(i), plane.when(i), answer.count[i]]);
	}
	return {columns, rows};
}

// The words of a cell of the table.
function writer(fleet, colours, time) {
	const grades = new Map(colours.scales.grades.map((g) => [g.name, g]));

	return (value, column) => {
		if (column.unit === 't')
			return text('ago', duration(time - value));
		if (column.unit)
			return quantity(value, column.unit);
		const state = colours.states.get(value);
		if (column.name === text('state') && state)
			return label(state.label, value);
		return column.name === text('grade') && grades.has(value) ?
		    label(grades.get(value).label, value) : fleet.label(value);
	};
}

export function drawPairs(view, fleet, colours, time) {
	const {columns, rows} = rowsOf(view, colours, WRITTEN);

	columns.at(-2).name = text('age-of');
	drawTable(find('table'), columns, rows, writer(fleet, colours, time));
	if (rows.length === WRITTEN)
		find('nothing').textContent = text('table-cut', WRITTEN);
	find('nothing').hidden = rows.length > 0 && rows.length < WRITTEN;
}
