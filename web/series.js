// An answer of /api/v1/series, row by row.

// The statistic of a metric that a single number or line shows.
export function mainColumn(metric) {
	return metric.columns.p50 ?? Object.values(metric.columns)[0];
}

export class Series {
	// metrics: the probe's, of which some say how far others may be off
	constructor(answer, colours, metrics = []) {
		Object.assign(this, {answer, colours});
		const all = Object.entries(answer.metrics);
		this.bounded = new Map(metrics.filter((m) => m.bound &&
		    answer.metrics[m.bound] && answer.metrics[m.unbounded])
		    .map((m) => [m.name, m]));
		const beside = new Set([...this.bounded.values()]
		    .flatMap((m) => [m.bound, m.unbounded]));
		this.metrics = all.filter(([name]) => !beside.has(name));
		this.unanswered = new Set((answer.unanswered ?? []).flatMap(
		    ([first, last]) => Array.from({length: last - first + 1},
			(_, k) => first + k)));
	}

	isBounded(name) {
		return this.bounded.has(name);
	}

	// How far a metric's values of a row may be off, in seconds; null: nobody
	// knows, or there are none.
	bound(name, i) {
		const {metrics} = this.answer;
		const m = this.bounded.get(name);
		return !m || mainColumn(metrics[m.unbounded])[i] !== 0 ? null :
		    mainColumn(metrics[m.bound])[i];
	}

	// Can the clocks of then not carry what was found?
	isDoubted(name, i) {
		const value = mainColumn(this.answer.metrics[name])[i];
		return this.isBounded(name) && value !== null &&
		    !(value >= (this.bound(name, i) ?? Infinity));
	}

	// Is anything known of this row?
	isKnown(i) {
		return this.unanswered.has(i) || this.metrics.some(([, metric]) =>
		    mainColumn(metric)[i] !== null);
	}

	// Was somebody asked then, and did nobody answer? A row of the history's
	// file tells by its loss alone.
	isUnanswered(i) {
		const {probe} = this.answer;
		return this.unanswered.has(i) || this.metrics.some(([name, metric]) =>
		    metric.kind === 'ratio' && metric.columns.ratio[i] === 1 &&
		    this.colours.scale(probe, name)?.better === 'less');
	}

	// The last row of which anything is known; -1: none.
	lastRow() {
		let i = this.answer.count - 1;
		while (i >= 0 && !this.isKnown(i))
			i--;
		return i;
	}

	gradeColour(name, value) {
		const scale = this.colours.scale(this.answer.probe, name);
		const grade = this.colours.gradeOf(scale, value);
		return grade === null ? this.colours.faint :
		    this.colours.grade(grade);
	}

	// Loss in the colour of its grade, for the median of the same row; null:
	// none, or none worth a colour.
	lossColour(i) {
		const {probe} = this.answer;
		for (const [name, metric] of this.metrics) {
			const scale = this.colours.scale(probe, name);
			if (metric.kind !== 'ratio' || scale?.better !== 'less')
				continue;
			const value = metric.columns.ratio[i];
			const grade = value ? this.colours.gradeOf(scale, value) :
			    0;
			return grade > 0 ? this.colours.grade(grade) : null;
		}
		return null;
	}

	// What is drawn: up to the first value there is nothing to see.
	extent() {
		const {start, step, count, from, to} = this.answer;
		let first = 0;
		while (first < count && !this.isKnown(first))
			first++;
		const cut = first > 0 && first < count &&
		    start + first * step > from + (to - from) / 20;
		return {to, cut, from: cut ? start + (first - 0.5) * step : from};
	}
}
