// Where marks stand on the axes of a chart, and what is written at those of time.
import {ahead, civil} from './times.js';

const NARROW = 500;          // pixels of a chart on a phone
const CLOSE = 75, WIDE = 110; // that a label of time takes, there and elsewhere

// A step of 1, 2 or 5 times a power of ten, at most `most` of them in span.
export function niceStep(span, most) {
	const raw = span / most;
	const power = 10 ** Math.floor(Math.log10(raw));
	return [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw);
}

const TIMES = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10800, 21600,
    43200, 86400, 172800, 604800, 1209600, 2592000, 7776000];

export function timeStep(span, width) {
	const most = width / (width < NARROW ? CLOSE : WIDE);
	return TIMES.find((s) => s >= span / most) ?? 7776000;
}

export function timeLabel(t, step) {
	const iso = civil(t);
	if (step >= 86400)
		return iso.slice(0, 10);
	if ((t + ahead(t)) % 86400 === 0)
		return iso.slice(5, 10);
	return step >= 60 ? iso.slice(11, 16) : iso.slice(11);
}

export function marks(low, high, step) {
	const found = [];
	for (let i = Math.ceil(low / step); i * step <= high; i++)
		found.push(i * step);
	return found;
}

// At whole steps of the clock that is read.
export function timeMarks(low, high, step) {
	const by = ahead(low);
	return marks(low + by, high + by, step).map((t) => t - by);
}
