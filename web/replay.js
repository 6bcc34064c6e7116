// Walks through the last day of a matrix: a slider, and keys to play it.
import {find} from './dom.js';
import {instant, text} from './text.js';

const SPAN = 86400; // s
const PLAYED = 300; // steps of a whole day
const PACE = 400;   // ms between pictures
const still = window.matchMedia('(prefers-reduced-motion: reduce)');

export class Replay {
	// time(): the collector's; go(at): show this moment, null: now; gives when
	// it is shown
	constructor({time, go}) {
		Object.assign(this, {time, go, at: null, step: 60, playing: false});
		find('replay-slider').addEventListener('input', (event) =>
		    this.toShare(Number(event.target.value)));
		find('replay-back').addEventListener('click', () => this.walk(-1));
		find('replay-on').addEventListener('click', () => this.walk(1));
		find('replay-play').addEventListener('click', () => this.toggle());
		find('replay-now').addEventListener('click', () => this.to(null));
		for (const name of ['back', 'play', 'on'])
			find(`replay-${name}`).setAttribute('aria-label',
			    text(`replay-${name}`));
		find('replay-slider').setAttribute('aria-label', text('replay'));
		find('replay-slider').max = SPAN;
	}

	// at: what is shown, null: now; step: of the test's bins, s
	show(at, step) {
		Object.assign(this, {at, step});
		const slider = find('replay-slider');
		const time = this.time();
		slider.step = 1;
		slider.value = at === null ? SPAN : SPAN - (time - at);
		const words = at === null ? text('now') : instant(at);
		find('replay-time').textContent = words;
		slider.setAttribute('aria-valuetext', words);
		find('replay-now').hidden = at === null;
		find('replay-on').disabled = at === null;
	}

	toShare(value) {
		this.to(value >= SPAN ? null : this.time() - SPAN + value);
	}

	// Whole steps, for a bin is known when it is over.
	async to(at) {
		const last = this.time() - 2 * this.step;
		const moment = at === null || at > last ? null :
		    Math.floor(at / this.step) * this.step;

		if (moment === null)
			this.stop();
		this.show(moment, this.step);
		await this.go(moment);
	}

	// By so many steps of the test, as far back as the history is seen.
	walk(by, wide = this.step) {
		const from = this.at ?? this.time() - this.step;
		return this.to(Math.max(this.time() - SPAN, from + by * wide));
	}

	stop() {
		this.playing = false;
		find('replay-play').textContent = '▶';
		find('replay-play').setAttribute('aria-pressed', 'false');
	}

	// From here, or from a day ago, to now. Where no motion is wished for it
	// goes one step at a time.
	async toggle() {
		if (this.playing) {
			this.stop();
			return;
		}
		const wide = Math.max(this.step, Math.ceil(SPAN / PLAYED /
		    this.step) * this.step);
		if (still.matches) {
			await this.walk(this.at === null ? -1 : 1, wide);
			return;
		}
		this.playing = true;
		find('replay-play').textContent = '■';
		find('replay-play').setAttribute('aria-pressed', 'true');
		if (this.at === null)
			await this.to(this.time() - SPAN);
		while (this.playing) {
			const pause = new Promise((done) => setTimeout(done, PACE));
			await this.walk(1, wide);
			await pause;
		}
	}
}
