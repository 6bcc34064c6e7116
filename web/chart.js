// A line of one metric over time with its band, or bars, on a canvas. What was
// not measured is hatched: no line crosses it.
import {css, mix} from './colours.js';
import {axisFormat} from './text.js';

const LEFT = 84, BOTTOM = 24, TOP = 10, RIGHT = 12;
const FONT = '12px system-ui, sans-serif';

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
	if (t % 86400 === 0)
		return iso.slice(5, 10);
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
		this.left = LEFT;
		this.right = width - RIGHT;
		this.bottom = height - BOTTOM;
	}

	x(t) {
		const {from, to} = this.data;
		return LEFT + (t - from) / (to - from) * (this.right - LEFT);
	}

	y(value) {
		return this.bottom - (value - this.low) / (this.high - this.low) *
		    (this.bottom - TOP);
	}

	// The row under a place on the canvas; -1: none.
	rowAt(x) {
		const {from, to, start, step, count} = this.data;
		const t = from + (x - LEFT) / (this.right - LEFT) * (to - from);
		const row = Math.floor((t - start) / step);
		return x < LEFT || x > this.right || row < 0 || row >= count ? -1 :
		    row;
	}

	// When a row begins, has its middle (0.5) or ends (1).
	time(i, share) {
		return this.data.start + (i + share) * this.data.step;
	}

	// Both limits hold all values that are seen; a flat line gets room.
	scale(columns, fromZero) {
		const known = columns.flatMap((column) =>
		    column.filter((v, i) => v !== null &&
			this.time(i, 1) > this.data.from));
		this.low = Math.min(...known, fromZero ? 0 : Infinity);
		this.high = Math.max(...known, fromZero ? 0 : -Infinity);
		if (!(this.high > this.low))
			this.high = this.low + (Math.abs(this.low) * 0.1 ||
			    (this.unit === 'ratio' ? 0.01 : 1));
		const room = (this.high - this.low) * 0.08;
		this.high += room;
		if (this.low > 0)
			this.low = Math.max(0, this.low - room);
		this.tell();
	}

	// Where it is drawn, for whoever reads the picture.
	tell() {
		const {data, low, high, left, right, bottom} = this;
		Object.assign(this.canvas.dataset, {from: data.from, to: data.to,
		    low, high, left, right, top: TOP, bottom});
	}

	grid() {
		const c = this.context;
		const {from, to} = this.data;
		const step = niceStep(this.high - this.low, this.height / 40);
		const format = axisFormat(this.high, step, this.unit);
		const every = TIMES.find((s) => s >= (to - from) /
		    ((this.right - LEFT) / 110)) ?? 7776000;

		c.font = FONT;
		c.lineWidth = 1;
		c.fillStyle = css(this.colours.faint);
		c.strokeStyle = css(this.colours.line);
		c.textAlign = 'right';
		c.textBaseline = 'middle';
		for (let i = Math.ceil(this.low / step); i * step <= this.high;
		    i++) {
			this.rule(LEFT, this.y(i * step), this.right,
			    this.y(i * step));
			c.fillText(format(i * step), LEFT - 10, this.y(i * step));
		}
		c.textAlign = 'center';
		for (let t = Math.ceil(from / every) * every; t <= to; t += every) {
			this.rule(this.x(t), TOP, this.x(t), this.bottom);
			c.fillText(timeLabel(t, every), this.x(t),
			    this.height - BOTTOM / 2 + 2);
		}
	}

	// A line on whole pixels.
	rule(x1, y1, x2, y2) {
		this.line([[Math.round(x1) + 0.5, Math.round(y1) + 0.5],
		    [Math.round(x2) + 0.5, Math.round(y2) + 0.5]]);
	}

	line(points) {
		const c = this.context;
		c.beginPath();
		points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
		c.stroke();
	}

	// Runs of rows, [first, last], for which is(i).
	runs(is) {
		const found = [];
		let run = null;
		for (let i = 0; i < this.data.count; i++)
			if (!is(i))
				run = null;
			else if (run)
				run[1] = i;
			else
				found.push(run = [i, i]);
		return found;
	}

	// Calls draw(left, width) where the rows are that is(i) names, clipped
	// to the plot.
	spans(is, draw) {
		for (const [first, last] of this.runs(is)) {
			const left = Math.max(LEFT, this.x(this.time(first, 0)));
			const right = Math.min(this.right,
			    this.x(this.time(last, 1)));
			if (right > left)
				draw(left, right - left);
		}
	}

	// Diagonals over the rows of which nothing is known.
	hatch(isUnknown) {
		const c = this.context;
		const deep = this.bottom - TOP;

		c.strokeStyle = css(this.colours.line);
		c.lineWidth = 1;
		this.spans(isUnknown, (left, width) => {
			c.save();
			c.beginPath();
			c.rect(left, TOP, width, deep);
			c.clip();
			const first = Math.floor((left - deep) / 8) * 8;
			for (let x = first; x < left + width; x += 8)
				this.line([[x, this.bottom], [x + deep, TOP]]);
			c.restore();
		});
	}

	// A tint over rows, from top to bottom.
	tint(is, colour) {
		this.context.fillStyle = css(mix(colour, this.colours.back, 0.22));
		this.spans(is, (left, width) => this.context.fillRect(left, TOP,
		    Math.max(1, width), this.bottom - TOP));
	}

	// The points of a run, from the beginning of its first row to the end of
	// its last, so that a lone row is seen, too.
	points([first, last], column) {
		const places = [[this.x(this.time(first, 0)) - 0.5,
		    this.y(column[first])]];
		for (let i = first; i <= last; i++)
			places.push([this.x(this.time(i, 0.5)),
			    this.y(column[i])]);
		places.push([this.x(this.time(last, 1)) + 0.5,
		    this.y(column[last])]);
		return places;
	}

	clipped(draw) {
		const c = this.context;
		c.save();
		c.beginPath();
		c.rect(LEFT, 0, this.right - LEFT, this.height);
		c.clip();
		draw(c);
		c.restore();
	}

	band(low, high) {
		this.clipped((c) => {
			c.fillStyle = css(mix(this.colours.accent,
			    this.colours.back, 0.25));
			for (const run of this.runs((i) =>
			    low[i] !== null && high[i] !== null)) {
				c.beginPath();
				[...this.points(run, high),
				    ...this.points(run, low).reverse()]
				    .forEach(([x, y]) => c.lineTo(x, y));
				c.fill();
			}
		});
	}

	curve(column) {
		this.clipped((c) => {
			c.strokeStyle = css(this.colours.accent);
			c.lineWidth = 1.75;
			c.lineJoin = 'round';
			for (const run of this.runs((i) => column[i] !== null))
				this.line(this.points(run, column));
		});
	}

	// Bars in the colour of their grade; zero is a line, not nothing.
	bars(column, colour) {
		this.clipped((c) => column.forEach((value, i) => {
			if (value === null)
				return;
			const left = Math.round(this.x(this.time(i, 0)));
			const right = Math.round(this.x(this.time(i, 1)));
			const least = value === 0 ? 2 : 4;
			const top = Math.min(this.y(value), this.bottom - least);
			c.fillStyle = css(value === 0 ? this.colours.accent :
			    colour(value));
			c.fillRect(left, top, Math.max(1, right - left),
			    this.bottom - top);
		}));
	}
}
