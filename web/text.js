// Words and numbers for people. Strings are in lang/, one file a language.
import en from './lang/en.js';
import zh from './lang/zh.js';

export const language = navigator.language.startsWith('zh') ? 'zh' : 'en';
const strings = language === 'zh' ? zh : en;
document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';

export function text(key, ...values) {
	return (strings[key] ?? en[key] ?? key).replace(/\{(\d)\}/g,
	    (_, i) => values[i]);
}

// The label of something that the API names in several languages.
export function label(labels, fallback) {
	return labels?.[language] ?? labels?.en ?? fallback;
}

// Fills every element that names its text in data-text.
export function fillTexts() {
	for (const element of document.querySelectorAll('[data-text]'))
		element.textContent = text(element.dataset.text);
}

function digits(value) {
	if (value === 0)
		return '0';
	const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
	return value.toFixed(Math.min(Math.max(3 - whole, 0), 6))
	    .replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

const scales = {
	's': [[1e-9, 'ns'], [1e-6, 'µs'], [1e-3, 'ms'], [1, 's']],
	'B': [[1, 'B'], [1e3, 'kB'], [1e6, 'MB'], [1e9, 'GB']],
	'bit/s': [[1, 'bit/s'], [1e3, 'kbit/s'], [1e6, 'Mbit/s'],
	    [1e9, 'Gbit/s']],
	'ratio': [[0.01, '%']],
	'1/s': [[1, '/s']],
};

// A value in base units with three digits and a scaled unit. Never called for
// a value that is not there.
export function quantity(value, unit) {
	const steps = scales[unit];
	if (!steps)
		return digits(value);
	let [factor, name] = steps[0];
	for (const [larger, its] of steps)
		if (Math.abs(value) >= larger * 0.9995)
			[factor, name] = [larger, its];
	if (value === 0)
		[factor, name] = steps[steps.length - 1];
	return `${digits(value / factor)} ${name}`;
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

export function clock(seconds) {
	return `${new Date(seconds * 1000).toISOString().slice(11, 19)}Z`;
}
