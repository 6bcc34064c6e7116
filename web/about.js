// What a matrix page says above its cells.
import {find} from './dom.js';
import {made} from './made.js';
import {instant, listed, schedule, text} from './text.js';

const NAMED = 12; // silent boxes that are named

// The first few by name, the others by number.
function names(all, fleet) {
	const first = listed(all.slice(0, NAMED).map((name) =>
	    fleet.label(name)));
	return all.length > NAMED ?
	    text('and-more', first, all.length - NAMED) : first;
}

// size: how many cells the view has
export function sayAbout(plane, fleet, size) {
	const {answer} = plane;
	const {silent, at} = answer;

	find('past').hidden = at === undefined;
	find('past').textContent = at === undefined ? '' :
	    text('past', instant(at), made(answer.source));
	find('about').textContent = text('about', answer.probe, plane.pairs(),
	    schedule(fleet.test(answer.test)));
	find('silent').hidden = !silent.length;
	find('silent').textContent = text('silent', names(silent, fleet));
	find('nothing').hidden = size > 0;
	find('nothing').textContent = text('nothing-matches');
}
