// Cells of a matrix as pixels. Grades are flat; each state has a pattern of its
// own that no grade has, at every size and without colour. What cells look like
// is drawn once and copied, so that a million of them stay cheap.
import {css, mix} from './colours.js';
import {looksOf, pairOf} from './twins.js';

// From this many pixels of a cell ...
const GAP = 4;      // there is a line between cells
const GLYPH = 10;   // the glyph of its state is drawn
const STRIP = 12;   // its companion's grade is a strip at the foot
const NUMBER = 30;  // its number is written
const SECOND = 44;  // and its companion's under it
const CORNER = 26;  // a triangle has the glyph of its state,
const CORNERS = 56; // its number
const SMALL = 8;    // up to here pixels are copied one by one

const BLACK = [0, 0, 0], WHITE = [255, 255, 255];
const HIDDEN = -1;  // the look of a cell that is filtered out

// A look as Plane.look() packs it.
export function lookOf(key, states) {
	const rest = Math.floor(key / 2), more = Math.floor(rest / 7);
	return {known: key % 2 === 1, second: rest % 7 - 1,
	    grade: more % 8 - 1, state: states[Math.floor(more / 8)]};
}

function isFrame(x, y, size, width) {
	return x < width || y < width || x >= size - width || y >= size - width;
}

// Both diagonals, within a margin.
function isCross(x, y, size) {
	const margin = Math.round(size * 0.22);
	const thick = size < 18 ? 0 : 1;
	return x >= margin && y >= margin && x < size - margin &&
	    y < size - margin && (Math.abs(x - y) <= thick ||
	    Math.abs(x + y - size + 1) <= thick);
}

// Dots so far apart that they are sparse, and so near that there are some.
function isDot(x, y, size) {
	const every = size < 8 ? 3 : size < 16 ? 4 : 5;
	const first = size < 8 ? 1 : 2;
	return x % every === first && y % every === first;
}

// Two upright bars.
function isBars(x, y, size) {
	const wide = size < 16 ? 1 : 2;
	const left = Math.floor(size * 0.3), right = size - 1 - left;
	return y > 0 && y < size - 1 && ((x >= left && x < left + wide) ||
	    (x <= right && x > right - wide));
}

// The colour of a pixel of a cell, x and y from its corner.
function shade(look, colours, x, y, size) {
	const {back, faint} = colours;
	const fill = look.known ? colours.fill(look.grade) : back;

	switch (look.state) {
	case 'ok':
		if (look.known && look.grade < 0 && colours.isBased)
			return y % 3 ? back : colours.line; // nothing to compare
		return !look.known && y === Math.floor(size / 2) && x > 0 &&
		    x < size - 1 ? faint : fill;
	case 'clock':
		return isFrame(x, y, size, size < STRIP ? 1 : 2) &&
		    (x + y) % 4 < 2 ? colours.on(fill) : fill;
	case 'stale':
		return (x + y) % 4 === 0 ? faint : mix(fill, back, 0.35);
	case 'no-data':
		return isDot(x, y, size) ? faint : back;
	case 'unreachable':
		if (size < GLYPH - 1)
			return (x + y) % 2 ? BLACK : WHITE;
		return isFrame(x, y, size, 1) || (!look.isHalf &&
		    isCross(x, y, size)) ? WHITE : BLACK;
	case 'self':
		return x === y || x === y + 1 ? faint : back;
	case 'disabled':
		return isBars(x, y, size) ? faint : back;
	case 'maint':
		return isFrame(x, y, size, 1) ? faint : back;
	default: // untested
		return back;
	}
}

// A strip where the companion is worse than excellent: a fine delay with loss
// must not look fine.
function strip(look, size) {
	return size >= STRIP && look.state === 'ok' && look.second > 0 ?
	    Math.max(3, Math.round(size / 9)) : 0;
}

