// The course of each box's clock: how far it may have been off, and its frequency,
// as the series has them that each box makes of itself. What is in sight is asked
// for.
import {get, url} from './api.js';
import {link, make} from './dom.js';
import {Plot} from './plot.js';
import {linesOf} from './rows.js';
import {mainColumn, Series} from './series.js';
import {clock, instant, text} from './text.js';
import {hideTip, showTip} from './tip.js';

const ITSELF = 'localhost';
const SHOWN = ['bound', 'frequency'], BESIDE = ['sync', 'steps'];
const HEIGHT = 120;  // pixels
const POINTS = 600;
const FRESH = 30000; // ms

// Where all of it is.
export const courseOf = (test, box, query = '') =>
    `${url('pair', test, box, ITSELF)}${query && `?${query}`}`;

class Course {
	constructor(courses, box) {
		Object.assign(this, {courses, box, loaded: -Infinity, plots: []});
		this.figure = make('figure', courses.root);
		this.figure.dataset.box = box;
		this.words = make('figcaption', this.figure);
		this.frames = make('div', this.figure, '', 'course');
	}

	name(label) {
		const {test, span} = this.courses;
		this.label = label;
		this.words.replaceChildren();
		link(this.words, courseOf(test, this.box,
		    new URLSearchParams({from: span})), label);
	}

	async load() {
		const {test, span} = this.courses;
		if (performance.now() - this.loaded < FRESH || this.isAsking)
			return;
		this.isAsking = true;
		try {
			const asked = new URLSearchParams({from: span,
			    points: POINTS, metric: [...SHOWN, ...BESIDE].join()});
			const answer = await get(`/api/v1/series${url(test,
			    this.box, ITSELF)}?${asked}`);
			if (span !== this.courses.span)
				return;
			this.loaded = performance.now();
			this.show(new Series(answer, this.courses.colours));
		} catch {
			// the page says elsewhere that the collector is away
		} finally {
			this.isAsking = false;
			if (span !== this.courses.span)
				this.load();
		}
	}

	show(series) {
		const {from, to} = series.answer;

		this.series = series;
		if (!this.plots.length)
			this.plots = SHOWN.map((name) => this.add(name));
		for (const plot of this.plots)
			plot.show(series.answer, series.colours, from, to);
	}

	column(name) {
		const metric = this.series.answer.metrics[name];
		return metric ? mainColumn(metric) :
		    Array(this.series.answer.count).fill(null);
	}

	add(name) {
		const part = make('div', this.frames);
		make('span', part, text(`course-${name}`));
		const frame = make('div', part, '', 'plot');
		frame.setAttribute('role', 'img');
		frame.setAttribute('aria-label', text('chart',
		    `${name} ${this.label}`));
		return new Plot(frame, {name, height: HEIGHT,
		    unit: this.series.answer.metrics[name]?.unit ?? '',
		    limits: (plot) => plot.extent([this.column(name)]),
		    draw: (plot) => this.draw(plot, name),
		    events: {point: (plot, row) => this.point(row),
			zoom: (a, b) => this.zoom(a, b)}});
	}

	// Shaded where nothing kept the clock right, marks where it was set.
	draw(plot, name) {
		const {series} = this;
		const sync = this.column('sync'), steps = this.column('steps');

		plot.hatch((i) => !series.isKnown(i));
		plot.tint((i) => sync[i] < 1 && sync[i] !== null,
		    series.colours.alarm);
		plot.curve(this.column(name));
		plot.flags([...steps.keys()].filter((i) => steps[i] > 0)
		    .map((i) => ({from: plot.time(i, 0), to: plot.time(i, 1)})));
	}

	// The row under the cursor in words.
	point(row) {
		const {series, courses} = this;
		if (row < 0 || !courses.mouse) {
			hideTip();
			return;
		}
		const {start, step} = series.answer;
		showTip(`${instant(start + row * step)} – ` +
		    clock(start + (row + 1) * step), linesOf(series, null, row),
		new DOMRect(courses.mouse.clientX, courses.mouse.clientY, 0, 0));
	}

	// What is looked at closely is a page of its own.
	zoom(from, to) {
		location.assign(courseOf(this.courses.test, this.box,
		    new URLSearchParams({from: from.toFixed(0),
			to: to.toFixed(0)})));
	}

	redraw(colours) {
		if (this.series)
			this.series.colours = colours;
		this.plots.forEach((plot) => plot.redraw(colours));
	}

	resize() {
		this.plots.forEach((plot) => plot.resize());
	}

	remove() {
		this.plots.forEach((plot) => plot.remove());
		this.figure.remove();
	}
}

export class Courses {
	// root: the element that they are in
	constructor(root, colours, span) {
		Object.assign(this, {root, colours, span, test: null,
		    all: new Map()});
		this.sight = new IntersectionObserver((entries) => {
			for (const {target, isIntersecting} of entries)
				this.see(target.dataset.box, isIntersecting);
		}, {rootMargin: '200px'});
		window.addEventListener('resize', () =>
		    this.all.forEach((course) => course.resize()));
		root.addEventListener('mousemove', (event) => {
			this.mouse = event;
		}, true);
		root.addEventListener('mouseleave', () => {
			this.mouse = null;
			hideTip();
		});
	}

	see(box, isSeen) {
		const course = this.all.get(box);
		if (!course)
			return;
		course.isSeen = isSeen;
		if (isSeen)
			course.load();
	}

	// boxes: names in their order; label(name): what people call one
	draw(test, boxes, label) {
		this.test = test;
		for (const [box, course] of this.all)
			if (!boxes.includes(box)) {
				this.sight.unobserve(course.figure);
				course.remove();
				this.all.delete(box);
			}
		for (const box of boxes) {
			if (!this.all.has(box)) {
				this.all.set(box, new Course(this, box));
				this.sight.observe(this.all.get(box).figure);
			}
			const course = this.all.get(box);
			course.name(label(box));
			if (course.isSeen)
				course.load();
		}
	}

	choose(span) {
		this.span = span;
		for (const course of this.all.values()) {
			course.loaded = -Infinity;
			course.name(course.label);
			if (course.isSeen)
				course.load();
		}
	}

	redraw() {
		this.all.forEach((course) => course.redraw(this.colours));
	}
}
