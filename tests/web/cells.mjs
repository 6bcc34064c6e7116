// Reads the cells of the matrix that a page has painted.
import {see} from './browser.mjs';

// In the page: its pixels and the colours of the theme.
export function readCanvas() {
	const canvas = document.getElementById('cells');
	const style = getComputedStyle(document.documentElement);
	const colour = (name) => style.getPropertyValue(name).trim();
	return {size: Number(canvas.dataset.cell), width: canvas.width,
	    pixels: window.pixelsOf(canvas), back: colour('--back'),
	    faint: colour('--faint')};
}

// Adds the cells, each its own pixels row by row.
export function cutCells(seen) {
	const {size, width} = seen;
	const all = Buffer.from(seen.pixels, 'base64');
	const height = all.length / 4 / width;
	seen.cells = [];
	for (let top = 0; top < height; top += size)
		for (let left = 0; left < width; left += size) {
			const rows = [];
			for (let y = top; y < top + size; y++)
				rows.push(all.subarray((y * width + left) * 4,
				    (y * width + left + size) * 4));
			seen.cells.push(Buffer.concat(rows));
		}
	return seen;
}

export async function seeCells(page) {
	const [answer, seen] = await see(page, readCanvas);
	return [answer, cutCells(seen)];
}

export function pixel(cell, size, x, y) {
	return [...cell.subarray((y * size + x) * 4, (y * size + x) * 4 + 3)];
}

export function share(cell, [r, g, b]) {
	let found = 0;
	for (let i = 0; i < cell.length; i += 4)
		found += cell[i] === r && cell[i + 1] === g && cell[i + 2] === b;
	return found / (cell.length / 4);
}

export function stateOf(answer, i) {
	return answer.states[answer.state[i]];
}

export function place(answer, src, dst) {
	return answer.src.indexOf(src) * answer.dst.length +
	    answer.dst.indexOf(dst);
}
