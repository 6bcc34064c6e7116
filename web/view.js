// Which rows and columns of a matrix are shown, and in which order.

// How bad a cell is: unreachable above all grades, what is no number below.
function badness(plane, i) {
	const state = plane.state(i);
	if (state === 'unreachable')
		return 8;
	return state === 'ok' || state === 'clock' ?
	    1 + (plane.shade(i) ?? -1) : 0;
}

// A test for cells from words of the address: "grade:poor+", "state:stale",
// beside the baseline "step:slower+".
export function filterOf(words, plane, scales) {
	const [kind, what = ''] = (words ?? '').split(':');
	const shades = kind === 'step' ? scales.baseline.steps : scales.grades;
	const grade = shades.findIndex((g) =>
	    g.name === what.replace(/\+$/, ''));
	const state = plane.answer.states.indexOf(what);

	if (kind === (plane.isBased ? 'step' : 'grade') && grade >= 0)
		return (i) => {
			const reached = badness(plane, i) - 1;
			return what.endsWith('+') ? reached >= grade :
			    reached === grade;
		};
	if (kind === 'state' && state >= 0)
		return (i) => plane.answer.state[i] === state;
	return null;
}

export class View {
	// choice: {sort, filter, find, src, dst}; fleet: labels and groups; twins:
	// what shares a cell with it, or null
	constructor(plane, choice, fleet, scales, twins) {
		const {src, dst} = plane.answer;
		Object.assign(this, {plane, fleet, twins});
		this.matches = this.withTwins(
		    filterOf(choice.filter, plane, scales), twins &&
		    filterOf(choice.filter, twins.other, scales));
		this.rows = src.map((_, i) => i);
		this.columns = dst.map((_, i) => i);
		this.rows = this.keepNamed(this.rows, src, choice.src);
		this.columns = this.keepNamed(this.columns, dst, choice.dst);
		if (this.matches)
			this.keepMatches();
		if (choice.find)
			this.keepFound(choice.find.toLowerCase());
		this.sort(choice.sort);
		this.rowOf = this.places(this.rows, src.length);
		this.columnOf = this.places(this.columns, dst.length);
	}

	// A cell is like one of the two that share it.
	withTwins(own, other) {
		const {twins} = this;
		if (!own || !twins)
			return own;
		return (i) => {
			const twin = twins.at(i);
			return own(i) || (twin >= 0 && other(twin));
		};
	}

	badness(i) {
		const {plane, twins} = this;
		const twin = twins ? twins.at(i) : -1;
		return Math.max(badness(plane, i),
		    twin < 0 ? 0 : badness(twins.other, twin));
	}

	// Folded, a pair is shown once: where its row is above the other's.
	isAway(i) {
		if (this.twins?.kind !== 'fold')
			return false;
		const twin = this.twins.at(i);
		return twin >= 0 && this.placeOf(twin) >= 0 &&
		    this.placeOf(twin) < this.placeOf(i);
	}

	places(order, length) {
		const places = new Int32Array(length).fill(-1);
		order.forEach((at, place) => {
			places[at] = place;
		});
		return places;
	}

	cell(row, column) {
		return row * this.plane.columns + column;
	}

	keepMatches() {
		const rows = new Set(), columns = new Set();
		for (let i = 0; i < this.plane.size; i++)
			if (this.matches(i)) {
				rows.add(Math.floor(i / this.plane.columns));
				columns.add(i % this.plane.columns);
			}
		this.rows = this.rows.filter((row) => rows.has(row));
		this.columns = this.columns.filter((column) => columns.has(column));
	}

	// "nyc,@eu": those alone.
	keepNamed(order, names, words) {
		const wanted = new Set(words?.split(','));
		return !words ? order : order.filter((i) =>
		    wanted.has(names[i]) || this.fleet.groups(names[i])
			.some((group) => wanted.has(`@${group}`)));
	}

	// "a>b": from where to where; "a": from there, if anything is.
	keepFound(words) {
		const {src, dst} = this.plane.answer;
		const [from, to] = words.split(/->|→|>/).map((w) => w.trim());
		const fits = (name, part) => !part || [name, this.fleet.label(name),
		    ...this.fleet.groups(name).map((group) => `@${group}`)]
		    .some((word) => word.toLowerCase().includes(part));
		const rows = this.rows.filter((i) => fits(src[i], from));
		const onlyTo = to === undefined && !rows.length;

		if (!onlyTo)
			this.rows = rows;
		this.columns = this.columns.filter((i) =>
		    fits(dst[i], onlyTo ? from : to));
	}

	sort(how) {
		const {src, dst} = this.plane.answer;
		const by = {
			name: (name) => this.fleet.label(name),
			group: (name) => `${this.fleet.groups(name)[0] ?? '\uffff'} ` +
			    this.fleet.label(name),
		}[how];

		this.isGrouped = how === 'group';
		if (how === 'worst') {
			this.sortByWorst();
		} else if (by) {
			const order = (names) => (a, b) =>
			    by(names[a]).localeCompare(by(names[b]));
			this.rows.sort(order(src));
			this.columns.sort(order(dst));
		}
	}

	// Runs of one group on an axis, when it is in the order of groups:
	// [{name, first, count}]; of those that are in none the name is null.
	groups(order, names) {
		const found = [];
		for (const [place, i] of this.isGrouped ? order.entries() : []) {
			const name = this.fleet.groups(names[i])[0] ?? null;
			if (found.at(-1)?.name === name)
				found.at(-1).count++;
			else
				found.push({name, first: place, count: 1});
		}
		return found.length > 1 || found[0]?.name ? found : [];
	}

	// The worst cells in the upper left corner.
	sortByWorst() {
		const rows = new Float64Array(this.plane.rows);
		const columns = new Float64Array(this.plane.columns);
		for (const row of this.rows)
			for (const column of this.columns) {
				const much = 8 **
				    this.badness(this.cell(row, column));
				rows[row] += much;
				columns[column] += much;
			}
		this.rows.sort((a, b) => rows[b] - rows[a] || a - b);
		this.columns.sort((a, b) => columns[b] - columns[a] || a - b);
	}

	// Which cell is at a place of the picture, row by row, and back; -1: none.
	at(place) {
		const width = this.columns.length;
		return this.cell(this.rows[Math.floor(place / width)],
		    this.columns[place % width]);
	}

	placeOf(i) {
		const row = this.rowOf[Math.floor(i / this.plane.columns)];
		const column = this.columnOf[i % this.plane.columns];
		return row < 0 || column < 0 ? -1 :
		    row * this.columns.length + column;
	}

	get size() {
		return this.rows.length * this.columns.length;
	}

	isMatched(i) {
		return !this.matches || this.matches(i);
	}

	isShown(i) {
		return this.isMatched(i) && !this.isAway(i);
	}

	// As painter.js takes it; size: of a cell in pixels.
	look(i, size) {
		return this.twins ? this.twins.look(i, size) : this.plane.look(i);
	}
}
