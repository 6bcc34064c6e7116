// How a pair was in the span that is shown, all in all: under its charts.
import {find, make} from './dom.js';
import {instant, quantity, text} from './text.js';

const SHOWN = ['min', 'p50', 'p95', 'p99', 'max'];

// With spaces, for who copies or hears it.
function add(item, name, words) {
	make('span', item, name);
	item.append(' ');
	make('b', item, words);
	item.append(' ');
}

function drawMetric([name, metric], values) {
	const {unit, kind} = metric;
	const shown = kind === 'distribution' ?
	    SHOWN.filter((stat) => values[stat] !== undefined) : [];
	if (!shown.length && values.ratio === undefined)
		return;
	const item = make('li', find('whole'));

	make('strong', item, name);
	item.append(' ');
	for (const stat of shown)
		add(item, stat, quantity(values[stat], unit));
	if (values.p50 !== undefined && values.p95 !== undefined)
		add(item, 'p95 − p50', quantity(values.p95 - values.p50, unit));
	if (values.ratio !== undefined) {
		make('b', item, quantity(values.ratio, unit));
		item.append(' ');
		make('span', item, `${values.part} / ${values.of}`);
	}
}

// The share of its rows of which something is known, from the first such on.
function drawCover(series) {
	const {start, step, count, to} = series.answer;
	const rows = Math.min(count, Math.floor((to - start) / step));
	let first = 0, known = 0;

	while (first < rows && !series.isKnown(first))
		first++;
	for (let i = first; i < rows; i++)
		known += series.isKnown(i);
	if (first < rows)
		add(make('li', find('whole')), text('cover'),
		    quantity(known / (rows - first), 'ratio'));
}

export function drawWhole(series) {
	const {whole} = series.answer;

	find('whole').replaceChildren();
	if (!whole?.rows)
		return;
	make('li', find('whole'), text('in-span'), 'name');
	for (const metric of series.metrics)
		drawMetric(metric, whole.metrics[metric[0]] ?? {});
	drawCover(series);
	if (whole.from > Math.max(series.extent().from, series.answer.from) +
	    series.answer.step)
		make('li', find('whole'), text('whole-from', instant(whole.from)),
		    'name');
}
