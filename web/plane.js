// An answer of /api/v1/matrix, cell by cell.

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

export class Plane {
	constructor(answer, metrics) {
		this.answer = answer;
		this.metrics = metrics;
		this.columns = answer.dst.length;
		this.main = metrics.find((m) => m.name === answer.metric);
		this.beside = metrics.find((m) => m.edges && m.kind === 'ratio' &&
		    this.main?.kind !== 'ratio' && answer.also?.[m.name]);
		const second = this.beside && answer.also[this.beside.name];
		this.cells = answer.value.map((value, i) => ({
			at: i, value,
			grade: answer.grade[i],
			state: answer.states[answer.state[i]],
			age: answer.age[i],
			count: answer.count[i],
			second: second?.grade[i] ?? null,
			unproven: this.isUnproven(this.main, i),
		}));
	}

	src(i) {
		return this.answer.src[Math.floor(i / this.columns)];
	}

	dst(i) {
		return this.answer.dst[i % this.columns];
	}

	// The cell of the other direction, or undefined.
	reverse(i) {
		const row = this.answer.src.indexOf(this.dst(i));
		const column = this.answer.dst.indexOf(this.src(i));
		return row < 0 || column < 0 ? undefined :
		    this.cells[row * this.columns + column];
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
	isUnproven(metric, i) {
		const counts = metric?.edges && this.counts(metric, i);
		return Boolean(counts) && counts.part === 0 &&
		    counts.whole > 0 && mostOfNone(counts.whole) > metric.edges[0];
	}

	// The counts behind a ratio, or null.
	counts(metric, i) {
		const part = this.value(metric.part, i);
		const whole = this.value(metric.whole, i);
		return metric.kind !== 'ratio' || part === null ||
		    whole === null ? null : {part, whole};
	}
}
