// The note beside a cell or a point of a chart.
import {css} from './colours.js';
import {find, make} from './dom.js';

// lines: [name, value, note, colour], one text or an element; beside is a box in
// the window.
export function showTip(title, lines, beside) {
	const tip = find('tip');

	tip.replaceChildren();
	make('strong', tip, title);
	const table = make('div', tip, '', 'lines');
	for (const line of lines) {
		if (typeof line === 'string') {
			make('p', table, line);
			continue;
		}
		if (line instanceof Element) {
			table.append(line);
			continue;
		}
		const [name, value, note, colour] = line;
		make('span', table, name, 'name');
		const words = make('span', table, '', 'number');
		if (colour)
			make('i', words).style.background = css(colour);
		make('b', words, value);
		words.append(' ');
		make('small', words, note);
	}
	tip.hidden = false;
	place(tip, beside);
}

// To the right of the box and below it, where there is room.
function place(tip, box) {
	tip.style.left = tip.style.top = 0; // where its width is its own
	const right = box.right + 12, below = box.bottom + 12;
	const left = box.left - tip.offsetWidth - 12;
	const above = box.top - tip.offsetHeight - 12;

	tip.style.left = `${right + tip.offsetWidth < window.innerWidth ||
	    left < 0 ? right : left}px`;
	tip.style.top = `${below + tip.offsetHeight < window.innerHeight ||
	    above < 0 ? below : above}px`;
}

export function hideTip() {
	find('tip').hidden = true;
}
