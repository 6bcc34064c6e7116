// Groups along the axes of a matrix: headings, the lines between them, and which
// ends of pairs a reader has chosen.
import {find, make} from './dom.js';
import {listed, text} from './text.js';

export const HEADING = 22; // pixels that headings of groups take
const LEGIBLE = 12;        // pixels a heading needs

// Headings of an axis; groups: of View.groups(); isRow: along the rows.
export function drawHeadings(parent, groups, size, isRow) {
	for (const {name, first, count} of groups) {
		const heading = make('button', parent, '', 'group');
		heading.type = 'button';
		if (name !== null) {
			heading.dataset.pick = `@${name}`;
			heading.title = `@${name}`;
		}
		heading.disabled = name === null;
		heading.textContent = count * size < LEGIBLE ? '' :
		    name ?? text('no-group');
		heading.style[isRow ? 'top' : 'left'] = `${first * size}px`;
		heading.style[isRow ? 'height' : 'width'] =
		    `${count * size - 2}px`;
	}
}

// Lines over the cells where another group begins.
export function drawDivides(field, view, rows, columns, size) {
	field.querySelectorAll('.divide').forEach((line) => line.remove());
	const add = (groups, edge, length) => {
		for (const {first} of groups.slice(1)) {
			const line = make('div', field, '', 'divide');
			line.style[edge] = `${first * size - 1.5}px`;
			line.style[edge === 'top' ? 'width' : 'height'] =
			    `${length * size}px`;
		}
	};
	add(rows, 'top', view.columns.length);
	add(columns, 'left', view.rows.length);
}

// What was chosen of the axes, each to be let go of.
export function drawChosen(query, label) {
	const parent = find('chosen');
	parent.replaceChildren();
	for (const axis of ['src', 'dst']) {
		const words = query.get(axis);
		if (!words)
			continue;
		const button = make('button', parent, text(`only-${axis}`,
		    listed(words.split(',').map((word) =>
			word.startsWith('@') ? word : label(word)))));
		button.type = 'button';
		button.dataset.axis = axis;
		make('span', button, ' ✕');
	}
	parent.hidden = !parent.children.length;
}
