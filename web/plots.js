// The charts of a series, one a metric: distributions first.
import {Chart} from './chart.js';
import {make} from './dom.js';
import {mainColumn} from './series.js';
import {text} from './text.js';

const TALL = 280, LOW = 120; // pixels

function figure(root, name, caption) {
	const made = make('figure', root);
	const words = make('figcaption', made);
	make('strong', words, name);
	make('span', words, caption);
	const plot = make('div', made, '', 'plot');
	const canvas = make('canvas', plot);
	canvas.dataset.metric = name;
	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', `${name}: ${caption}`);
	make('div', plot, '', 'crosshair').hidden = true;
	return canvas;
}

// A chart with its axes, and hatched where nothing is known.
function begin(plot, caption, height, columns, fromZero) {
	const {root, series, name, metric} = plot;
	const chart = new Chart(figure(root, name, caption), plot.extent,
	    metric.unit, series.colours, height);

	chart.scale(columns, fromZero);
	chart.hatch((i) => !series.isKnown(i));
	chart.grid();
	return chart;
}

function drawDistribution(plot) {
	const {series, metric: {columns}} = plot;
	const high = columns.max.map((v, i) => columns.p95[i] ?? v);
	const chart = begin(plot, text('band'), TALL,
	    [columns.min, high, columns.p50], false);

	chart.tint((i) => series.isUnanswered(i), series.colours.grades[5]);
	chart.band(columns.min, high);
	chart.curve(columns.p50);
	return chart;
}

function drawBars(plot) {
	const {series, name, metric} = plot;
	const column = mainColumn(metric);
	const chart = begin(plot, metric.kind === 'count' ? text('per-bin') : '',
	    LOW, [column], true);

	chart.bars(column, (value) => series.gradeColour(name, value));
	return chart;
}

function drawValue(plot) {
	const column = mainColumn(plot.metric);
	const chart = begin(plot, '', LOW, [column], false);

	chart.curve(column);
	return chart;
}

const painters = {distribution: drawDistribution, ratio: drawBars,
    count: drawBars, value: drawValue};
const order = Object.keys(painters);

// Draws all metrics that have a value in this extent; gives the charts.
export function drawPlots(root, series, extent) {
	const shown = series.metrics.filter(([, metric]) =>
	    mainColumn(metric).some((v) => v !== null));

	root.replaceChildren();
	shown.sort(([, a], [, b]) =>
	    order.indexOf(a.kind) - order.indexOf(b.kind));
	if (!shown.length)
		make('p', root, text('no-data'), 'empty');
	return shown.map(([name, metric]) =>
	    painters[metric.kind]({root, series, extent, name, metric}));
}
