// The note beside a cell or a point of a chart.
import {css} from './colours.js';
import {find, make} from './dom.js';

const GAP = 12; // pixels

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

// Where something so long begins: behind the box, where there is room, else before
// it, else at the end of the window.
function begin(start, end, length, room) {
	const before = start - length - GAP, behind = end + GAP;
	if (behind + length < room)
		return behind;
	return before < 0 ? Math.max(0, room - length) : before;
}

// To the right of the box and below it.
function place(tip, box) {
	tip.style.left = tip.style.top = 0; // where its width is its own
	const {clientWidth: width, clientHeight: height} =
	    document.documentElement;

	tip.style.left = `${begin(box.left, box.right, tip.offsetWidth, width)}px`;
	tip.style.top = `${begin(box.top, box.bottom, tip.offsetHeight, height)}px`;
}

export function hideTip() {
	find('tip').hidden = true;
}
