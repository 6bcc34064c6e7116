// Words and numbers for people. Strings are in lang/, one file a language.
import {language} from './choice.js';
import en from './lang/en.js';
import zh from './lang/zh.js';

export {brief, clock, instant} from './times.js';

const strings = language === 'zh' ? zh : en;

// {0} in a string is the first value, {0:pair|pairs} one word for a value of one and
// another for more.
export function text(key, ...values) {
	return (strings[key] ?? key).replace(
	    /\{(\d)(?::([^|}]*)\|([^}]*))?\}/g, (_, i, one, more) =>
	    one === undefined ? values[i] : values[i] === 1 ? one : more);
}

// "a, b, c"
export function listed(words) {
	return words.join(text('list-gap'));
}

// The label of something that the API names in several languages.
export function label(labels, fallback) {
	return labels?.[language] ?? labels?.en ?? fallback;
}

// Fills every element that names its text in data-text.
export function fillTexts() {
	for (const element of document.querySelectorAll('[data-text]'))
		element.textContent = text(element.dataset.text);
	for (const element of document.querySelectorAll('[data-title]'))
		element.title = text(element.dataset.title);
	for (const element of document.querySelectorAll('[data-hint]'))
		element.placeholder = text(element.dataset.hint);
}

const scales = {
	's': [[1e-9, 'ns'], [1e-6, 'µs'], [1e-3, 'ms'], [1, 's']],
	'B': [[1, 'B'], [1e3, 'kB'], [1e6, 'MB'], [1e9, 'GB']],
	'bit/s': [[1, 'bit/s'], [1e3, 'kbit/s'], [1e6, 'Mbit/s'],
	    [1e9, 'Gbit/s']],
	'ratio': [[1e-6, 'ppm'], [0.01, '%', 1e-4]],
	'1/s': [[1, '/s'], [1e3, 'k/s'], [1e6, 'M/s']],
};
const plain = [[1, ''], [1e3, 'k'], [1e6, 'M'], [1e9, 'G']];

// The factor and name of the unit in which a value is written. A third number is
// what it is used from, if not from one on.
function scaled(value, unit) {
	const steps = scales[unit] ?? plain;
	let found = steps[0];
	for (const step of steps)
		if (Math.abs(value) >= (step[2] ?? step[0]) * 0.9995)
			found = step;
	return value === 0 ? steps.find(([factor]) => factor >= 1) ??
	    steps.at(-1) : found;
}

function withUnit(number, name) {
	return name ? `${number} ${name}` : number;
}

// Three digits, without zeros that say nothing.
function digits(value) {
	if (value === 0)
		return '0';
	const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
	if (whole < -5)
		return value.toExponential(0);
	return dropZeros(value.toFixed(Math.max(3 - whole, 0)));
}

function dropZeros(number) {
	return number.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

// A value in base units with three digits and a scaled unit. Never called for
// a value that is not there.
export function quantity(value, unit) {
	const [factor, name] = scaled(value, unit);
	return withUnit(digits(value / factor), name);
}

// A change: "+5.9 %", "−20 %".
export function percent(ratio) {
	return `${ratio < 0 ? '−' : '+'}${digits(Math.abs(ratio) * 100)} %`;
}

// A function that writes values of an axis which reaches up to `high` and has
// a mark every `step`: one unit for all, and digits that tell marks apart.
export function axisFormat(high, step, unit) {
	const [factor, name] = scaled(high, unit);
	const places = Math.max(0, -Math.floor(Math.log10(step / factor) + 1e-9));
	return (value) =>
	    withUnit(dropZeros((value / factor).toFixed(places)), name);
}

// How long: "12 s", "5 min", "3 h", "2 d".
export function duration(seconds) {
	if (seconds < 120)
		return `${Math.max(0, Math.round(seconds))} s`;
	if (seconds < 7200)
		return `${Math.round(seconds / 60)} min`;
	if (seconds < 172800)
		return `${Math.round(seconds / 3600)} h`;
	return `${Math.round(seconds / 86400)} d`;
}

// How often a test measures: "poisson, every 10 s".
export function schedule(test) {
	const {kind, every} = test.schedule;
	return every ? text('schedule', text(`schedule-${kind}`),
	    duration(every)) : text(`schedule-${kind}`);
}
