// The worst pairs of the first page: since when, and a day of each.
import {url} from './api.js';
import {css} from './colours.js';
import {find, link, make} from './dom.js';
import {drawSwatch} from './painter.js';
import {drawSpark, Sparks} from './spark.js';
import {brief, duration, instant, label, quantity, text}
    from './text.js';
import {carried} from './times.js';
import {FROM} from './worst.js';

const MOST = 12;    // pairs that are named
const STEADY = 0.8; // a trouble that is there so much of the time
// Spans of a pair's page, and how old a trouble may be that is seen in them.
const SPANS = [[5 * 3600, null], [22 * 3600, '-24h'], [6 * 86400, '-7d'],
    [Infinity, '-30d']];

const pathOf = (a) => a?.getAttribute('href')?.split('?')[0];

export class Troubles {
	constructor() {
		Object.assign(this, {sparks: new Map(), shown: null});
	}

	// found: of worstPairs(); count: how many there are in all; time: the
	// collector's
	draw(found, count, fleet, colours, time) {
		const focused = pathOf(document.activeElement);

		Object.assign(this, {fleet, colours, time, shown: [found, count]});
		find('worst').replaceChildren();
		const body = find('worst').createTBody();
		for (const trouble of found.slice(0, MOST))
			this.drawTrouble(body, trouble);
		const more = count - Math.min(MOST, found.length);
		find('fine').hidden = more === 0 && found.length > 0;
		find('fine').textContent = more ? text('more-worst', more) :
		    text('none-worst');
		for (const a of focused ? body.querySelectorAll('a') : [])
			if (pathOf(a) === focused)
				a.focus();
	}

	redraw() {
		if (this.shown)
			this.draw(...this.shown, this.fleet, this.colours,
			    this.time);
	}

	drawTrouble(body, trouble) {
		const row = body.insertRow();
		const {plane, src, dst} = trouble;
		const {test} = plane.answer;

		const sparks = this.sparksOf(trouble);

		link(make('td', row, ''), `/pair${url(test, src, dst)}` +
		    this.spanOf(sparks.since(src, dst)),
		text('pair', this.fleet.label(src), this.fleet.label(dst)));
		this.describe(row, trouble);
		const points = sparks.get(src, dst);
		this.tellSince(make('td', row, '', 'since'),
		    sparks.since(src, dst));
		make('td', row, test, 'faint');
		const canvas = make('canvas', make('td', row, ''));
		if (points)
			drawSpark(canvas, points, this.colours, 110, 22);
		else
			canvas.height = 22;
		canvas.setAttribute('role', 'img');
		canvas.setAttribute('aria-label', text('trend', trouble.name));
	}

	describe(row, trouble) {
		const {colours} = this;
		const words = make('td', row, '');
		if (trouble.state === 'unreachable') {
			const state = colours.states.get('unreachable');
			drawSwatch(make('canvas', words),
			    {state: 'unreachable'}, 13, colours);
			make('span', words, label(state.label, 'unreachable'));
			return;
		}
		const grade = colours.scales.grades[trouble.grade];
		make('i', words).style.background =
		    css(colours.grade(trouble.grade));
		make('span', words, text('beside', `${trouble.title} ` +
		    quantity(trouble.value, trouble.metric.unit),
		label(grade.label, grade.name)));
	}

	// The query of a page on which its beginning is seen.
	spanOf(since) {
		const query = new URLSearchParams(carried);
		const age = since ? this.time - since.from : 0;
		const [, span] = SPANS.find(([most]) => age < most);
		if (span)
			query.set('from', span);
		return query.size ? `?${query}` : '';
	}

	// "since 09:12 (3 h)", and whether it comes and goes.
	tellSince(cell, since) {
		if (!since)
			return;
		const words = text(since.open ? 'since-open' : 'since',
		    brief(since.from, this.time),
		    duration(this.time - since.from));
		make('span', cell, words);
		cell.title = text('since-hint', instant(since.from),
		    quantity(since.share, 'ratio'));
		if (since.share < STEADY)
			make('small', cell, text('off-and-on'));
	}

	// What it is called in the question since when it is so; null: no metric
	// tells.
	nameOf({plane, name, state}) {
		if (state !== 'unreachable')
			return this.colours.scales.grades[FROM].name;
		const scale = this.colours.scale(plane.answer.probe, name);
		return scale?.unit === 'ratio' && scale.better === 'less' ?
		    'unanswered' : null;
	}

	// Of a pair's metric; each metric of a test is asked for together.
	sparksOf(found) {
		const {plane, name} = found;
		const trouble = this.nameOf(found);
		const key = `${plane.answer.test} ${name} ${trouble}`;
		if (!this.sparks.has(key)) {
			const sparks = new Sparks(plane.answer.test,
			    () => this.redraw(), trouble);
			sparks.choose(name);
			this.sparks.set(key, sparks);
		}
		return this.sparks.get(key);
	}
}
