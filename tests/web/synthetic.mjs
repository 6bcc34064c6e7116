// Answers of a collector that is not asked: matrices and series of any size, and
// live updates that a check makes. The pages, their headers, the fleet and the
// scales are the real collector's.

// Numbers in 0..1 that are the same in each run.
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

const STATES = ['ok', 'stale', 'no-data', 'unreachable', 'untested', 'maint',
    'disabled', 'clock', 'self'];
const EDGES = [0.01, 0.05, 0.1, 0.2, 0.3]; // of ping's rtt

const gradeOf = (value) => value === null ? null :
    EDGES.filter((edge) => edge <= value).length;

export function names(count) {
	return Array.from({length: count},
	    (_, i) => `s${String(i).padStart(4, '0')}`);
}

// cellAt(row, column, random) gives {value, state, grade?, age?}; also: names of
// companions, which are all fine.
export function matrix({test, src, dst = src, cellAt, seed = 1, also = []}) {
	const roll = random(seed);
	const answer = {generated: Date.now() / 1000, revision: 1, test,
	    probe: 'ping', metric: 'rtt', kind: 'distribution', stat: 'p50',
	    stats: ['p50', 'min', 'p95', 'max'], unit: 's', window: 'last',
	    windows: ['last', '5m', '1h'], window_seconds: null, src, dst,
	    silent: [], states: STATES, value: [], grade: [], state: [], age: [],
	    count: [], also: {}, summary: {grades: [0, 0, 0, 0, 0, 0],
		states: Object.fromEntries(STATES.map((name) => [name, 0]))}};

	for (let row = 0; row < src.length; row++)
		for (let column = 0; column < dst.length; column++) {
			const cell = cellAt(row, column, roll);
			const grade = cell.grade ?? gradeOf(cell.value);
			answer.value.push(cell.value);
			answer.grade.push(grade);
			answer.state.push(STATES.indexOf(cell.state));
			answer.age.push(cell.value === null ? null :
			    cell.age ?? 3);
			answer.count.push(cell.value === null ? 0 : 1);
			answer.summary.states[cell.state]++;
			if (cell.state === 'ok' && grade !== null)
				answer.summary.grades[grade]++;
		}
	for (const name of also)
		answer.also[name] = {stat: name === 'loss' ? 'ratio' : 'sum',
		    unit: name === 'loss' ? 'ratio' : '1',
		    value: answer.value.map((value) => value === null ? null :
			name === 'sent' ? 10 : 0),
		    grade: answer.value.map((value) =>
			value === null || name !== 'loss' ? null : 0)};
	return answer;
}

// What the collector would tell of it when it is asked for planes or a tile.
export function partOf(answer, url) {
	const chosen = url.searchParams.get('planes')?.split(',');
	const [row, column, size] = (url.searchParams.get('tile') ?? '')
	    .split(',').map(Number);
	const part = {...answer};
	const {length: width} = answer.dst;

	for (const name of ['value', 'grade', 'state', 'age', 'count', 'also'])
		if (chosen && !chosen.includes(name))
			delete part[name];
	if (!url.searchParams.has('tile'))
		return part;
	const rows = Math.min(size, answer.src.length - row);
	const columns = Math.min(size, width - column);
	for (const name of ['value', 'grade', 'state', 'age', 'count'])
		part[name] &&= Array.from({length: rows * columns}, (_, k) =>
		    answer[name][(row + Math.floor(k / columns)) * width +
			column + k % columns]);
	return {...part, also: {}, tile: {row, column, rows, columns}};
}

// Mostly fine, as fleets are.
export function usualCell(row, column, roll) {
	const luck = roll();
	if (row === column)
		return {value: null, state: 'self'};
	if (luck < 0.01)
		return {value: null, state: 'unreachable'};
	if (luck < 0.02)
		return {value: null, state: 'no-data'};
	const value = 0.001 + 0.4 * roll() ** 4;
	return {value, state: luck < 0.04 ? 'stale' : 'ok'};
}

// One event of /api/v1/live: cells is [[index, value, state], ...].
export function delta(answer, cells) {
	return {generated: Date.now() / 1000, revision: 1, test: answer.test,
	    silent: [], summary: answer.summary,
	    cells: cells.map(([i]) => i),
	    value: cells.map(([, value]) => value),
	    grade: cells.map(([, value]) => gradeOf(value)),
	    state: cells.map(([, , state]) => STATES.indexOf(state)),
	    age: cells.map(() => 1), count: cells.map(() => 1), also: {}};
}

// A day (or more) of one pair: smoke, loss, and a gap of 40 minutes.
export function series({test, src, dst, from, to, step, gap = 40 * 60}) {
	const roll = random(7);
	const count = Math.round((to - from) / step);
	const columns = {min: [], p5: [], p25: [], p50: [], p75: [], p95: [],
	    max: []};
	const ratio = [];
	const hole = [Math.floor(count / 2),
	    Math.floor(count / 2) + Math.round(gap / step)];

	for (let i = 0; i < count; i++) {
		const base = 0.09 + 0.01 * Math.sin(i / 180);
		const spread = 0.002 + 0.01 * roll() ** 6;
		const isHole = i >= hole[0] && i < hole[1];
		const at = (share) => isHole ? null : base + spread * share;
		columns.min.push(at(-1));
		columns.p5.push(at(-0.8));
		columns.p25.push(at(-0.4));
		columns.p50.push(at(0));
		columns.p75.push(at(0.6));
		columns.p95.push(at(2));
		columns.max.push(at(4 + 4 * roll()));
		ratio.push(isHole ? null : roll() < 0.03 ?
		    Math.round(roll() * 10) / 60 : 0);
	}
	return {generated: Date.now() / 1000, test, probe: 'ping', src, dst,
	    family: 4, from, to, stale_after: 300, start: from, step, count,
	    hole, consolidation: `bins of ${step} s`, metrics: {
		rtt: {kind: 'distribution', unit: 's', columns},
		loss: {kind: 'ratio', unit: 'ratio', columns: {ratio}}}};
}

// In the page, before anything else: streams that the check speaks on.
function fakeStreams() {
	window.streams = [];
	window.EventSource = class extends EventTarget {
		static CLOSED = 2;
		constructor(url) {
			super();
			Object.assign(this, {url, readyState: 1});
			window.streams.push(this);
			setTimeout(() => this.say('hello',
			    {generated: Date.now() / 1000, resumed: false}));
		}
		say(kind, data, lastEventId = `x-${window.streams.length}`) {
			if (this.readyState === 1)
				this.dispatchEvent(new MessageEvent(kind,
				    {data: JSON.stringify(data), lastEventId}));
		}
		close() {
			this.readyState = 2;
		}
	};
	window.tell = (kind, data) => window.streams.at(-1).say(kind, data);
}

// Routes of a context: what each path is answered.
export async function pretend(context, answers) {
	await context.addInitScript(fakeStreams);
	for (const [pattern, answer] of Object.entries(answers))
		await context.route(new RegExp(pattern), (route) => {
			const body = typeof answer === 'function' ?
			    answer(new URL(route.request().url())) : answer;
			return route.fulfill({contentType: 'application/json',
			    body: typeof body === 'string' ? body :
			    JSON.stringify(body)});
		});
}
