// Cells of a matrix as pixels: one ImageData, so that a million cells stay
// cheap. Grades are flat; each state has a pattern of its own that no grade
// has, and a glyph where there is room.
import {css, mix} from './colours.js';

const NUMBER = 30; // pixels of a cell from which its number is written
const GLYPH = 9;   // and its glyph drawn

// The colour of a pixel of a cell of `size`, x and y from its corner.
function shade(cell, colours, x, y, size) {
	const edge = x === size - 1 || y === size - 1;
	const fill = colours.grade(cell.grade);

	if (edge && size >= 4)
		return colours.back;
	switch (cell.state) {
	case 'ok':
		return cell.value === null ? colours.back : fill;
	case 'clock':
		return (x <= 1 || y <= 1 || x >= size - 3 || y >= size - 3) &&
		    (x + y) % 4 < 2 ? colours.front : fill;
	case 'stale':
		return (x + y) % 4 === 0 ? colours.faint :
		    mix(cell.value === null ? colours.back : fill,
		    colours.back, 0.35);
	case 'no-data':
		return x % 5 === 2 && y % 5 === 2 ? colours.faint : colours.back;
	case 'unreachable':
		if (size < GLYPH)
			return (x + y) % 2 ? [0, 0, 0] : [255, 255, 255];
		return x === 0 || y === 0 || x === size - 2 || y === size - 2 ?
		    [255, 255, 255] : [0, 0, 0];
	case 'self':
		return x === y || x === y + 1 ? colours.faint : colours.back;
	case 'disabled':
	case 'maint':
		return x === 0 || y === 0 || x === size - 2 || y === size - 2 ?
		    colours.faint : colours.back;
	default:
		return colours.back;
	}
}

function paintCell(image, cell, colours, left, top, size) {
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++) {
			const [r, g, b] = shade(cell, colours, x, y, size);
			const at = ((top + y) * image.width + left + x) * 4;

			image.data[at] = r;
			image.data[at + 1] = g;
			image.data[at + 2] = b;
			image.data[at + 3] = 255;
		}
}

// What is written on a cell and in which colour; null: nothing.
function writing(cell, colours, size, format) {
	const glyph = colours.states.get(cell.state)?.glyph ?? '';

	if (cell.state === 'ok')
		return size < NUMBER || cell.value === null ? null :
		    [format(cell.value), colours.on(colours.grade(cell.grade))];
	if (cell.state === 'self' || !glyph)
		return null;
	if (cell.state === 'unreachable')
		return [glyph, [255, 255, 255]];
	if (cell.state === 'stale' && size >= NUMBER && cell.value !== null)
		return [`${glyph} ${format(cell.value)}`, colours.front];
	return [glyph, colours.front];
}

function write(context, cell, colours, left, top, size, format) {
	const found = writing(cell, colours, size, format);

	if (!found)
		return;
	const [words, colour] = found;
	const room = size - 4;
	let height = Math.min(13, size * 0.8);
	context.font = `${height}px system-ui, sans-serif`;
	const width = context.measureText(words).width;
	if (width > room) {
		height *= room / width;
		context.font = `${height}px system-ui, sans-serif`;
	}
	context.fillStyle = css(colour);
	context.fillText(words, left + (size - 1) / 2, top + size / 2);
}

// cells: row-major {value, grade, state}; size in canvas pixels.
export function paint(canvas, cells, columns, size, colours, format) {
	const rows = cells.length / columns;
	const context = canvas.getContext('2d');

	canvas.width = columns * size;
	canvas.height = rows * size;
	const image = context.createImageData(canvas.width, canvas.height);
	cells.forEach((cell, i) => paintCell(image, cell, colours,
	    (i % columns) * size, Math.floor(i / columns) * size, size));
	context.putImageData(image, 0, 0);
	if (size < GLYPH)
		return;
	context.textAlign = 'center';
	context.textBaseline = 'middle';
	cells.forEach((cell, i) => write(context, cell, colours,
	    (i % columns) * size, Math.floor(i / columns) * size, size,
	    format));
}
