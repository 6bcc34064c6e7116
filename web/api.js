// The collector's API.
const PATIENCE = 10000; // ms until a silent connection counts as lost

// An answer that the browser had is as good as one of now: `told` is when the
// collector said so, `generated` when it was made.
function mark(body, reply) {
	const date = Date.parse(reply.headers.get('Date')) / 1000 || 0;
	body.told = Math.max(body.generated ?? 0, date);
	return body;
}

async function ask(path) {
	const patience = new AbortController();
	const timer = setTimeout(() => patience.abort(), PATIENCE);

	try {
		const reply = await fetch(path,
		    {cache: 'no-cache', signal: patience.signal});
		clearTimeout(timer);
		return [reply, mark(await reply.json(), reply)];
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
