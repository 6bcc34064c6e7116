// The worst pairs of all tests: unreachable ones, then bad grades by how far
// beyond the grades' edges they are.
import {fullName} from './tell.js';

export const FROM = 3; // poor: from this grade on a pair is a trouble

// How many times the edge that makes it poor.
function excess(scale, value) {
	const edge = scale.edges[scale.better === 'more' ? 2 : FROM - 1];
	return scale.better === 'more' ? edge / Math.max(value, edge / 1e6) :
	    value / edge;
}

// The graded metric in which a cell is worst.
function worstMetric(plane, colours, i) {
	let worst = null;
	for (const metric of plane.metrics.filter((m) => m.edges)) {
		const grade = plane.grade(metric.name, i);
		const scale = colours.scale(plane.answer.probe, metric.name);
		if (grade === null || grade < FROM || !scale)
			continue;
		const found = {metric, grade, value: plane.value(metric.name, i)};
		found.excess = excess(scale, found.value);
		if (!worst || grade > worst.grade ||
		    (grade === worst.grade && found.excess > worst.excess))
			worst = found;
	}
	return worst;
}

function troubleOf(plane, colours, i) {
	const state = plane.state(i);
	const pair = {plane, i, state, src: plane.src(i), dst: plane.dst(i)};
	if (state === 'unreachable')
		return {...pair, rank: 1e9, name: plane.beside?.name ??
		    plane.answer.metric};
	if (state !== 'ok')
		return null;
	const worst = worstMetric(plane, colours, i);
	return worst && {...pair, ...worst, name: worst.metric.name,
	    title: fullName(plane, worst.metric.name),
	    rank: worst.grade * 1e6 + Math.min(worst.excess, 1e5)};
}

export function worstPairs(planes, colours) {
	const found = [];
	for (const plane of planes)
		for (let i = 0; i < plane.size; i++) {
			const trouble = troubleOf(plane, colours, i);
			if (trouble)
				found.push(trouble);
		}
	return found.sort((a, b) => b.rank - a.rank);
}
