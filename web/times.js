// Moments for people: in UTC or, with tz=local in the address, as the reader's own
// clock has them.
export const isLocal =
    new URLSearchParams(location.search).get('tz') === 'local';

// What an address of another page of ours takes along.
export const carried = isLocal ? '?tz=local' : '';

// Seconds that the clock is ahead of UTC at a moment.
export function ahead(seconds) {
	return isLocal ?
	    -60 * new Date(seconds * 1000).getTimezoneOffset() : 0;
}

// "2026-11-21T12:03:04" by that clock.
export function civil(seconds) {
	return new Date((seconds + ahead(seconds)) * 1000).toISOString()
	    .slice(0, 19);
}

// "Z", "+08:00"
export function zone(seconds) {
	if (!isLocal)
		return 'Z';
	const by = ahead(seconds);
	const time = new Date(Math.abs(by) * 1000).toISOString().slice(11, 16);
	return `${by < 0 ? '−' : '+'}${time}`;
}

// The time of day.
export function clock(seconds) {
	return civil(seconds).slice(11) + zone(seconds);
}

// "2026-11-21 12:03:04Z"
export function instant(seconds) {
	return civil(seconds).replace('T', ' ') + zone(seconds);
}

// As short as it is clear at `now`: "12:03", or of another day "11-21 12:03".
export function brief(seconds, now) {
	const words = instant(seconds);
	return words.slice(0, 10) === instant(now).slice(0, 10) ?
	    words.slice(11, 16) : words.slice(5, 16);
}
