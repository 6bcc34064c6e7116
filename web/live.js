// A view that lives: what it shows is asked for once, then told as it changes. A
// connection that is lost is said, and found again without a reload.
import {find} from './dom.js';
import {clock, text} from './text.js';

const RETRY = 2000;   // ms until the next attempt
const SILENCE = 18000; // ms without a word (there is a tick every 15 s)
const GROWS = 1000;   // ms between looks at how old things are
const RESETS = 10000; // ms between answers that are asked for anew

const now = () => performance.now();

// Says what is wrong, or with null that nothing is.
export function say(message) {
	find('trouble').textContent = message ?? '';
	find('trouble').hidden = !message;
}

export class Live {
	// address(last): of the stream, null: there is nothing to watch yet;
	// load(): asks for the whole and shows it, gives when it was made;
	// apply(data): shows what changed; grow(now, lost): time has passed, in
	// the collector's seconds; tick(), if there is one: now and then.
	constructor(view) {
		Object.assign(this, {view, source: null, last: null, queue: null,
		    heard: now(), loaded: -Infinity, shown: null,
		    opened: null, retry: 0, again: 0, round: 0,
		    lost: false, late: false, frozen: false});
		setInterval(() => this.watch(), GROWS);
		document.addEventListener('visibilitychange', () =>
		    document.hidden ? this.close() : this.frozen || this.open());
	}

	// Begins anew, with another view.
	start() {
		this.frozen = false;
		this.last = null;
		this.round++;
		this.open();
	}

	// Shows what is asked for, and nothing after it.
	async freeze() {
		this.frozen = true;
		this.close();
		this.last = null;
		await this.load();
	}

	close() {
		clearTimeout(this.retry);
		this.source?.close();
		this.source = null;
		this.opened = null;
	}

	async open() {
		const mine = {};
		this.close();
		this.opened = mine;
		this.heard = now();
		try {
			const address = await this.view.address(this.last);
			if (this.opened !== mine)
				return;
			if (address)
				this.listen(new EventSource(address));
			else
				this.wait();
		} catch (error) {
			if (this.opened === mine)
				this.explain(error);
		}
	}

	// Until there is something to watch.
	async wait() {
		await this.load();
		clearTimeout(this.retry);
		this.retry = setTimeout(() => this.open(), RETRY);
	}

	listen(source) {
		this.source = source;
		const on = (name, handle) =>
		    source.addEventListener(name, (event) => {
			if (this.source !== source)
				return;
			this.heard = now();
			this.last = event.lastEventId || this.last;
			handle(JSON.parse(event.data));
		    });
		on('hello', (data) => data.resumed && this.isWhole() ?
		    this.refresh(data.generated) : this.load());
		on('cells', (data) => this.take(data));
		on('summary', (data) => this.take(data));
		on('reset', () => this.reset());
		on('tick', (data) => {
			if (this.queue)
				return; // it has not the whole yet
			this.refresh(data.generated);
			if (this.shown !== null)
				this.view.tick?.();
		});
		source.onerror = () => this.source === source && this.fail(source);
	}

	// Does it show all that there was until it was last told something? Not
	// while the whole is on its way, nor when that could not be had.
	isWhole() {
		return this.shown !== null && !this.late && !this.queue;
	}

	// The browser tries again by itself, unless it was refused.
	fail(source) {
		if (source.readyState !== EventSource.CLOSED) {
			this.lose();
			return;
		}
		this.source = null;
		this.retry = setTimeout(() => this.open(), RETRY);
		this.load(); // says why
	}

	lose() {
		this.lost = true;
		find('updated').classList.add('lost');
		say(this.shown === null ? text('absent') :
		    text('lost', clock(this.shown)));
	}

	// What comes while the whole is on its way is newer, or in it.
	async load() {
		const mine = ++this.round;
		this.queue ??= [];
		try {
			const generated = await this.view.load(
			    () => mine === this.round);
			if (mine !== this.round)
				return;
			const queue = this.queue;
			this.queue = null;
			this.late = false;
			this.loaded = now();
			this.refresh(generated);
			for (const data of queue)
				if (data.generated > generated)
					this.take(data);
		} catch (error) {
			if (mine !== this.round)
				return;
			this.queue = []; // what comes next will be newer
			this.explain(error);
		}
	}

	explain(error) {
		if (error.lost) {
			this.lose();
		} else {
			find('updated').classList.add('lost');
			say(text('wrong', error.message));
			if (!error.status)
				console.error(error); // ours
		}
		clearTimeout(this.retry);
		this.retry = setTimeout(() => this.frozen ? this.load() :
		    this.open(), RETRY);
	}

	reset() {
		clearTimeout(this.again);
		this.again = setTimeout(() => this.load(),
		    Math.max(0, this.loaded + RESETS - now()));
	}

	take(data) {
		if (this.queue) {
			this.queue.push(data);
			return;
		}
		this.view.apply(data);
		this.refresh(data.generated);
	}

	refresh(generated) {
		this.lost = false;
		this.heard = now();
		this.shown = Math.max(generated, this.shown ?? 0);
		find('updated').textContent = text('updated', clock(this.shown));
		find('updated').dateTime =
		    new Date(this.shown * 1000).toISOString();
		find('updated').classList.remove('lost');
		say(null);
	}

	// The collector's time, as far as it is known here.
	time() {
		return (this.shown ?? 0) + (now() - this.heard) / 1000;
	}

	watch() {
		if (document.hidden)
			return;
		if (this.source && now() - this.heard > SILENCE) {
			this.lose();
			this.open();
		}
		if (this.shown !== null && this.view.grow(this.time(), this.lost))
			this.late = true;
	}
}
