// The fleet as /api/v1/fleet tells it, asked for again when its revision has
// changed.
import {get} from './api.js';
import {label} from './text.js';

// Unsaid, a test takes IPv6 where both ends have it.
const isSix = (test) => (test.family ?? 6) === 6;

function same(a, b) {
	const names = new Set(b);
	return a.length === b.length && a.every((each) => names.has(each));
}

export class Fleet {
	constructor(answer) {
		this.answer = answer;
		this.labels = new Map();
		this.boxes = new Map();
		this.grouped = new Map(answer.targets.map((target) =>
		    [target.name, target.groups ?? []]));
		for (const site of answer.sites)
			for (const box of site.boxes) {
				this.boxes.set(box.name, box);
				this.grouped.set(box.name, site.groups ?? []);
				this.labels.set(box.name, site.boxes.length > 1 ?
				    box.name : label(site.label, box.name));
			}
	}

	// What people call an end of a pair.
	label(name) {
		return this.labels.get(name) ?? name;
	}

	groups(name) {
		return this.grouped.get(name) ?? [];
	}

	// The test in which each box tells of its own host, or undefined.
	get own() {
		return this.answer.tests.find((test) => this.isOwn(test));
	}

	isOwn({probe}) {
		return this.answer.manifests.find((m) => m.name === probe)
		    ?.of_host ?? false;
	}

	// Those between ends, which a matrix shows.
	get between() {
		return this.answer.tests.filter((test) => !this.isOwn(test));
	}

	test(name) {
		return this.answer.tests.find((test) => test.test === name);
	}

	// The test that measures the same in the other address family, or null.
	twin(name) {
		const own = this.test(name);
		return (own && this.answer.tests.find((test) =>
		    test.probe === own.probe && isSix(test) !== isSix(own) &&
		    same(test.sources, own.sources) &&
		    same(test.destinations, own.destinations))) ?? null;
	}

	isSix(name) {
		return isSix(this.test(name));
	}

	// The metrics of a probe that are numbers.
	metrics(probe) {
		const manifest = this.answer.manifests.find(
		    (m) => m.name === probe);
		return (manifest?.metrics ?? []).filter((m) =>
		    ['count', 'value', 'ratio', 'distribution'].includes(m.kind));
	}

	metric(probe, name) {
		return this.metrics(probe).find((m) => m.name === name);
	}
}

// The fleet of this revision, or as it is now: `known` when that is it.
export async function fleetAt(known, revision) {
	if (known && known.answer.revision === revision)
		return known;
	return new Fleet(await get('/api/v1/fleet'));
}
