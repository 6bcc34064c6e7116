// A day of a pair as a small line, asked for several pairs at once.
import {get, url} from './api.js';
import {css} from './colours.js';

const KEPT = 60000; // ms
const GATHER = 60;  // ms until pairs that are wanted are asked for together
const MOST = 64;    // pairs in one question

export class Sparks {
	// arrived(): some have come; trouble: a grade, or "unanswered": since when
	// they are that bad is asked for, too.
	constructor(test, arrived, trouble) {
		Object.assign(this, {test, arrived, trouble, known: new Map(),
		    wanted: new Set(), asked: new Set(), metric: null, timer: 0});
	}

	choose(metric) {
		if (metric === this.metric)
			return;
		this.metric = metric;
		for (const all of [this.known, this.wanted, this.asked])
			all.clear();
	}

	// The points of a day (numbers and nulls), or undefined: on their way.
	get(src, dst) {
		const pair = `${src}:${dst}`;
		const found = this.known.get(pair);
		if (!found || performance.now() - found.at > KEPT)
			this.want(pair);
		return found?.points;
	}

	// {from, share, open}, null: it is not, or newly; undefined: on its way.
	since(src, dst) {
		return this.known.get(`${src}:${dst}`)?.since;
	}

	// One that is on its way is not asked for again.
	want(pair) {
		if (this.asked.has(pair))
			return;
		this.wanted.add(pair);
		this.timer ||= setTimeout(() => this.ask(), GATHER);
	}

	async ask() {
		const pairs = [...this.wanted].slice(-MOST);
		const {metric} = this;
		const query = new URLSearchParams({metric, pairs: pairs.join(',')});
		this.timer = 0;
		this.wanted.clear();
		if (!pairs.length)
			return; // of a metric that is not shown any more
		pairs.forEach((pair) => this.asked.add(pair));
		if (this.trouble)
			query.set('since', this.trouble);
		try {
			const answer = await get(
			    `/api/v1/spark${url(this.test)}?${query}`);
			if (metric !== this.metric)
				return;
			pairs.forEach((pair, k) => this.known.set(pair,
			    {at: performance.now(), points: answer.points[k],
				since: answer.since?.[k]}));
			this.arrived();
		} catch {
			// the page says elsewhere that the collector is away
		} finally {
			if (metric === this.metric)
				pairs.forEach((pair) => this.asked.delete(pair));
		}
	}
}

// Draws points; what is not known is a gap. Gives the canvas's largest value.
export function drawSpark(canvas, points, colours, width = 160, height = 28) {
	const ratio = window.devicePixelRatio || 1;
	const context = canvas.getContext('2d');
	const known = points.filter((v) => v !== null);
	const high = Math.max(...known), low = Math.min(...known);
	const step = width / points.length;
	const y = (v) => high === low ? height / 2 :
	    height - 3 - (v - low) / (high - low) * (height - 6);

	canvas.width = width * ratio;
	canvas.height = height * ratio;
	canvas.style.width = `${width}px`;
	canvas.style.height = `${height}px`;
	context.scale(ratio, ratio);
	context.strokeStyle = css(colours.accent);
	context.lineWidth = 1.5;
	context.lineJoin = 'round';
	context.beginPath();
	points.forEach((v, i) => {
		if (v === null)
			return;
		if (i === 0 || points[i - 1] === null)
			context.moveTo(i * step, y(v));
		context.lineTo((i + 1) * step, y(v));
	});
	context.stroke();
	return known.length ? {high, low} : null;
}
