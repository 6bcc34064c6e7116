// What a matrix page asks the collector, by the words of its address.
import {get, url} from './api.js';
import {hasBaseline} from './pickers.js';
import {companions} from './plane.js';

const SMALL = 40000; // cells of a matrix that is asked for at once, with companions

const isLarge = (test) =>
    test.sources.length * test.destinations.length > SMALL;

export class Question {
	// query: of the address; fleet(): a Fleet, or null before there is one
	constructor(test, query, fleet) {
		Object.assign(this, {test, query, fleet});
	}

	get here() {
		return this.fleet()?.test(this.test);
	}

	// When it is that is shown, in seconds; null: now.
	at() {
		const at = this.query.get('at');
		const time = at && (/^\d+(\.\d+)?$/.test(at) ? Number(at) :
		    Date.parse(at) / 1000);
		return Number.isFinite(time) && time > 0 ? time : null;
	}

	// The test of the other address family, when it is shown, too.
	twin() {
		return this.query.get('split') === 'af' ?
		    this.fleet()?.twin(this.test)?.test ?? null : null;
	}

	// Companions of a very large matrix would cost more than they tell.
	words() {
		const {here, query} = this;
		const asked = new URLSearchParams();

		for (const name of ['metric', 'stat', 'window', 'ref'])
			if (query.has(name))
				asked.set(name, query.get(name));
		if (here && !isLarge(here))
			asked.set('also', companions(this.fleet().metrics(
			    here.probe), query.get('metric')).join(','));
		return asked;
	}

	// The matrix of a test, with these words more in the question.
	ask(name, more) {
		const asked = this.words();
		for (const [word, value] of Object.entries(more))
			asked.set(word, value);
		return get(`/api/v1/matrix${url(name)}?${asked}`);
	}

	// Of a large one what is painted comes first: grades, or values where
	// there are none.
	planesFirst() {
		const {here, query} = this;
		const name = query.get('metric');

		if (!here || !isLarge(here) || this.at() !== null)
			return {};
		const isGraded = this.fleet().metrics(here.probe).some((m) =>
		    m.edges && (!name || m.name === name));
		return {planes: isGraded ? 'grade,state' :
		    'value,grade,state,age,count'};
	}

	// Both of them: [the matrix, that of the twin or null].
	whole() {
		const at = this.at() === null ? {} : {at: this.at()};
		const twin = this.twin();
		return Promise.all([
		    this.ask(this.test, {...this.planesFirst(), ...at}),
		    twin && this.ask(twin, at)]);
	}

	// What a cell's median usually is, where the matrix does not show that
	// anyway; null: nobody knows.
	usual(plane, i) {
		return plane.isBased || plane.answer.stat !== 'p50' ||
		    !hasBaseline(plane.main) ? null : {ref: 'base',
			metric: plane.main.name, planes: 'value,grade',
			tile: [Math.floor(i / plane.columns), i % plane.columns, 1]};
	}

	// The stream that tells of it.
	stream(last) {
		const asked = this.words();
		const twin = this.twin();
		if (twin)
			asked.set('tests', `${this.test},${twin}`);
		else
			asked.set('test', this.test);
		if (last && !twin)
			asked.set('last', last);
		return `/api/v1/live?${asked}`;
	}
}
