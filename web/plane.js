// An answer of /api/v1/matrix, cell by cell, and what has changed since.

// The metrics that stand beside the chosen one: the graded ones, so that loss
// is seen next to delay, and the counts that ratios are made of.
export function companions(metrics, chosen) {
	const graded = metrics.filter((m) => m.edges && m.name !== chosen);
	const shown = metrics.filter((m) => m.name === chosen || m.edges);
	const counts = shown.filter((m) => m.kind === 'ratio')
	    .flatMap((m) => [m.part, m.whole]);

	return [...new Set([...graded.map((m) => m.name), ...counts])]
	    .filter((name) => name !== chosen);
}

// What a share may be, with 95 % confidence, when none was seen in n.
export function mostOfNone(n) {
	return 1 - 0.05 ** (1 / n);
}

const PLANES = ['value', 'grade', 'state', 'age', 'count', 'base', 'change',
    'step', 'bound'];

const placesOf = (names) => new Map(names.map((name, i) => [name, i]));

export class Plane {
	constructor(answer, metrics) {
		this.answer = answer;
		this.metrics = metrics;
		this.columns = answer.dst.length;
		this.rows = answer.src.length;
		this.size = this.rows * this.columns;
		this.main = metrics.find((m) => m.name === answer.metric);
		this.addMissing();
		this.beside = metrics.find((m) => m.edges && m.kind === 'ratio' &&
		    this.main?.kind !== 'ratio' && answer.also?.[m.name]);
		this.second = this.beside && answer.also[this.beside.name].grade;
		this.ok = answer.states.indexOf('ok');
		this.stale = answer.states.indexOf('stale');
		const now = answer.at ?? answer.generated;
		this.measured = Float64Array.from(answer.age, (age, i) =>
		    age !== null ? now - age :
			this.isSparse && answer.grade[i] !== null ? now : NaN);
		this.rowOf = placesOf(answer.src);
		this.columnOf = placesOf(answer.dst);
	}

	state(i) {
		return this.answer.states[this.answer.state[i]];
	}

	isPair(i) {
		return !['self', 'untested'].includes(this.state(i));
	}

	pairs() {
		let found = 0;
		for (let i = 0; i < this.size; i++)
			found += this.isPair(i);
		return found;
	}

	// Those of which there is no fresh finding, though neither end is silent.
	missing() {
		const silent = new Set(this.answer.silent);
		let found = 0;
		for (let i = 0; i < this.size; i++)
			found += ['stale', 'no-data'].includes(this.state(i)) &&
			    !silent.has(this.src(i)) && !silent.has(this.dst(i));
		return found;
	}

	// When it was measured, in the collector's seconds; null: never.
	when(i) {
		return Number.isNaN(this.measured[i]) ? null : this.measured[i];
	}

	// Planes that have not been asked for yet; of cells whose age is not known,
	// when they were told.
	addMissing() {
		const {answer} = this;
		this.isSparse = !answer.age;
		for (const name of ['value', 'grade', 'age', 'count'])
			answer[name] ??= new Array(this.size).fill(null);
		if (this.main?.bound)
			answer.bound ??= new Array(this.size).fill(null);
		this.told = new Float64Array(this.isSparse ? this.size : 0);
	}

	// Has a cell's value been asked for?
	isHere(i) {
		return !this.isSparse || this.told[i] > 0;
	}

	// Takes over a tile; what was told since is newer. Gives its cells.
	take(part) {
		const {row, column, rows, columns} = part.tile;
		const {answer} = this;
		const cells = [];

		for (const [name, {stat, unit}] of Object.entries(part.also ?? {}))
			(answer.also ??= {})[name] ??= {stat, unit, value: [],
			    grade: []};
		for (let k = 0; k < rows * columns; k++) {
			const i = (row + Math.floor(k / columns)) * this.columns +
			    column + k % columns;
			if (this.told[i] > part.generated)
				continue;
			this.takeCell(i, k, part);
			cells.push(i);
		}
		return cells;
	}

