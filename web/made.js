// How the rows of a series were made, in the reader's language. The collector says
// it in English: "hours of bins of 60 s merged over 21600 s; before ... ...".
import {text} from './text.js';

// Each part in brackets is such words again, or is taken as it is.
const FORMS = [
	['made-before', /^(.+?); before (\S+) (.+)$/],
	['made-merged', /^(.+) merged over (\d+ s)$/],
	['made-over', /^([A-Z, ]+) over (\d+ s) of (.+)$/],
	['made-hours', /^hours of (.+)$/],
	['made-days', /^days of (.+)$/],
	['made-bins', /^bins of (\d+ s)$/],
];

export function made(words) {
	for (const [key, form] of FORMS) {
		const found = words.match(form);
		if (found)
			return text(key, ...found.slice(1).map(made));
	}
	return words;
}
