// The pickers of a matrix: they offer what the collector says there is.
import {find, offer} from './dom.js';
import {label, text} from './text.js';

// "all cells", "poor and worse", "stale"
function filterLabel(words, {grades, states}) {
	const [kind, what = ''] = words.split(':');
	const name = what.replace('+', '');
	const found = (kind === 'grade' ? grades : states)
	    .find((each) => each.name === name);

	if (!words)
		return text('filter-none');
	return what.endsWith('+') ? text('filter-from', label(found.label, name)) :
	    label(found.label, name);
}

function filtersOf({grades, states}) {
	return ['', ...grades.slice(1).map((g) => `grade:${g.name}+`),
	    ...grades.map((g) => `grade:${g.name}`),
	    ...states.filter((s) => s.name !== 'ok' && s.name !== 'self')
		.map((s) => `state:${s.name}`)];
}

// query: of the address
export function fillPickers(plane, fleet, scales, query) {
	const {answer} = plane;
	const same = (name) => name;

	offer(find('test'), fleet.answer.tests.map((t) => t.test), answer.test,
	    same);
	offer(find('metric'), plane.metrics.map((m) => m.name), answer.metric,
	    same);
	offer(find('stat'), answer.stats, answer.stat, same);
	offer(find('window'), answer.windows, answer.window,
	    (name) => text(`window-${name}`));
	offer(find('filter'), filtersOf(scales), query.get('filter') ?? '',
	    (words) => filterLabel(words, scales));
	find('metric').title = plane.main?.help ?? '';
	find('split').hidden = !fleet.twin(answer.test);
	for (const [id, value] of [['fold', '1'], ['split', 'af']])
		find(id).setAttribute('aria-pressed',
		    String(query.get(id) === value));
}
