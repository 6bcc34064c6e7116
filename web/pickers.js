// The pickers of a matrix: they offer what the collector says there is.
import {find, offer} from './dom.js';
import {label, text} from './text.js';

// "all cells", "poor and worse", "stale"
function filterLabel(words, {grades, states, baseline}) {
	const [kind, what = ''] = words.split(':');
	const name = what.replace('+', '');
	const found = ({grade: grades, step: baseline.steps}[kind] ?? states)
	    .find((each) => each.name === name);

	if (!words)
		return text('filter-none');
	return what.endsWith('+') ? text('filter-from', label(found.label, name)) :
	    label(found.label, name);
}

function filtersOf({grades, states, baseline}, isBased) {
	const [kind, shades, first] = isBased ? ['step', baseline.steps, 3] :
	    ['grade', grades, 1];
	return ['', ...shades.slice(first).map((g) => `${kind}:${g.name}+`),
	    ...shades.map((g) => `${kind}:${g.name}`),
	    ...states.filter((s) => s.name !== 'ok' && s.name !== 'self')
		.map((s) => `state:${s.name}`)];
}

// Only delays have a baseline.
export const hasBaseline = (metric) =>
    metric?.kind === 'distribution' && metric.unit === 's';

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
	offer(find('filter'), filtersOf(scales, plane.isBased), query.get('filter') ?? '',
	    (words) => filterLabel(words, scales));
	find('metric').title = plane.main?.help ?? '';
	offer(find('ref'), ['abs', 'base'], plane.isBased ? 'base' : 'abs',
	    (name) => text(`ref-${name}`));
	find('ref-choice').hidden = !hasBaseline(plane.main);
	find('stat').disabled = plane.isBased;
	find('split').hidden = !fleet.twin(answer.test);
	for (const [id, value] of [['fold', '1'], ['split', 'af']])
		find(id).setAttribute('aria-pressed',
		    String(query.get(id) === value));
}
