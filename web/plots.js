// The charts of a pair, one a metric: distributions first. They share their
// times, their cursor and their zoom.
import {make} from './dom.js';
import {Plot} from './plot.js';
import {mainColumn} from './series.js';
import {text} from './text.js';

const TALL = 300, LOW = 120; // pixels
const ZOOM = 1.25;           // of a turn of the wheel

// Pairs of quantiles that bound a band, and how dark it is.
const BANDS = [['min', 'max', 0.12], ['p5', 'p95', 0.24], ['p10', 'p90', 0.33],
    ['p25', 'p75', 0.45]];
const ONLY = 0.25;

// The bands of what is there, as [low, high, share]. Without p5 there is one, from
// min to p95; where samples are few it goes to max.
function bandsOf(columns) {
	if (!columns.p5 && columns.min)
		return [[columns.min, topOf(columns), ONLY]];
	return BANDS.filter(([low, high]) => columns[low] && columns[high])
	    .map(([low, high, share]) => [columns[low], columns[high], share]);
}

// The highest value that the scale must hold: p95 where it is known, for one
// late packet must not flatten the rest.
function topOf(columns) {
	return columns.p95 ?
	    columns.p95.map((v, i) => v ?? columns.max?.[i] ?? null) :
	    columns.max ?? mainColumn({columns});
}

// How far the clocks leave the median open: within two thin lines.
function drawBounds(plot, series, column) {
	if (!series.isBounded(plot.name))
		return;
	for (const sign of [-1, 1])
		plot.curve(column.map((v, i) => {
			const most = series.bound(plot.name, i);
			return v === null || most === null ? null :
			    v + sign * most;
		}), {dash: [1, 3], width: 1});
	plot.ticks((i) => series.isDoubted(plot.name, i));
}

const both = (mirror, [low, high], [back, far]) => mirror ?
    [-far, high] : [Math.min(low, back), Math.max(high, far)];

// How a kind of metric is drawn: limits and picture.
const kinds = {
	distribution: {
		height: TALL,
		caption: () => text('band'),
		limits(plot, own, reverse, how) {
			const of = (m) => plot.extent(plot.hasBands ?
			    [m.columns.min ?? mainColumn(m), topOf(m.columns),
				mainColumn(m)] : [mainColumn(m)]);
			return reverse ? both(how === 'mirror', of(own),
			    how === 'mirror' ? of(reverse) :
			    plot.extent([mainColumn(reverse)])) : of(own);
		},
		draw(plot, series, own, reverse, how) {
			plot.tint((i) => series.isUnanswered(i),
			    series.colours.grades[5]);
			for (const [low, high, share] of plot.hasBands ?
			    bandsOf(own.columns) : [])
				plot.band(low, high, share);
			if (reverse && how === 'mirror') {
				for (const [low, high, share] of
				    plot.hasBands ? bandsOf(reverse.columns) : [])
					plot.band(low, high, share, -1);
				plot.curve(mainColumn(reverse), {sign: -1});
			} else if (reverse) {
				plot.curve(mainColumn(reverse),
				    {dash: [6, 4], width: 1.25});
			}
			plot.curve(mainColumn(own), {colourOf: (i) =>
			    series.lossColour(i)});
			drawBounds(plot, series, mainColumn(own));
		},
	},
	ratio: {
		height: LOW,
		caption: () => '',
		// bars of both directions in one place would hide each other
		limits(plot, own, reverse, how) {
			const [, high] = plot.extent([mainColumn(own)]);
			return reverse && how === 'mirror' ? both(true, [0, high],
			    [0, plot.extent([mainColumn(reverse)])[1]]) : [0, high];
		},
		draw(plot, series, own, reverse, how) {
			const colour = (v) => series.gradeColour(plot.name, v);
			plot.tint((i) => series.unanswered.has(i) &&
			    mainColumn(own)[i] === null,
			series.colours.grades[5]);
			if (reverse && how === 'mirror')
				plot.bars(mainColumn(reverse), colour, -1);
			plot.bars(mainColumn(own), colour);
		},
	},
	count: {
		height: LOW,
		caption: () => text('per-bin'),
		limits: (plot, own) => [0, plot.extent([mainColumn(own)])[1]],
		draw: (plot, series, own) => plot.bars(mainColumn(own), (v) =>
		    series.gradeColour(plot.name, v)),
	},
	value: {
		height: LOW,
		caption: () => '',
		limits: (plot, own) => plot.extent([mainColumn(own)]),
		draw: (plot, series, own) => plot.curve(mainColumn(own)),
	},
};
const order = Object.keys(kinds);

