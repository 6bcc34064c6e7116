// The last hour of the pair under the cursor, for its note: what its metrics are
// like over more than the moment.
import {get, url} from './api.js';
import {percent, quantity, text} from './text.js';

const KEPT = 60000; // ms
const REST = 150;   // ms that the cursor rests until it is asked for
const MOST = 8;     // metrics in one question

export class Hours {
	// arrived(): it has come
	constructor(test, arrived) {
		Object.assign(this, {test, arrived, known: new Map(), timer: 0,
		    asked: null});
	}

	// What /api/v1/series says of its last hour, undefined: on its way. beside:
	// the question what is usual, or null.
	get(src, dst, metrics, beside) {
		const pair = `${src}:${dst}`;
		const found = this.known.get(pair);
		clearTimeout(this.timer);
		if (pair !== this.asked &&
		    (!found || performance.now() - found.at > KEPT))
			this.timer = setTimeout(() =>
			    this.ask(pair, src, dst, metrics, beside), REST);
		return found?.answer;
	}

	async ask(pair, src, dst, metrics, beside) {
		const names = metrics.filter((m) => m.edges || m.kind === 'value' ||
		    m.kind === 'distribution').map((m) => m.name);
		const query = new URLSearchParams({from: '-1h', points: 60,
		    metric: names.slice(0, MOST).join()});
		this.asked = pair; // and not again while it is on its way
		try {
			const [answer, usual] = await Promise.all([get(
			    `/api/v1/series${url(this.test, src, dst)}?${query}`),
			beside && get(`/api/v1/matrix${url(this.test)}?` +
			    new URLSearchParams(beside)).catch(() => null)]);
			answer.usual = usual;
			this.known.set(pair, {at: performance.now(), answer});
			this.arrived();
		} catch {
			// the page says elsewhere that the collector is away
		} finally {
			if (this.asked === pair)
				this.asked = null;
		}
	}
}

// How far its packets are from each other: "p95 − p50".
function spread(values, unit) {
	return values.p95 === undefined || values.p50 === undefined ? '' :
	    text('spread', quantity(values.p95 - values.p50, unit));
}

// Is its end like that? The last row has only begun.
const isUnanswered = (answer) =>
    (answer?.unanswered?.at(-1)?.[1] ?? -1) >= answer?.count - 2;

// What it usually is at this hour, and how far it is from that.
function usualLines(usual) {
	const [base, change] = [usual?.base?.[0] ?? null, usual?.change?.[0] ?? null];
	return base === null ? [] : [[text('baseline'),
	    quantity(base, usual.unit), change === null ? '' : percent(change)]];
}

// Lines of a note: what of the hour the matrix does not say itself.
export function hourLines(answer, metrics) {
	const whole = answer?.whole;
	const lines = usualLines(answer?.usual);

	for (const metric of whole?.rows ? metrics : []) {
		const {name, unit, kind} = metric;
		const values = whole.metrics[name] ?? {};
		if (kind === 'distribution' && metric.edges &&
		    values.p50 !== undefined)
			lines.push([text('hour', name), quantity(values.p50, unit),
			    [spread(values, unit), text('highest',
				quantity(values.max, unit))].join('  ')]);
		else if (kind === 'ratio' && values.ratio !== undefined)
			lines.push([text('hour', name),
			    quantity(values.ratio, unit),
			    `${values.part} / ${values.of}`]);
		else if (kind === 'value' && Object.keys(values).length)
			lines.push([name,
			    quantity(Object.values(values)[0], unit), '']);
	}
	if (isUnanswered(answer) && answer.why)
		lines.push(answer.why);
	return lines;
}
