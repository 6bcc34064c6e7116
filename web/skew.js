// How the two clocks of a pair part: said beside the numbers, never put into them.
import {get, url} from './api.js';
import {find} from './dom.js';
import {quantity, text} from './text.js';

const CALM = 30000; // ms between questions that differ only by the time
const PPM = 1e6;

const ppm = (value) => (value * PPM).toFixed(3);
const signed = (value) => `${value < 0 ? '−' : '+'}` +
    `${quantity(Math.abs(value), 's')}`;

function words(answer, label) {
	if (answer.why)
		return text('skew-unknown', text(answer.why));
	return text('skew', label(answer.dst), label(answer.src),
	    `${answer.skew < 0 ? '−' : '+'}${ppm(Math.abs(answer.skew))}`,
	    ppm(answer.error), signed(answer.offset),
	    quantity(answer.bound, 's')) +
	    (answer.impossible ? text('skew-impossible') : '') +
	    (answer.crooked ? text('skew-crooked') : '');
}

export class Skew {
	constructor(...pair) {
		Object.assign(this, {pair, asked: -Infinity, span: ''});
	}

	// span: what it is of, the same while only time goes by
	async ask(from, to, span, label) {
		const now = performance.now();
		if (span === this.span && now - this.asked < CALM)
			return;
		Object.assign(this, {asked: now, span});
		try {
			const answer = await get(`/api/v1/skew${url(...this.pair)}` +
			    `?${new URLSearchParams({from, to})}`);
			if (span !== this.span)
				return;
			find('skew').textContent = words(answer, label);
			find('skew').hidden = false;
		} catch {
			this.asked = -Infinity; // the stream says it, too
		}
	}
}
