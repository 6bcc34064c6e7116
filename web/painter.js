// Cells of a matrix as pixels. Grades are flat; each state has a pattern of its
// own that no grade has, and a glyph where there is room. What cells look like
// is drawn once and copied, so that a million of them stay cheap.
import {css, mix} from './colours.js';

// From this many pixels of a cell ...
const GAP = 4;      // there is a line between cells
const GLYPH = 10;   // the glyph of its state is drawn
const STRIP = 12;   // its companion's grade is a strip at the foot
const NUMBER = 30;  // its number is written
const SECOND = 44;  // and its companion's under it

const BLACK = [0, 0, 0], WHITE = [255, 255, 255];

function frame(x, y, size, width) {
	return x < width || y < width || x >= size - width || y >= size - width;
}

// The colour of a pixel of a cell, x and y from its corner.
function shade(cell, colours, x, y, size) {
	const {back, faint, line, front} = colours;
	const fill = cell.value === null ? back : colours.grade(cell.grade);

	switch (cell.state) {
	case 'ok':
		return cell.value === null && frame(x, y, size, 1) ? line : fill;
	case 'clock':
		return frame(x, y, size, size < STRIP ? 1 : 2) &&
		    (x + y) % 4 < 2 ? front : fill;
	case 'stale':
		return (x + y) % 4 === 0 ? faint : mix(fill, back, 0.35);
	case 'no-data':
		return x % 5 === 2 && y % 5 === 2 ? faint : back;
	case 'unreachable':
		if (size < GLYPH)
			return (x + y) % 2 ? BLACK : WHITE;
		return frame(x, y, size, 1) ? WHITE : BLACK;
	case 'self':
		return x === y || x === y + 1 ? faint : back;
	case 'disabled':
	case 'maint':
		return frame(x, y, size, 1) ? faint : back;
	default: // untested
		return back;
	}
}

// A strip where the companion is worse than excellent: a fine delay with loss
// must not look fine.
function strip(cell, size) {
	return size >= STRIP && cell.state === 'ok' && cell.second > 0 ?
	    Math.max(3, Math.round(size / 9)) : 0;
}

function drawTile(cell, colours, size) {
	const gap = size >= NUMBER ? 2 : size >= GAP ? 1 : 0;
	const inner = size - gap;
	const foot = strip(cell, size);
	const bytes = new Uint8ClampedArray(size * size * 4);

	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++) {
			let colour = colours.back;
			if (x < inner && y < inner)
				colour = y >= inner - foot ?
				    colours.grade(cell.second) :
				    y === inner - foot - 1 && foot ?
				    colours.back :
				    shade(cell, colours, x, y, inner);
			bytes.set([...colour, 255], (y * size + x) * 4);
		}
	return new Uint32Array(bytes.buffer);
}

function copy(pixels, width, tile, left, top, size) {
	for (let y = 0; y < size; y++)
		pixels.set(tile.subarray(y * size, (y + 1) * size),
		    (top + y) * width + left);
}

function paintCells(context, cells, columns, size, colours) {
	const {width, height} = context.canvas;
	const image = context.createImageData(width, height);
	const pixels = new Uint32Array(image.data.buffer);
	const tiles = new Map();

	cells.forEach((cell, i) => {
		const key = `${cell.state} ${cell.value === null} ` +
		    `${cell.grade} ${cell.second}`;
		let tile = tiles.get(key);
		if (!tile)
			tiles.set(key, tile = drawTile(cell, colours, size));
		copy(pixels, width, tile, (i % columns) * size,
		    Math.floor(i / columns) * size, size);
	});
	context.putImageData(image, 0, 0);
}

// Text in the middle of a line, made smaller when it is too wide; with a line
// width it has a rim, so that it can be read on a hatch.
function put(context, words, x, y, height, room) {
	context.font = `${height}px system-ui, sans-serif`;
	const width = context.measureText(words).width;
	if (width > room)
		context.font = `${height * room / width}px system-ui, sans-serif`;
	if (context.lineWidth > 1)
		context.strokeText(words, x, y);
	context.fillText(words, x, y);
}

// None was lost, but of too few to prove the grade: a hollow dot.
function dot(context, colours, left, top, size) {
	const radius = Math.max(1.5, Math.min(3.5, size / 12));
	context.strokeStyle = css(colours.faint);
	context.lineWidth = 1;
	context.beginPath();
	context.arc(left + size - radius - 5, top + radius + 3, radius, 0,
	    2 * Math.PI);
	context.stroke();
}

// What a cell says: lines, and their colour.
function words(cell, colours, size, write) {
	const glyph = colours.states.get(cell.state)?.glyph ?? '';
	const known = size >= NUMBER && cell.value !== null;

	switch (cell.state) {
	case 'ok':
		if (!known)
			return [[cell.value === null ? '–' : ''], colours.faint];
		return [size >= SECOND ? write(cell) : write(cell).slice(0, 1),
		    colours.on(colours.grade(cell.grade))];
	case 'stale':
	case 'clock':
		return [known ? [`${glyph} ${write(cell)[0]}`] : [glyph],
		    cell.state === 'clock' && cell.value !== null ?
		    colours.on(colours.grade(cell.grade)) : colours.front];
	case 'unreachable':
		return [[glyph], WHITE];
	case 'self': // its diagonal is the glyph
		return [[], colours.faint];
	default:
		return [[glyph], colours.faint];
	}
}

function writeCell(context, cell, colours, left, top, size, write) {
	const [lines, colour] = words(cell, colours, size, write);
	const glyph = cell.state !== 'ok' && lines[0]?.length === 1;
	const height = glyph ? Math.min(22, size * 0.62) :
	    Math.max(11, Math.min(17, size * 0.2));
	const x = left + size / 2 - 1, y = top + size / 2;

	if (cell.unproven && cell.state === 'ok')
		dot(context, colours, left, top, size);
	context.fillStyle = css(colour);
	context.strokeStyle = css(colours.back);
	context.lineWidth = cell.state === 'stale' ? 4 : 1;
	if (lines[0])
		put(context, lines[0], x, lines[1] ? y - height * 0.5 : y,
		    height, size - 8);
	if (lines[1])
		put(context, lines[1], x, y + height * 0.75, height * 0.78,
		    size - 8);
}

// cells: row-major {value, grade, state, second: the companion's grade,
// unproven: a zero of few}; size in canvas pixels. write(cell) gives the number of a cell and, under it, its
// companion's.
export function paint(canvas, cells, columns, size, colours, write) {
	const context = canvas.getContext('2d');

	canvas.width = columns * size;
	canvas.height = cells.length / columns * size;
	paintCells(context, cells, columns, size, colours);
	if (size < GLYPH)
		return;
	context.lineJoin = 'round';
	context.textAlign = 'center';
	context.textBaseline = 'middle';
	cells.forEach((cell, i) => writeCell(context, cell, colours,
	    (i % columns) * size, Math.floor(i / columns) * size, size, write));
}
