// A pair that has left the fleet: nothing measures it, but what is kept of it is
// shown, up to its last finding, and until when that will be.
import {get} from './api.js';
import {find} from './dom.js';
import {instant, text} from './text.js';

const UNITS = {s: 1, m: 60, h: 3600, d: 86400};

// "-6h" in seconds before the end, or null: it is a time.
function lengthOf(span) {
	const [, count, unit] = /^-(\d+)([smhd])$/.exec(span) ?? [];
	return unit ? Number(count) * UNITS[unit] : null;
}

export class Left {
	// pair: as /api/v1/departed has it
	constructor(pair) {
		Object.assign(this, pair);
	}

	// What is asked for of a span that goes along with time: it ends where the
	// pair does.
	span(from) {
		const to = Math.ceil(this.last + this.step);
		const length = lengthOf(from);
		return {from: length === null ? from : to - length, to};
	}

	say() {
		find('left').hidden = false;
		find('left').textContent = text('left', instant(this.since),
		    instant(this.last)) + (this.until ?
			text('left-until', instant(this.until)) :
			text('left-kept'));
	}
}

// Of this direction; null: nothing is known of it. Of two families it is the one
// that was measured last, as the series is.
export async function leftOf(test, src, dst) {
	const {pairs} = await get('/api/v1/departed');
	const [pair] = pairs.filter((each) => each.test === test &&
	    each.src === src && each.dst === dst)
	    .sort((a, b) => b.last - a.last);
	return pair ? new Left(pair) : null;
}
