// The tests of the first page: a card each, with its matrix in small.
import {url} from './api.js';
import {find, link, make} from './dom.js';
import {drawSwatch, Painter} from './painter.js';
import {label, schedule, text} from './text.js';
import {carried} from './times.js';

const PICTURE = 148; // pixels of a matrix in small
const MOST = 29;     // of a cell in it

// How many cells are in which grade, worst first, then in which state.
function drawCounts(list, answer, colours) {
	const {scales} = colours;
	const add = (look, words, count) => {
		const li = make('li', list);
		drawSwatch(make('canvas', li), look, 13, colours);
		make('span', li, `${count} ${words}`);
	};

	list.replaceChildren();
	for (let i = scales.grades.length - 1; i >= 0; i--)
		if (answer.summary.grades[i])
			add({state: 'ok', grade: i}, label(scales.grades[i].label,
			    scales.grades[i].name), answer.summary.grades[i]);
	for (const state of scales.states) {
		const count = answer.summary.states[state.name];
		if (count && !['ok', 'self', 'untested'].includes(state.name))
			add({state: state.name}, label(state.label, state.name),
			    count);
	}
}

function drawPicture(frame, plane, colours) {
	const canvas = make('canvas', frame);
	const size = Math.floor(PICTURE / Math.max(plane.rows, plane.columns));
	const painter = new Painter(canvas, colours, plane.answer.states,
	    Math.max(1, Math.min(MOST, size)));

	painter.paint(plane.columns, plane.rows, (place) => place,
	    (i) => plane.look(i));
	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', text('picture', plane.answer.test,
	    plane.answer.metric, plane.pairs()));
	return painter;
}

// One card; plane: null when the matrix is too large, answer: of its summary.
class Card {
	constructor(test, plane, answer, colours) {
		const card = link(find('tests'),
		    `/matrix${url(test.test)}${carried}`);
		const frame = make('div', card, '', 'picture');
		const words = make('div', card);

		card.className = 'card';
		this.painter = plane && drawPicture(frame, plane, colours);
		if (!plane)
			make('span', frame, text('too-large'), 'empty');
		make('strong', words, test.test);
		make('p', words, text('about-test', answer ?
		    `${test.probe} ${answer.metric} ${answer.stat}` :
		    test.probe, `${test.sources.length} × ` +
		    test.destinations.length, schedule(test)));
		this.counts = make('ul', words, '', 'counts');
		this.count(answer, colours);
	}

	count(answer, colours) {
		if (answer)
			drawCounts(this.counts, answer, colours);
	}
}

export class Cards {
	constructor() {
		this.cards = new Map();
	}

	// planes and summaries: by the test's name
	draw(tests, planes, summaries, colours) {
		const focused = document.activeElement?.getAttribute('href');

		find('tests').replaceChildren();
		this.cards = new Map(tests.map((test) => [test.test,
		    new Card(test, planes.get(test.test),
			summaries.get(test.test), colours)]));
		if (!tests.length)
			make('p', find('tests'), text('nothing'), 'empty');
		for (const card of find('tests').children)
			if (focused && card.getAttribute('href') === focused)
				card.focus();
	}

	// Some cells of a test have changed, and how many there are of each kind.
	repaint(test, cells, answer, colours) {
		const card = this.cards.get(test);
		for (const i of card?.painter ? cells : [])
			card.painter.repaint(i);
		card?.count(answer, colours);
	}
}
