// One chart over time: uPlot has its axes, cursor and scales, we paint what is in
// it. What was not measured is hatched: no line crosses it.
import {marks, niceStep, timeLabel, timeMarks, timeStep} from './axes.js';
import {css, mix} from './colours.js';
import {axisFormat} from './text.js';
import uPlot from './uplot.js';

const LEFT = 84, RIGHT = 12, TOP = 10, BOTTOM = 24; // pixels around it
const NARROW = 500, CLOSE = 72; // of a phone, and what is left of it there
const FONT = '12px system-ui, sans-serif';

export class Plot {
	// draw(plot): what is in it; limits(plot): the values that must be in
	// it, as [low, high]; events: {point(plot, row, mouse), zoom(from, to)}
	constructor(parent, {name, unit, height, draw, limits, events}) {
		Object.assign(this, {parent, name, unit, height, draw, limits,
		    events, low: 0, high: 1, mouse: null});
	}

	// rows: {start, step, count}; from and to: what of them is seen.
	show(rows, colours, from, to) {
		Object.assign(this, {rows, colours, from, to});
		// what it draws is ours; values that are null it would look through
		const data = [Float64Array.from({length: rows.count},
		    (_, i) => this.time(i, 0.5)), new Float64Array(rows.count)];
		if (!this.chart)
			this.begin(data);
		else
			this.chart.setData(data, false);
		if (this.wide !== this.parent.clientWidth)
			this.resize();
		this.scaleTo(from, to);
	}

	begin(data) {
		this.wide = this.parent.clientWidth;
		this.chart = new uPlot(this.options(), data, this.parent);
		this.chart.ctx.canvas.dataset.metric = this.name;
	}

	scaleTo(from, to) {
		Object.assign(this, {from, to});
		this.findScale();
		this.chart.batch(() => {
			this.chart.setScale('x', {min: from, max: to});
			this.chart.setScale('y', {min: this.low, max: this.high});
		});
	}

	// Anew in another width, or in other colours.
	resize() {
		const {clientWidth} = this.parent;
		if (!clientWidth)
			return; // hidden
		this.wide = clientWidth;
		this.chart.setSize({width: clientWidth, height: this.height});
	}

	redraw(colours) {
		this.colours = colours;
		this.chart.redraw();
	}

	remove() {
		this.chart.destroy();
	}

	options() {
		const colour = (name) => () => css(this.colours[name]);
		const axis = {stroke: colour('faint'), font: FONT,
		    grid: {stroke: colour('line'), width: 1},
		    ticks: {show: false}};
		return {
			width: this.wide, height: this.height,
			padding: [TOP, RIGHT, 0, 0],
			legend: {show: false},
			cursor: {y: false, points: {show: false},
			    drag: {x: true, y: false, setScale: false}},
			scales: {x: {time: false, range: (u, low, high) =>
			    [low, high]}, y: {range: () => [this.low, this.high]}},
			series: [{}, {scale: 'y', paths: () => null,
			    points: {show: false}}],
			axes: [{...axis, size: BOTTOM, gap: 4,
			    splits: () => timeMarks(this.from, this.to,
				this.timeStep()),
			    values: (u, times) => times.map((t) =>
				timeLabel(t, this.timeStep()))},
			{...axis, scale: 'y', size: () => this.gutter, gap: 8,
			    splits: () => marks(this.low, this.high,
				this.valueStep()),
			    values: (u, values) => this.label(values)}],
			hooks: {drawAxes: [() => this.paint()],
			    setCursor: [() => this.onCursor()],
			    setSelect: [() => this.onSelect()]},
		};
	}

	// Pixels for the values' axis.
	get gutter() {
		return this.wide < NARROW ? CLOSE : LEFT;
	}

	timeStep() {
		return timeStep(this.to - this.from,
		    this.wide - this.gutter - RIGHT);
	}

	valueStep() {
		return niceStep(this.high - this.low,
		    Math.max(4.6, this.height / 40));
	}

	label(values) {
		const format = axisFormat(Math.max(Math.abs(this.high),
		    Math.abs(this.low)), this.valueStep(), this.unit);
		return values.map((value) => (value < 0 && !this.isMirrored ?
		    '−' : '') + format(Math.abs(value)));
	}