export class Plots {
	// events: point(row, series) for a note; zoom(from, to)
	constructor(root, events) {
		Object.assign(this, {root, events, plots: [], names: '',
		    layers: {bands: true, gaps: true}, gaps: []});
		root.addEventListener('wheel', (event) => this.onWheel(event),
		    {passive: false});
		root.addEventListener('mousedown', (event) => this.onDown(event),
		    true);
		root.addEventListener('dblclick', () => events.reset());
		window.addEventListener('resize', () =>
		    this.plots.forEach((plot) => plot.resize()));
	}

	// What is drawn besides lines: {bands, gaps}.
	choose(layers) {
		this.layers = layers;
	}

	// Spans of time in which a box was not there.
	mark(gaps) {
		this.gaps = gaps;
		for (const plot of this.plots)
			plot.chart?.redraw();
	}

	// reverse: a Series or null; how: overlay, mirror or off
	show(series, reverse, how, from, to) {
		const shown = series.metrics.filter(([, metric]) =>
		    mainColumn(metric).some((v) => v !== null));
		shown.sort(([, a], [, b]) =>
		    order.indexOf(a.kind) - order.indexOf(b.kind));
		const names = JSON.stringify(shown.map(([name, {kind}]) =>
		    [name, kind]));

		Object.assign(this, {series, reverse: how === 'off' ? null :
		    reverse, how, from, to});
		if (names !== this.names)
			this.build(shown);
		this.names = names;
		for (const plot of this.plots)
			plot.show(series.answer, series.colours, from, to);
	}

	build(shown) {
		this.plots.forEach((plot) => plot.remove());
		this.root.replaceChildren();
		if (!shown.length)
			make('p', this.root, text('no-data'), 'empty');
		this.plots = shown.map(([name, metric]) => this.add(name, metric));
	}

	add(name, metric) {
		const kind = kinds[metric.kind];
		const figure = make('figure', this.root);
		const words = make('figcaption', figure);
		make('strong', words, name);
		make('span', words, kind.caption());
		const frame = make('div', figure, '', 'plot');
		frame.setAttribute('role', 'img');
		frame.setAttribute('aria-label', text('chart', name));
		const of = (series) => series?.answer.metrics[name] ?? null;
		return new Plot(frame, {name, unit: metric.unit,
		    height: kind.height,
		    limits: (plot) => {
			plot.hasBands = this.layers.bands;
			plot.isMirrored = this.reverse && this.how === 'mirror';
			return kind.limits(plot, of(this.series),
			    of(this.reverse), this.how);
		    },
		    draw: (plot) => {
			plot.hatch((i) => !this.series.isKnown(i));
			kind.draw(plot, this.series, of(this.series),
			    of(this.reverse), this.how);
			if (this.layers.gaps)
				plot.flags(this.gaps);
		    },
		    events: {point: (plot, row) => this.onPoint(plot, row),
			zoom: (a, b) => this.events.zoom(a, b)}});
	}

	// The line stands in all charts where it stands in one.
	onPoint(plot, row) {
		const {left} = plot.chart.cursor;
		for (const other of this.plots)
			if (other !== plot && other.chart)
				other.follow(left);
		this.events.point(row);
	}

	zoomTo(from, to) {
		Object.assign(this, {from, to});
		for (const plot of this.plots)
			if (plot.chart)
				plot.scaleTo(from, to);
	}

	redraw(colours) {
		this.plots.forEach((plot) => plot.redraw(colours));
	}

	plotAt(event) {
		return this.plots.find((plot) =>
		    plot.chart?.over.contains(event.target));
	}

	// The wheel zooms about the time under it; with Shift it walks.
	onWheel(event) {
		const plot = this.plotAt(event);
		if (!plot)
			return;
		event.preventDefault();
		const turn = Math.sign(event.deltaY || event.deltaX);
		const box = plot.chart.over.getBoundingClientRect();
		const share = (event.clientX - box.left) / box.width;
		const span = this.to - this.from;
		if (event.shiftKey) {
			this.events.zoom(this.from + turn * span * 0.1,
			    this.to + turn * span * 0.1);
			return;
		}
		const wide = turn > 0 ? span * ZOOM : span / ZOOM;
		const at = this.from + share * span;
		this.events.zoom(at - share * wide, at + (1 - share) * wide);
	}

	// Dragging with Shift walks.
	onDown(event) {
		const plot = this.plotAt(event);
		if (!plot || !event.shiftKey || event.button !== 0)
			return;
		event.stopPropagation();
		event.preventDefault();
		const {from, to} = this;
		const {width} = plot.chart.over.getBoundingClientRect();
		const walk = (move) => {
			const by = (event.clientX - move.clientX) / width *
			    (to - from);
			this.events.zoom(from + by, to + by);
		};
		window.addEventListener('mousemove', walk);
		window.addEventListener('mouseup', () =>
		    window.removeEventListener('mousemove', walk), {once: true});
	}
}
