// A matrix on the page: labels, cells, and a cursor that mouse and keys move.
import {make} from './dom.js';
import {drawDivides, drawHeadings, HEADING} from './groups.js';
import {Painter} from './painter.js';

const MOST = 92, LEAST = 6; // pixels of a cell
const HUGE = 300;           // cells on an axis from which
const TINY = 3;             // they may be this small
const LEGIBLE = 10;         // pixels a label needs
const ROOM = 20;            // pixels around the matrix

// The places of labels that are at least `every` apart.
function chooseLabels(names, silent, every) {
	const shown = new Set();
	const isFree = (i) => {
		for (let k = i - every + 1; k < i + every; k++)
			if (shown.has(k))
				return false;
		return true;
	};
	const take = (wanted) => names.forEach((name, i) => {
		if (wanted(name) && isFree(i))
			shown.add(i);
	});

	take((name) => silent.has(name));
	take(() => true);
	return shown;
}

export class Grid {
	// point(i): the cursor is on cell i, or nowhere (-1); open(i);
	// pick(axis, word): an end or @group of "src" or "dst" is clicked
	constructor(root, point, open, pick) {
		this.columns = make('div', root, '', 'columns');
		this.rows = make('div', root, '', 'rows');
		this.field = make('div', root, '', 'field');
		this.canvas = make('canvas', this.field);
		this.cursor = make('div', this.field, '', 'cursor');
		this.cursor.hidden = true;
		this.canvas.tabIndex = 0;
		this.canvas.id = 'cells';
		this.canvas.setAttribute('role', 'application');
		Object.assign(this, {root, point, open, pick, at: -1, view: null,
		    byKey: false});
		this.listen();
	}

	listen() {
		this.canvas.addEventListener('mousemove', (event) =>
		    this.move(this.placeAt(event), false));
		this.canvas.addEventListener('mouseleave', () =>
		    this.move(-1, false));
		this.canvas.addEventListener('blur', () => this.move(-1, true));
		this.canvas.addEventListener('click', (event) =>
		    this.choose(this.placeAt(event)));
		this.canvas.addEventListener('keydown', (event) =>
		    this.onKey(event));
		for (const [axis, labels] of [['src', this.rows],
		    ['dst', this.columns]])
			labels.addEventListener('click', ({target}) =>
			    target.dataset.pick &&
			    this.pick(axis, target.dataset.pick));
	}

	// The size of a cell, so that the whole matrix fits the window if it can;
	// beside: so many pixels are taken.
	fit(beside) {
		const {rows, columns} = this.view;
		const box = this.field.getBoundingClientRect();
		const width = document.documentElement.clientWidth - beside -
		    box.left - ROOM;
		const height = window.innerHeight - ROOM -
		    (box.top + window.scrollY);
		const least = Math.max(rows.length, columns.length) > HUGE ?
		    TINY : LEAST;
		const fits = Math.min(width / columns.length,
		    height / rows.length);

		return Math.max(least, Math.min(MOST, Math.floor(fits)));
	}

	// The legend is beside the matrix if there is room, else above it.
	sizeFor(wanted) {
		const {parentElement: frame} = this.root;
		const legend = frame.querySelector('#legend');
		const left = () => this.field.getBoundingClientRect().left;
		const columns = this.view.columns.length;

		frame.classList.remove('stacked');
		const beside = getComputedStyle(frame).display === 'flex' ?
		    legend.offsetWidth + this.lean : 0;
		const size = wanted || this.fit(beside);
		if (!beside || left() + columns * size + beside <
		    window.innerWidth)
			return size;
		frame.classList.add('stacked');
		return wanted || this.fit(0);
	}

	// view: what is shown where; size: of a cell, or 0: as it fits;
	// label(name): what people read; write(i): the lines of a cell
	draw(view, colours, {size, label, write}) {
		const ratio = window.devicePixelRatio || 1;
		const {plane} = view;
		const cell = this.at < 0 ? -1 : this.cell;

		Object.assign(this, {view, label});
		this.silent = new Set(plane.answer.silent);
		this.rowGroups = view.groups(view.rows, plane.answer.src);
		this.columnGroups = view.groups(view.columns, plane.answer.dst);
		this.drawRows(MOST);
		this.drawColumns(MOST);
		const pixels = Math.max(1, Math.round(this.sizeFor(size) *
		    ratio));
		this.size = pixels / ratio;
		this.canvas.dataset.cell = pixels;
		this.painter = new Painter(this.canvas, colours.of(plane),
		    plane.answer.states, pixels, write, (i) =>
		    plane.isUnproven(i));
		this.painter.paint(view.columns.length, view.rows.length,
		    (place) => view.at(place), (i) =>
		    view.isShown(i) ? view.look(i, pixels) : -1);
		this.canvas.style.width = `${this.canvas.width / ratio}px`;
		this.canvas.style.height = `${this.canvas.height / ratio}px`;
		this.columns.style.width = this.canvas.style.width;
		this.drawRows(this.size);
		this.drawColumns(this.size);
		drawDivides(this.field, view, this.rowGroups, this.columnGroups,
		    this.size);
		this.move(cell < 0 ? -1 : view.placeOf(cell), this.byKey);
	}

	// Cells have changed, not their places.
	repaint(cells) {
		const {twins} = this.view;
		for (const i of cells)
			for (const cell of twins?.kind === 'fold' ?
			    [i, twins.at(i)] : [i]) {
				const place = cell < 0 ? -1 :
				    this.view.placeOf(cell);
				if (place >= 0)
					this.painter.repaint(place);
			}
		this.silent = new Set(this.view.plane.answer.silent);
		for (const span of this.root.querySelectorAll('[data-at]'))
			span.classList.toggle('silent',
			    this.silent.has(span.title));
		this.point(this.cell, this.byKey);
	}