	takeCell(i, k, part) {
		const {answer} = this;
		for (const name of PLANES)
			if (part[name] && answer[name])
				answer[name][i] = part[name][k];
		for (const [name, {value, grade}] of
		    Object.entries(part.also ?? {})) {
			answer.also[name].value[i] = value[k];
			answer.also[name].grade[i] = grade[k];
		}
		this.measured[i] = part.age[k] === null ? NaN :
		    part.generated - part.age[k];
		this.told[i] = part.generated;
	}

	// Is it beside its baseline?
	get isBased() {
		return this.answer.ref === 'base';
	}

	// What a cell's fill tells: its grade, or how far it is from what is usual;
	// null: neither.
	shade(i) {
		return this.isBased ? this.answer.step[i] : this.answer.grade[i];
	}

	// How a cell looks, as a number (painter.js takes it apart).
	look(i) {
		const {state, value} = this.answer;
		const second = this.second && state[i] === this.ok ?
		    this.second[i] ?? -1 : -1;
		const shade = this.shade(i) ?? -1;
		const isKnown = value[i] !== null || (shade >= 0 && !this.isHere(i));
		return ((state[i] * 8 + shade + 1) * 7 + second + 1) * 2 + isKnown;
	}

	// Takes over what an event of /api/v1/live tells.
	apply(data) {
		const {answer} = this;
		answer.generated = data.generated;
		answer.summary = data.summary ?? answer.summary;
		answer.silent = data.silent ?? answer.silent;
		data.cells.forEach((cell, k) => {
			for (const name of PLANES)
				if (data[name] && answer[name])
					answer[name][cell] = data[name][k];
			this.measured[cell] = data.age[k] === null ? NaN :
			    data.generated - data.age[k];
			if (this.isSparse)
				this.told[cell] = data.generated;
			for (const [name, more] of Object.entries(data.also)) {
				if (!answer.also?.[name])
					continue;
				answer.also[name].value[cell] = more.value[k];
				answer.also[name].grade[cell] = more.grade[k];
			}
		});
	}

	// Without news what is older than its schedule explains is stale: the
	// cells that are so from now on.
	grow(time, staleAfter) {
		const found = [];
		for (let i = 0; i < this.size; i++)
			if (this.answer.state[i] === this.ok &&
			    time - this.measured[i] > staleAfter) {
				this.answer.state[i] = this.stale;
				found.push(i);
			}
		return found;
	}

	src(i) {
		return this.answer.src[Math.floor(i / this.columns)];
	}

	dst(i) {
		return this.answer.dst[i % this.columns];
	}

	// The cell of a pair; -1: there is none.
	at(src, dst) {
		const row = this.rowOf.get(src);
		const column = this.columnOf.get(dst);
		return row === undefined || column === undefined ? -1 :
		    row * this.columns + column;
	}

	// The cell of the other direction; -1: there is none.
	reverse(i) {
		return this.at(this.dst(i), this.src(i));
	}

	// The value of a metric in a cell; null: unmeasured or not asked for.
	value(name, i) {
		return name === this.answer.metric ? this.answer.value[i] :
		    this.answer.also?.[name]?.value[i] ?? null;
	}

	grade(name, i) {
		return name === this.answer.metric ? this.answer.grade[i] :
		    this.answer.also?.[name]?.grade[i] ?? null;
	}

	// None of n: does that leave room for more than the best grade allows?
	isUnproven(i) {
		const counts = this.main?.edges && !this.isBased &&
		    this.counts(this.main, i);
		return Boolean(counts) && counts.part === 0 && counts.whole > 0 &&
		    mostOfNone(counts.whole) > this.main.edges[0];
	}

	// The counts behind a ratio, or null.
	counts(metric, i) {
		if (metric.kind !== 'ratio')
			return null;
		const part = this.value(metric.part, i);
		const whole = this.value(metric.whole, i);
		return part === null || whole === null ? null : {part, whole};
	}
}