	// Both limits hold all values that are seen; a flat line gets room.
	findScale() {
		let [low, high] = this.limits(this);
		if (!(high > low))
			[low, high] = Number.isFinite(low) ? [low, low +
			    (Math.abs(low) * 0.1 ||
				(this.unit === 'ratio' ? 0.01 : 1))] : [0, 1];
		const room = (high - low) * 0.08;
		this.high = high > 0 ? high + room : Math.min(0, high + room);
		this.low = low > 0 ? Math.max(0, low - room) :
		    low < 0 ? low - room : 0;
	}

	// The least and the greatest of columns in the rows that are seen.
	extent(columns) {
		let low = Infinity, high = -Infinity;
		const [first, last] = this.seen();
		for (const column of columns)
			for (let i = first; i <= last; i++)
				if (column[i] !== null && column[i] !== undefined) {
					low = Math.min(low, column[i]);
					high = Math.max(high, column[i]);
				}
		return [low, high];
	}

	seen() {
		const {start, step, count} = this.rows;
		return [Math.max(0, Math.floor((this.from - start) / step)),
		    Math.min(count - 1, Math.ceil((this.to - start) / step))];
	}

	onCursor() {
		const {left} = this.chart.cursor;
		this.events.point(this, left < 0 ? -1 : this.rowAt(left));
	}

	// Moves the line without a word, for it is in another chart, too.
	follow(left) {
		const {cursor} = this.chart;
		if (cursor.left !== left)
			this.chart.setCursor({left, top: left < 0 ? -10 : 1}, false);
	}

	onSelect() {
		const {select} = this.chart;
		if (select.width < 4)
			return;
		const from = this.chart.posToVal(select.left, 'x');
		const to = this.chart.posToVal(select.left + select.width, 'x');
		this.chart.setSelect({left: 0, width: 0, top: 0, height: 0}, false);
		this.events.zoom(from, to);
	}

	// The row under a place of the plot; -1: none.
	rowAt(left) {
		const {start, step, count} = this.rows;
		const row = Math.floor((this.chart.posToVal(left, 'x') - start) /
		    step);
		return row < 0 || row >= count ? -1 : row;
	}

	// When a row begins, has its middle (0.5) or ends (1).
	time(i, share) {
		return this.rows.start + (i + share) * this.rows.step;
	}

	x(t) {
		return this.left + (t - this.from) / (this.to - this.from) *
		    (this.right - this.left);
	}

	y(value) {
		return this.bottom - (value - this.low) /
		    (this.high - this.low) * (this.bottom - this.top);
	}

	paint() {
		const {ctx, bbox} = this.chart;
		Object.assign(this, {context: ctx, left: bbox.left,
		    right: bbox.left + bbox.width, top: bbox.top,
		    bottom: bbox.top + bbox.height, ratio: uPlot.pxRatio});
		this.tell();
		ctx.save();
		ctx.beginPath();
		ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
		ctx.clip();
		this.draw(this);
		ctx.restore();
	}

	// Where it is drawn, for whoever reads the picture.
	tell() {
		const {from, to, low, high, left, right, top, bottom} = this;
		this.context.canvas.plot = {from, to, low, high, left, right, top,
		    bottom};
	}

	// Are rows so narrow that nobody sees how lines are joined? Round joins are
	// what costs most then.
	isDense() {
		return this.x(this.time(1, 0)) - this.x(this.time(0, 0)) <
		    4 * this.ratio;
	}

	line(points) {
		const c = this.context;
		c.beginPath();
		points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
		c.stroke();
	}

	// Runs of rows that are seen, [first, last], for which is(i).
	runs(is) {
		const found = [];
		const [first, last] = this.seen();
		let run = null;
		for (let i = first; i <= last; i++)
			if (!is(i))
				run = null;
			else if (run)
				run[1] = i;
			else
				found.push(run = [i, i]);
		return found;
	}

	// Calls draw(left, width) where the rows are that is(i) names.
	spans(is, draw) {
		for (const [first, last] of this.runs(is)) {
			const left = Math.max(this.left, this.x(this.time(first, 0)));
			const right = Math.min(this.right,
			    this.x(this.time(last, 1)));
			if (right > left)
				draw(left, right - left);
		}
	}

	// Diagonals over the rows of which nothing is known.
	hatch(isUnknown) {
		const c = this.context;
		const deep = this.bottom - this.top;

		c.strokeStyle = css(this.colours.line);
		c.lineWidth = this.ratio;
		this.spans(isUnknown, (left, width) => {
			c.save();
			c.beginPath();
			c.rect(left, this.top, width, deep);
			c.clip();
			c.beginPath();
			const first = Math.floor((left - deep) / 8) * 8;
			for (let x = first; x < left + width; x += 8) {
				c.moveTo(x, this.bottom);
				c.lineTo(x + deep, this.top);
			}
			c.stroke();
			c.restore();
		});
	}

