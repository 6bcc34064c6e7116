// What there is: tests and boxes.
import {get, say, url} from './api.js';
import {duration, fillTexts, label, quantity, text} from './text.js';

function row(table, cells, head) {
	const tr = table.insertRow();
	for (const cell of cells) {
		const td = document.createElement(head ? 'th' : 'td');
		td.append(cell);
		tr.append(td);
	}
	return tr;
}

function link(href, words) {
	const a = document.createElement('a');
	a.href = href;
	a.textContent = words;
	return a;
}

function showTests(fleet) {
	const table = document.getElementById('tests');
	table.replaceChildren();
	row(table, ['test', 'probe', 'pairs'].map((k) => text(k)), true);
	for (const test of fleet.tests) {
		const pairs = test.sources.length * test.destinations.length -
		    test.sources.filter((s) => test.destinations.includes(s)).length;
		row(table, [link(`/matrix${url(test.test)}`, test.test),
		    test.probe, String(pairs)]);
	}
	if (!fleet.tests.length)
		say(text('nothing'));
}

function bound(clock) {
	if (!clock)
		return '';
	return `${clock.source}, ${clock.error === undefined ?
	    text('unknown-bound') : text('bound', quantity(clock.error, 's'))}`;
}

function showBoxes(fleet) {
	const table = document.getElementById('boxes');
	table.replaceChildren();
	row(table, ['box', 'site', 'state', 'heard', 'clock', 'spool',
	    'version'].map((k) => text(k)), true);
	for (const site of fleet.sites)
		for (const box of site.boxes) {
			const state = text(`box-${box.state}`);
			const tr = row(table, [box.name,
			    label(site.label, site.name),
			    box.plan_refused ?
			    `${state}; ${text('plan-refused', box.plan_refused)}` :
			    state,
			    box.heard ? duration(fleet.generated - box.heard) :
			    text('ago-never'), bound(box.clock),
			    String(box.spool?.records ?? ''), box.version ?? '']);
			tr.cells[2].classList.toggle('bad',
			    box.state !== 'ok' || Boolean(box.plan_refused));
		}
}

async function load() {
	try {
		const fleet = await get('/api/v1/fleet');
		say(null);
		showTests(fleet);
		showBoxes(fleet);
	} catch (error) {
		say(text('wrong', error.message));
	}
	setTimeout(load, 5000);
}

fillTexts();
load();
