// An answer of /api/v1/series, row by row.

// The statistic of a metric that a single number or line shows.
export function mainColumn(metric) {
	return metric.columns.p50 ?? Object.values(metric.columns)[0];
}

export class Series {
	constructor(answer, colours) {
		Object.assign(this, {answer, colours});
		this.metrics = Object.entries(answer.metrics);
	}

	// Is anything known of this row?
	isKnown(i) {
		return this.metrics.some(([, metric]) =>
		    mainColumn(metric)[i] !== null);
	}

	// What was sent then, and did none of it come back?
	isUnanswered(i) {
		const {probe} = this.answer;
		return this.metrics.some(([name, metric]) =>
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