// The pixels of a tile; colourAt(x, y, inner) is not asked for the lines between.
function drawTile(colours, size, colourAt) {
	const inner = size - (size >= NUMBER ? 2 : size >= GAP ? 1 : 0);
	const bytes = new Uint8ClampedArray(size * size * 4);

	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++)
			bytes.set([...x < inner && y < inner ?
			    colourAt(x, y, inner) : colours.back, 255],
			(y * size + x) * 4);
	return bytes;
}

function drawWhole(look, colours, size) {
	const foot = strip(look, size);

	return drawTile(colours, size, (x, y, inner) => {
		if (!look.state || (foot && y === inner - foot - 1))
			return colours.back;
		return y >= inner - foot ? colours.grade(look.second) :
		    shade(look, colours, x, y, inner);
	});
}

// One look in the lower left, the other in the upper right.
function drawHalves(looks, colours, size) {
	const halves = looks.map((look) =>
	    ({...look, isHalf: size >= CORNER})); // its cross is written
	return drawTile(colours, size, (x, y, inner) => x === y ?
	    colours.back : shade(halves[y > x ? 0 : 1], colours, x, y, inner));
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

export class Painter {
	// size: of a cell in canvas pixels. write(i): the number of a cell and,
	// under it, its companion's; doubt(i): is it a zero of few?
	constructor(canvas, colours, states, size, write, doubt) {
		this.context = canvas.getContext('2d');
		this.tiles = [];
		Object.assign(this, {canvas, colours, states, size, write, doubt});
	}

	tile(key) {
		const {tiles, size, colours} = this;
		if (!tiles[key + 1]) {
			const looks = (looksOf(key) ?? [key]).map((one) =>
			    one === HIDDEN ? {} : lookOf(one, this.states));
			const bytes = looks.length === 1 ?
			    drawWhole(looks[0], colours, size) :
			    drawHalves(looks, colours, size);
			tiles[key + 1] = {looks, image: new ImageData(bytes, size),
			    pixels: new Uint32Array(bytes.buffer)};
		}
		return tiles[key + 1];
	}

	// All cells; cellAt(place) and keyAt(cell) say which and how they look.
	paint(columns, rows, cellAt, keyAt) {
		const {canvas, context, size} = this;
		canvas.width = columns * size;
		canvas.height = rows * size;
		Object.assign(this, {columns, cellAt, keyAt});
		if (!columns || !rows)
			return;
		const image = context.createImageData(canvas.width, canvas.height);
		const pixels = new Uint32Array(image.data.buffer);
		for (let row = 0; row < rows; row++)
			for (let column = 0; column < columns; column++)
				this.copy(pixels, this.tile(keyAt(
				    cellAt(row * columns + column))).pixels,
				    column * size, row * size);
		context.putImageData(image, 0, 0);
		if (size >= GLYPH)
			for (let place = 0; place < columns * rows; place++)
				this.inscribe(place);
	}

	copy(pixels, tile, left, top) {
		const {size, canvas: {width}} = this;
		for (let y = 0; y < size; y++) {
			const at = (top + y) * width + left;
			if (size > SMALL)
				pixels.set(tile.subarray(y * size, (y + 1) * size),
				    at);
			else
				for (let x = 0; x < size; x++)
					pixels[at + x] = tile[y * size + x];
		}
	}

	// One cell, and nothing beside it.
	repaint(place) {
		const {size, columns} = this;
		const {image} = this.tile(this.keyAt(this.cellAt(place)));
		this.context.putImageData(image, place % columns * size,
		    Math.floor(place / columns) * size);
		if (size >= GLYPH)
			this.inscribe(place);
	}

	inscribe(place) {
		const {context, colours, size, columns} = this;
		const cell = this.cellAt(place);
		const {looks} = this.tile(this.keyAt(cell));
		const left = place % columns * size;
		const top = Math.floor(place / columns) * size;
		if (looks.length > 1) {
			this.inscribeHalves(looks, cell, left, top);
			return;
		}
		const [look] = looks;
		const [lines, colour, height] = this.words(look, cell);
		const x = left + size / 2 - 1, y = top + size / 2;

		if (look.state === 'ok' && this.doubt?.(cell))
			this.dot(left, top);
		if (!lines[0])
			return;
		context.lineJoin = 'round';
		context.textAlign = 'center';
		context.textBaseline = 'middle';
		context.fillStyle = css(colour);
		context.strokeStyle = css(colours.back);
		context.lineWidth = look.state === 'stale' ? 4 : 1;
		put(context, lines[0], x, lines[1] ? y - height * 0.5 : y, height,
		    size - 8);
		if (lines[1])
			put(context, lines[1], x, y + height * 0.75,
			    height * 0.78, size - 8);
	}

	// A number or a glyph in each triangle, where it is widest.
	inscribeHalves(looks, cell, left, top) {
		const {context, colours, size} = this;
		const lines = size >= CORNERS && this.write ?
		    this.write(cell) : [];
		const height = lines.length ? Math.max(10, size * 0.16) :
		    size * 0.3;

		looks.forEach((look, k) => {
			const glyph = colours.states.get(look.state)?.glyph ?? '';
			const isMarked = ['stale', 'clock', 'maint', 'unreachable']
			    .includes(look.state) && size >= CORNER;
			const words = look.known && lines[k] ?
			    (isMarked ? `${glyph} ` : '') + lines[k] :
			    isMarked ? glyph : '';
			context.textAlign = 'center';
			context.textBaseline = 'middle';
			context.lineJoin = 'round';
			context.lineWidth = look.state === 'stale' ? 4 : 1;
			context.strokeStyle = css(colours.back);
			context.fillStyle = css(look.state === 'unreachable' ?
			    WHITE : look.state === 'stale' || !look.known ?
			    colours.front : colours.on(colours.fill(look.grade)));
			put(context, words, left + size * (k ? 0.63 : 0.35),
			    top + size * (k ? 0.25 : 0.75), height, size * 0.6);
		});
	}

	// None was lost, but of too few to prove the grade: a hollow dot.
	dot(left, top) {
		const {context, colours, size} = this;
		const radius = Math.max(1.5, Math.min(3.5, size / 12));
		context.strokeStyle = css(colours.faint);
		context.lineWidth = 1;
		context.beginPath();
		context.arc(left + size - radius - 5, top + radius + 3, radius, 0,
		    2 * Math.PI);
		context.stroke();
	}

	// What a cell says: lines, their colour and height. Patterns that need
	// no word have none.
	words(look, cell) {
		const {colours, size} = this;
		const glyph = colours.states.get(look.state)?.glyph ?? '';
		const written = size >= NUMBER && look.known && this.write;
		const number = Math.max(11, Math.min(17, size * 0.2));
		const fill = colours.fill(look.grade);

		switch (look.state) {
		case 'ok':
			return [written ? size >= SECOND ? this.write(cell) :
			    this.write(cell).slice(0, 1) : [], colours.on(fill),
			    number];
		case 'stale':
		case 'clock':
			return [written ? [`${glyph} ${this.write(cell)[0]}`] :
			    size >= STRIP ? [glyph] : [],
			    look.state === 'clock' && look.known ?
			    colours.on(fill) : colours.front,
			    written ? number : size * 0.5];
		case 'maint':
			return [[glyph], colours.faint, Math.min(22, size * 0.62)];
		default:
			return [[], colours.faint, number];
		}
	}
}

const BARE = 8 * 7 * 2; // of the second state
const swatchKey = (look) => ((look.grade ?? -1) + 1) * 14 +
    ((look.second ?? -1) + 1) * 2 +
    (look.known ?? look.grade !== undefined ? 1 : 0);

// A single cell that stands for all of its kind.
export function drawSwatch(canvas, look, size, colours) {
	const states = [look.state, 'untested'];
	const key = look.halves ? pairOf(...look.halves.map((grade) =>
	    grade === null ? BARE : swatchKey({grade}))) : swatchKey(look);

	new Painter(canvas, colours, states, size, null,
	    () => look.unproven).paint(1, 1, () => 0, () => key);
}
