// The rows of a pair in words: of the note at the cursor, and as a table.
import {find} from './dom.js';
import {mainColumn} from './series.js';
import {drawTable} from './table.js';
import {instant, quantity, text} from './text.js';

const MOST = 3000; // rows of the table on the page

// A value's first column is what it stands for where several are merged.
const titleOf = (name, {kind, columns}, stat) => kind === 'distribution' ||
    (kind === 'value' && stat !== Object.keys(columns)[0]) ?
    `${name} ${stat}` : name;

const columnsOf = ({kind, columns}) =>
    Object.entries(columns).slice(0, kind === 'value' ? 1 : Infinity);

// "± 23 µs", of a time between two clocks; a mark where it cannot be carried.
export function boundWords(series, name, row) {
	const most = series.bound(name, row);
	const words = most === null ? text('unknown-bound') :
	    text('bound', quantity(most, 's'));
	return series.isDoubted(name, row) ?
	    `${series.colours.states.get('clock').glyph} ${words}` : words;
}

function valuesOf(series, row) {
	return ([name, metric]) => columnsOf(metric)
	    .filter(([, column]) => column[row] !== null)
	    .map(([stat, column]) => [titleOf(name, metric, stat),
		quantity(column[row], metric.unit),
		stat === 'p50' && series.isBounded(name) ?
		    boundWords(series, name, row) : '',
		stat === 'p50' || metric.kind === 'ratio' ?
		series.gradeColour(name, column[row]) : null]);
}

// The lines of a note; reverse: the other direction's, or null.
export function linesOf(series, reverse, row) {
	const lines = series.isKnown(row) ?
	    series.metrics.flatMap(valuesOf(series, row)) :
	    [text('nothing-then')];
	if (series.isUnanswered(row))
		lines.push(text('unanswered-then'));

	if (reverse?.isKnown(row))
		lines.push(text('back-then', reverse.metrics
		    .map(([, metric]) => [mainColumn(metric)[row], metric.unit])
		    .filter(([value]) => value !== null)
		    .map(([value, unit]) => quantity(value, unit)).join(', ') ||
		    text('unanswered-then')));
	return lines;
}

// All rows with all columns, in base units.
export function rowsOf({answer, metrics, bounded}) {
	const columns = [{name: text('begins'), unit: 't'}];
	const values = [];

	for (const [name, metric] of metrics)
		for (const [stat, column] of Object.entries(metric.columns)) {
			columns.push({name: titleOf(name, metric, stat),
			    unit: metric.unit});
			values.push(column);
		}
	for (const [name, {bound}] of bounded) {
		columns.push({name: `${name} ±`, unit: 's'});
		values.push(mainColumn(answer.metrics[bound]));
	}
	return {columns, rows: Array.from({length: answer.count}, (_, i) =>
	    [answer.start + i * answer.step, ...values.map((v) => v[i])])};
}

// The last first.
export function drawRows(series) {
	const {columns, rows} = rowsOf(series);
	drawTable(find('table'), columns, rows.reverse().slice(0, MOST),
	    (value, {unit}) => unit === 't' ? instant(value) :
		quantity(value, unit));
}
