// What a pair's charts have besides lines: all of it, but for what hide= in the
// address names.
import {find} from './dom.js';
import {keepView} from './page.js';

const LAYERS = ['bands', 'gaps'];

export const isHidden = (query, layer) =>
    Boolean(query.get('hide')?.split(',').includes(layer));

function toggle(query, layer) {
	const hidden = new Set(query.get('hide')?.split(','));
	if (!hidden.delete(layer))
		hidden.add(layer);
	if (hidden.size)
		query.set('hide', [...hidden].join());
	else
		query.delete('hide');
	keepView(query);
}

// changed(): another choice
export function offerLayers(query, changed) {
	for (const layer of LAYERS)
		find(`layer-${layer}`).addEventListener('click', () => {
			toggle(query, layer);
			changed();
		});
}

// Says which there are; gives them as {bands, gaps}.
export function drawLayers(query) {
	const shown = {};
	for (const layer of LAYERS) {
		shown[layer] = !isHidden(query, layer);
		find(`layer-${layer}`).setAttribute('aria-pressed',
		    String(shown[layer]));
	}
	return shown;
}
