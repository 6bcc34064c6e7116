// What a pair's delay usually is at this hour, beside its last value.
import {get, url} from './api.js';
import {css} from './colours.js';
import {find, make} from './dom.js';
import {percent, quantity, text} from './text.js';

const KEPT = 60000; // ms
const SOON = 1500;  // ms until more of it is asked for

export class Usual {
	constructor(test, src, dst) {
		Object.assign(this, {test, src, dst, answer: null,
		    asked: -Infinity});
	}

	// here: the test as the fleet has it; metric: of a delay
	async ask(here, metric, done) {
		const now = performance.now();
		if (now - this.asked < KEPT)
			return;
		this.asked = now;
		const tile = [here.sources.indexOf(this.src),
		    here.destinations.indexOf(this.dst), 1];
		try {
			this.answer = await get(`/api/v1/matrix${url(this.test)}?` +
			    new URLSearchParams({metric, ref: 'base', tile,
				planes: 'value,grade'}));
			if (!this.answer.baseline?.complete)
				setTimeout(() => {
					this.asked = -Infinity;
					this.ask(here, metric, done);
				}, SOON);
			done();
		} catch {
			// the page says elsewhere that the collector is away
		}
	}

	// One more of what it is like now; nothing where nothing is known.
	draw(colours) {
		const {answer} = this;
		const old = find('now').querySelector('.usual');
		old?.remove();
		if ((answer?.base?.[0] ?? null) === null)
			return;
		const item = make('li', null, '', 'usual');
		make('span', item, text('baseline'));
		item.append(' ');
		make('b', item, quantity(answer.base[0], answer.unit));
		if (answer.change[0] !== null)
			make('span', item, ` ${percent(answer.change[0])}`);
		if (answer.step[0] !== null)
			item.style.borderColor = css(colours.steps[answer.step[0]]);
		find('now').insertBefore(item, find('now').children[1] ?? null);
	}
}