	// Spans {from, to} as bars along the top, that are seen however short.
	flags(spans) {
		const c = this.context;
		c.fillStyle = css(this.colours.alarm);
		for (const {from, to} of spans) {
			const left = Math.max(this.left, this.x(from));
			const right = Math.min(this.right, this.x(to));
			if (right >= this.left && left <= this.right)
				c.fillRect(left, this.top, Math.max(3 * this.ratio,
				    right - left), 4 * this.ratio);
		}
	}

	// A line at the foot, of rows that are not to be relied on.
	ticks(is) {
		const deep = 3 * this.ratio;
		this.context.fillStyle = css(this.colours.faint);
		this.spans(is, (left, width) => this.context.fillRect(left,
		    this.bottom - deep, Math.max(1, width), deep));
	}

	// A tint over rows, from top to bottom.
	tint(is, colour) {
		this.context.fillStyle = css(mix(colour, this.colours.back, 0.22));
		this.spans(is, (left, width) => this.context.fillRect(left,
		    this.top, Math.max(1, width), this.bottom - this.top));
	}

	// The points of a run, from the beginning of its first row to the end of
	// its last, so that a lone row is seen, too.
	points([first, last], column, sign = 1) {
		const places = [[this.x(this.time(first, 0)) - 0.5,
		    this.y(sign * column[first])]];
		for (let i = first; i <= last; i++)
			places.push([this.x(this.time(i, 0.5)),
			    this.y(sign * column[i])]);
		places.push([this.x(this.time(last, 1)) + 0.5,
		    this.y(sign * column[last])]);
		return places;
	}

	// Between two columns; share: how much of the accent is in it.
	band(low, high, share, sign = 1) {
		const c = this.context;
		c.fillStyle = css(mix(this.colours.accent, this.colours.back,
		    share));
		for (const run of this.runs((i) => low[i] !== null &&
		    high[i] !== null)) {
			c.beginPath();
			[...this.points(run, high, sign),
			    ...this.points(run, low, sign).reverse()]
			    .forEach(([x, y]) => c.lineTo(x, y));
			c.fill();
		}
	}

	// colourOf(i): null: the accent.
	curve(column, {sign = 1, colourOf = () => null, dash = [], width = 1.75} =
	{}) {
		const c = this.context;
		c.lineWidth = width * this.ratio;
		c.lineJoin = this.isDense() ? 'bevel' : 'round';
		c.setLineDash(dash);
		c.strokeStyle = css(this.colours.accent);
		for (const run of this.runs((i) => column[i] !== null)) {
			this.line(this.points(run, column, sign));
			for (let i = run[0]; i <= run[1]; i++)
				this.mark(run, i, column, sign, colourOf(i));
		}
		c.setLineDash([]);
	}

	// The part of a curve that is of one row, in a colour of its own.
	mark([first, last], i, column, sign, colour) {
		if (!colour)
			return;
		const c = this.context;
		const at = (k) => this.y(sign * column[k]);
		const middle = (k) => (at(i) + at(k)) / 2;
		c.strokeStyle = css(colour);
		this.line([[this.x(this.time(i, 0)), i > first ? middle(i - 1) :
		    at(i)], [this.x(this.time(i, 0.5)), at(i)],
		[this.x(this.time(i, 1)), i < last ? middle(i + 1) : at(i)]]);
		c.strokeStyle = css(this.colours.accent);
	}

	// Bars in the colour of their grade; zero is a line, not nothing.
	bars(column, colour, sign = 1) {
		const c = this.context;
		const zero = this.y(0);
		const [first, last] = this.seen();
		for (let i = first; i <= last; i++) {
			const value = column[i];
			if (value === null || value === undefined)
				continue;
			const left = Math.round(this.x(this.time(i, 0)));
			const right = Math.round(this.x(this.time(i, 1)));
			const least = (value === 0 ? 2 : 4) * this.ratio;
			const high = Math.max(least,
			    Math.abs(this.y(value) - zero));
			c.fillStyle = css(value === 0 ? this.colours.accent :
			    colour(value));
			c.fillRect(left, sign > 0 ? zero - high : zero,
			    Math.max(1, right - left), high);
		}
	}
}
