// The numbers of a matrix too large to be asked for at once: its grades and
// states are here first, then values come in squares, where somebody looks.
const SIDE = 64;   // cells
const AT_ONCE = 3; // squares that are on their way

export class Tiles {
	// plane: that lacks them; ask(query): the matrix with these words more;
	// arrived(cells): they are there
	constructor(plane, ask, arrived) {
		Object.assign(this, {plane, ask, arrived, asked: new Set(),
		    waiting: [], under: 0, all: null});
	}

	// Cell i is looked at.
	want(i) {
		const row = Math.floor(i / this.plane.columns / SIDE) * SIDE;
		const column = Math.floor(i % this.plane.columns / SIDE) * SIDE;
		const tile = `${row},${column},${SIDE}`;

		if (this.all || this.asked.has(tile))
			return;
		this.asked.add(tile);
		this.waiting.push(tile);
		this.next();
	}

	// The last that was wanted comes first: it is looked at now.
	async next() {
		if (this.under >= AT_ONCE || !this.waiting.length)
			return;
		const tile = this.waiting.pop();
		this.under++;
		try {
			this.arrived(this.plane.take(
			    await this.ask({tile, also: 'graded'})));
		} catch {
			this.asked.delete(tile); // the page says elsewhere why
		}
		this.under--;
		this.next();
	}

	// All numbers, for a table.
	whole() {
		this.all ??= this.ask({planes: 'value,grade,state,age,count'})
		    .then((answer) => this.plane.take({...answer, tile: {row: 0,
			column: 0, rows: this.plane.rows,
			columns: this.plane.columns}}))
		    .catch((error) => {
			this.all = null;
			throw error;
		    });
		return this.all;
	}
}
