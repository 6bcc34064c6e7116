// The collector's API, asked again and again.
import {find} from './dom.js';
import {say} from './live.js';
import {clock, text} from './text.js';

const PATIENCE = 10000; // ms until a silent connection counts as lost
const RETRY = 2;        // s between attempts while it is

async function ask(path) {
	const patience = new AbortController();
	const timer = setTimeout(() => patience.abort(), PATIENCE);

	try {
		const reply = await fetch(path,
		    {cache: 'no-cache', signal: patience.signal});
		clearTimeout(timer);
		return [reply, await reply.json()];
	} catch (cause) {
		throw Object.assign(new Error(cause.message), {lost: true});
	}
}

// What the collector says. An error has a status when the collector refuses,
// is lost when it does not answer. However long an answer is, it must begin
// soon.
export async function get(path) {
	const [reply, body] = await ask(path);
	if (!reply.ok)
		throw Object.assign(new Error(body.detail ?? body.title),
		    {status: reply.status});
	return body;
}

export function url(...segments) {
	return segments.map((s) => `/${encodeURIComponent(s)}`).join('');
}

function showFresh(generated) {
	const updated = find('updated');
	updated.classList.toggle('lost', generated === null);
	if (generated === null)
		return;
	updated.textContent = text('updated', clock(generated));
	updated.dateTime = new Date(generated * 1000).toISOString();
}

// Calls load() now and every `seconds()`, showing how fresh the page is; a
// connection that is lost is said, and found again without a reload. load()
// gives an answer of the API, and draws it if current() still holds: a choice
// may have changed meanwhile. What this returns starts a round at once.
export function keepLoading(load, seconds) {
	let timer = 0, round = 0, shown = null;

	async function go() {
		const mine = ++round;
		let pause;
		clearTimeout(timer);
		try {
			const answer = await load(() => mine === round);
			if (mine !== round)
				return;
			shown = answer.generated;
			pause = seconds();
			say(null);
			showFresh(shown);
		} catch (error) {
			if (mine !== round)
				return;
			pause = RETRY;
			showFresh(null);
			explain(error, shown);
		}
		timer = setTimeout(go, pause * 1000);
	}
	go();
	return go;
}

function explain(error, shown) {
	if (!error.lost)
		say(text('wrong', error.message));
	else
		say(shown === null ? text('absent') : text('lost', clock(shown)));
	if (!error.lost && !error.status)
		console.error(error); // ours
}
