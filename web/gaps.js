// When a pair's boxes were not there, and why: on the time axis and in words.
import {find, make} from './dom.js';
import {clock, instant, text} from './text.js';

const KEPT = 60000;  // ms
const BACK = 7 * 86400; // s: one that began so long before is found
const MOST = 200;    // gaps of a box
const NAMED = 12;    // that are listed

async function ask(box, from, to) {
	const query = new URLSearchParams({outcome: 'gap', src: box, from, to,
	    limit: MOST});
	const reply = await fetch(`/api/v1/records?${query}`);
	const words = reply.ok ? await reply.text() : '';

	return words.split('\n').filter(Boolean).map((line) => JSON.parse(line))
	    .map(({start, end, why}) => ({box, from: start, to: end,
		why: why ?? ''}));
}

export class Gaps {
	constructor() {
		Object.assign(this, {found: [], asked: '', at: -Infinity});
	}

	// boxes: names; done(): more is known
	async ask(boxes, from, to, isFrozen, done) {
		const key = isFrozen ? `${from} ${to}` : `${Math.round(to - from)}`;
		const now = performance.now();
		if (this.asked === key && now - this.at < KEPT)
			return;
		Object.assign(this, {asked: key, at: now});
		try {
			const found = await Promise.all(boxes.map((box) => ask(box,
			    Math.max(0, Math.floor(from - BACK)), Math.ceil(to))));
			this.found = found.flat().sort((a, b) => b.from - a.from);
			done();
		} catch {
			this.asked = ''; // the page says elsewhere why
		}
	}

	// Those that reach into a span, the newest first.
	within(from, to) {
		return this.found.filter((gap) => gap.to > from && gap.from < to);
	}

	draw(from, to, label) {
		const here = this.within(from, to);

		find('gaps').replaceChildren();
		for (const gap of here.slice(0, NAMED))
			make('li', find('gaps'), `${instant(gap.from)} – ` +
			    `${clock(gap.to)} ${gapWords(gap, label)}`);
		if (here.length > NAMED)
			make('li', find('gaps'), text('more-gaps',
			    here.length - NAMED));
	}
}

export const gapWords = ({box, why}, label) => text('gap', label(box), why);
