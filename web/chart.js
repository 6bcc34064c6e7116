// A line of one metric over time with its band, or bars of a ratio, on a
// canvas. What was not measured is a gap: no line crosses it.
import {css, mix} from './colours.js';
import {quantity} from './text.js';

const LEFT = 78, BOTTOM = 22, TOP = 8, RIGHT = 8;

// A step of 1, 2 or 5 times a power of ten, at most `most` of them in span.
function niceStep(span, most) {
	const raw = span / most;
	const power = 10 ** Math.floor(Math.log10(raw));
	return [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw);
}

const TIMES = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10800, 21600,
    43200, 86400, 172800, 604800, 1209600, 2592000, 7776000];

function timeLabel(t, step) {
	const iso = new Date(t * 1000).toISOString();
	if (step >= 86400)
		return iso.slice(0, 10);
	return step >= 60 ? iso.slice(11, 16) : iso.slice(11, 19);
}

export class Chart {
	// data: {start, step, count, from, to}; unit: the metric's
	constructor(canvas, data, unit, colours, height) {
		const ratio = window.devicePixelRatio || 1;
		const width = canvas.parentElement.clientWidth;

		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
		canvas.style.width = `${width}px`;
		canvas.style.height = `${height}px`;
		this.context = canvas.getContext('2d');
		this.context.scale(ratio, ratio);
		Object.assign(this, {canvas, data, unit, colours, width, height});
	}

	x(t) {
		const {from, to} = this.data;
		return LEFT + (t - from) / (to - from) *
		    (this.width - LEFT - RIGHT);
	}

	y(value) {
		const {low, high} = this;
		return this.height - BOTTOM - (value - low) / (high - low) *
		    (this.height - BOTTOM - TOP);
	}

	// The middle of a row.
	time(i) {
		return this.data.start + (i + 0.5) * this.data.step;
	}

	// Both limits hold all values; a flat line gets room around it.
	scale(values, fromZero) {
		const known = values.filter((v) => v !== null);
		this.low = fromZero ? 0 : Math.min(...known);
		this.high = Math.max(...known);
		if (!(this.high > this.low))
			this.high = this.low + (Math.abs(this.low) * 0.1 || 1);
		const room = (this.high - this.low) * 0.06;
		this.high += room;
		if (!fromZero)
			this.low = Math.max(0, this.low - room);
	}

	grid() {
		const c = this.context;
		const {from, to} = this.data;
		const step = niceStep(this.high - this.low, this.height / 45);
		const room = (this.width - LEFT - RIGHT) / 110;
		const every = TIMES.find((s) => s >= (to - from) / room) ?? 7776000;

		c.font = '12px system-ui, sans-serif';
		c.fillStyle = css(this.colours.faint);
		c.strokeStyle = css(this.colours.line);
		c.textAlign = 'right';
		c.textBaseline = 'middle';
		for (let v = Math.ceil(this.low / step) * step; v <= this.high;
		    v += step) {
			this.line([[LEFT, this.y(v)],
			    [this.width - RIGHT, this.y(v)]]);
			c.fillText(quantity(Math.abs(v) < step / 1e6 ? 0 : v,
			    this.unit), LEFT - 8, this.y(v));
		}
		c.textAlign = 'center';
		for (let t = Math.ceil(from / every) * every; t <= to; t += every) {
			this.line([[this.x(t), TOP],
			    [this.x(t), this.height - BOTTOM]]);
			c.fillText(timeLabel(t, every), this.x(t),
			    this.height - BOTTOM / 2);
		}
	}

	line(points) {
		const c = this.context;
		c.beginPath();
		points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
		c.stroke();
	}

	// Runs of rows in which every one of the columns has a value.
	runs(...columns) {
		const found = [];
		let run = null;
		for (let i = 0; i < this.data.count; i++) {
			if (columns.some((column) => column[i] === null)) {
				run = null;
				continue;
			}
			if (!run)
				found.push(run = []);
			run.push(i);
		}
		return found;
	}

	// A lone row is as wide as its step, so that it can be seen.
	points(run, column) {
		const half = this.data.step / 2;
		if (run.length === 1) {
			const y = this.y(column[run[0]]);
			return [[this.x(this.time(run[0]) - half), y],
			    [this.x(this.time(run[0]) + half), y]];
		}
		return run.map((i) => [this.x(this.time(i)), this.y(column[i])]);
	}

	band(low, high) {
		const c = this.context;
		c.fillStyle = css(mix(this.colours.front, this.colours.back, 0.22));
		for (const run of this.runs(low, high)) {
			const outline = [...this.points(run, high),
			    ...this.points(run, low).reverse()];
			c.beginPath();
			outline.forEach(([x, y], i) =>
			    i ? c.lineTo(x, y) : c.moveTo(x, y));
			c.fill();
		}
	}

	curve(column) {
		this.context.strokeStyle = css(this.colours.front);
		this.context.lineWidth = 1.5;
		for (const run of this.runs(column))
			this.line(this.points(run, column));
	}

	// Bars in the colour of their grade; zero is a thin line, not nothing.
	bars(column, grade) {
		const half = this.data.step / 2;
		for (const [i] of this.runs(column).flat().map((k) => [k])) {
			const left = this.x(this.time(i) - half);
			const width = Math.max(1,
			    this.x(this.time(i) + half) - left);
			const top = Math.min(this.y(column[i]),
			    this.height - BOTTOM - 2);
			this.context.fillStyle = css(grade(column[i]));
			this.context.fillRect(left, top, width,
			    this.height - BOTTOM - top);
		}
	}
}
