// What shares a cell with it, each in a triangle of its own: the other direction
// of the pair (fold), or the pair in the other address family (split).
const LEAST = 12;  // pixels from which a cell has triangles
const PAIR = 1024; // more than a look can be

// How much a state or grade asks for attention, so that of two the worse is seen
// where there is room for one. What is not known is worse than what is good.
function severity(plane, i) {
	const state = plane.state(i);
	const shade = plane.shade(i) ?? -1;
	const fixed = {'unreachable': 9, 'stale': 4, 'no-data': 4, 'maint': 1,
	    'disabled': 1, 'untested': 0, 'self': 0}[state];

	return fixed ?? (shade < 2 ? 2 + Math.max(0, shade) : 3 + shade);
}

// Two looks in one, and back; null: it is one.
export const pairOf = (lower, upper) => (lower + 1) * PAIR + upper;

export function looksOf(key) {
	return key < PAIR ? null :
	    [Math.floor(key / PAIR) - 1, key % PAIR];
}

class Twins {
	// kind: 'fold' or 'split'; other: the plane of what is in the upper right
	constructor(kind, plane, other, isSwapped) {
		Object.assign(this, {kind, plane, other, isSwapped});
	}

	// A cell's place in the other plane; -1: it stands alone.
	at(i) {
		const {plane, other} = this;
		const found = this.kind === 'fold' ? plane.reverse(i) :
		    other.at(plane.src(i), plane.dst(i));
		return this.kind === 'fold' && found === i ? -1 : found;
	}

	look(i, size) {
		const {plane, other} = this;
		const twin = this.at(i);
		if (twin < 0)
			return plane.look(i);
		if (size < LEAST)
			return severity(other, twin) > severity(plane, i) ?
			    other.look(twin) : plane.look(i);
		const pair = [plane.look(i), other.look(twin)];
		if (this.isSwapped)
			pair.reverse();
		return pairOf(...pair);
	}

	// In the order of the triangles: lower left, upper right.
	both(i, call) {
		const twin = this.at(i);
		const pair = [call(this.plane, i), twin < 0 ? null :
		    call(this.other, twin)];
		return this.isSwapped ? pair.reverse() : pair;
	}
}

// The lower left is from row to column, the upper right back.
export function folded(plane) {
	return new Twins('fold', plane, plane, false);
}

// The lower left is IPv4, the upper right IPv6.
export function split(plane, other, isSix) {
	return new Twins('split', plane, other, isSix);
}
