// The collector's API, asked again and again.
import {clock, text} from './text.js';

export async function get(path) {
	const reply = await fetch(path, {cache: 'no-cache'});
	const body = await reply.json();
	if (!reply.ok) {
		const error = new Error(body.detail ?? body.title);
		error.status = reply.status;
		throw error;
	}
	return body;
}

export function url(...segments) {
	return segments.map((s) => `/${encodeURIComponent(s)}`).join('');
}

export function say(message) {
	const trouble = document.getElementById('trouble');
	trouble.textContent = message ?? '';
	trouble.hidden = !message;
}

// Calls load() now and every `seconds`, showing how fresh the page is; a
// connection that is lost is said, and found again without a reload. What it
// returns starts a round at once, for when a choice has changed.
export function keepLoading(load, seconds) {
	let timer = 0, round = 0, shown = null;

	async function go() {
		const mine = ++round;
		clearTimeout(timer);
		try {
			const answer = await load(() => mine === round);
			if (mine !== round)
				return;
			shown = answer.generated;
			say(null);
			document.getElementById('updated').textContent =
			    text('updated', clock(shown));
		} catch (error) {
			if (mine !== round)
				return;
			if (error.status || shown === null)
				say(text('wrong', error.message));
			else
				say(text('lost', clock(shown)));
		}
		timer = setTimeout(go, seconds() * 1000);
	}
	go();
	return go;
}