	// Labels of an axis; where they are too dense only some, silent boxes
	// first.
	drawLabels(parent, names, size, place) {
		const shown = chooseLabels(names, this.silent,
		    Math.ceil(LEGIBLE / size));

		parent.replaceChildren();
		names.forEach((name, i) => {
			if (!shown.has(i))
				return;
			const span = make('span', parent, this.label(name));
			span.dataset.at = i;
			span.dataset.pick = name;
			span.title = name;
			span.style.fontSize =
			    `${Math.max(LEGIBLE - 1, Math.min(14, size - 1))}px`;
			span.classList.toggle('silent', this.silent.has(name));
			place(span, i);
		});
	}

	drawRows(size) {
		const {rows, plane} = this.view;
		this.drawLabels(this.rows, rows.map((i) => plane.answer.src[i]),
		    size, (span, i) => {
			const high = Math.max(size, LEGIBLE);
			span.style.top = `${i * size - (high - size) / 2}px`;
			span.style.height = `${high}px`;
			span.style.lineHeight = `${high}px`;
		});
		const widths = [...this.rows.children].map((s) => s.offsetWidth);
		this.rows.style.width = `${Math.max(40, ...widths) +
		    (this.rowGroups.length && HEADING)}px`;
		drawHeadings(this.rows, this.rowGroups, size, true);
	}

	// Flat where they fit, else steep.
	drawColumns(size) {
		const {columns, plane} = this.view;
		this.drawLabels(this.columns,
		    columns.map((i) => plane.answer.dst[i]), size, (span, i) => {
			span.style.left = `${(i + 0.5) * size}px`;
		});
		const widths = [...this.columns.children].map(
		    (s) => s.offsetWidth);
		const widest = Math.max(0, ...widths);
		const flat = widest <= size - 4;
		// the last of them leans out over what is beside the matrix
		this.lean = flat ? 0 : widest / 2;
		this.root.style.marginRight =
		    `${Math.max(0, this.lean - size / 2)}px`;
		this.columns.classList.toggle('flat', flat);
		this.columns.style.height = `${(flat ? 24 :
		    Math.ceil(widest * 0.87 + 16)) +
		    (this.columnGroups.length && HEADING)}px`;
		drawHeadings(this.columns, this.columnGroups, size, false);
	}

	placeAt(event) {
		const box = this.canvas.getBoundingClientRect();
		const column = Math.floor((event.clientX - box.left) / this.size);
		const row = Math.floor((event.clientY - box.top) / this.size);

		if (!this.view || column < 0 || row < 0 ||
		    column >= this.view.columns.length ||
		    row >= this.view.rows.length)
			return -1;
		return row * this.view.columns.length + column;
	}

	// The cell under the cursor; -1: none.
	get cell() {
		return this.at < 0 ? -1 : this.view.at(this.at);
	}

	// Puts the cursor on a place, and lights the labels of its row and column.
	move(to, byKey) {
		if (to === this.at && to < 0)
			return;
		const width = this.view?.columns.length || 1;
		this.at = to;
		this.byKey = byKey;
		this.cursor.hidden = to < 0;
		if (to >= 0) {
			this.cursor.style.left = `${to % width * this.size}px`;
			this.cursor.style.top =
			    `${Math.floor(to / width) * this.size}px`;
			this.cursor.style.width = `${this.size}px`;
			this.cursor.style.height = `${this.size}px`;
		}
		this.light(this.rows, to < 0 ? -1 : Math.floor(to / width));
		this.light(this.columns, to < 0 ? -1 : to % width);
		this.point(this.cell, byKey);
	}

	// As if the cursor had been brought to this cell by keys.
	moveTo(i) {
		const place = i < 0 ? -1 : this.view.placeOf(i);
		if (place < 0)
			return;
		this.canvas.focus({preventScroll: true});
		this.move(place, true);
		this.cursor.scrollIntoView({block: 'nearest', inline: 'nearest'});
	}

	light(parent, at) {
		parent.querySelector('.lit')?.classList.remove('lit');
		parent.querySelector(`[data-at="${at}"]`)?.classList.add('lit');
	}

	// Where the cursor is in the window.
	box() {
		return this.cursor.getBoundingClientRect();
	}

	choose(place) {
		if (place >= 0)
			this.open(this.view.at(place));
	}

	// Arrows walk the cells, Home and End go along a row, with Control to the
	// corners; Enter opens, Escape takes the cursor away.
	onKey(event) {
		if (!this.view?.size)
			return;
		const columns = this.view.columns.length;
		const last = this.view.size - 1;
		const at = Math.max(0, this.at);
		const row = at - at % columns;
		const moves = {
			ArrowLeft: at - 1, ArrowRight: at + 1,
			ArrowUp: at - columns, ArrowDown: at + columns,
			Home: event.ctrlKey ? 0 : row,
			End: event.ctrlKey ? last : row + columns - 1,
		};

		if (event.key === 'Enter')
			this.choose(this.at);
		else if (event.key === 'Escape')
			this.move(-1, true);
		else if (event.key in moves) {
			const to = this.at < 0 ? 0 : moves[event.key];
			event.preventDefault();
			if (to >= 0 && to <= last)
				this.move(to, true);
			this.cursor.scrollIntoView({block: 'nearest',
			    inline: 'nearest'});
		}
	}
}
