// Tables behind pictures, and the same as text for other programs.
import {make} from './dom.js';

// columns: [{name, unit?}]; rows: arrays of texts, numbers and nulls.
// Numbers are in base units there; cell(value, column) writes them for people.
export function drawTable(table, columns, rows, cell) {
	table.replaceChildren();
	const head = table.createTHead().insertRow();
	for (const column of columns) {
		const th = make('th', head, column.name);
		th.scope = 'col';
		th.classList.toggle('number', Boolean(column.unit));
	}
	const body = table.createTBody();
	for (const row of rows) {
		const tr = body.insertRow();
		row.forEach((value, i) => {
			const td = tr.insertCell();
			td.textContent = value === null ? '–' :
			    cell(value, columns[i]);
			td.classList.toggle('number', Boolean(columns[i].unit));
		});
	}
}

// A name that a spreadsheet would take for a formula gets an apostrophe.
function field(value, separator) {
	if (value === null)
		return '';
	if (typeof value === 'number')
		return String(value);
	let words = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	if (separator === '\t')
		return words.replace(/[\t\r\n]+/g, ' ');
	if (/[",\r\n]/.test(words))
		words = `"${words.replace(/"/g, '""')}"`;
	return words;
}

// CSV (RFC 4180) with ',', TSV with a tab.
export function tableText(columns, rows, separator) {
	const end = separator === '\t' ? '\n' : '\r\n';
	const names = columns.map(({name, unit}) =>
	    unit && unit !== '1' ? `${name} [${unit}]` : name);

	return [names, ...rows].map((row) =>
	    row.map((value) => field(value, separator)).join(separator) + end)
	    .join('');
}

// Hands a text to the reader as a file.
export function saveText(name, type, words) {
	const a = document.createElement('a');
	a.href = URL.createObjectURL(new Blob([words], {type}));
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

// Buttons "CSV" and "TSV"; build() gives columns and rows.
export function offerTexts(csv, tsv, name, build) {
	csv.addEventListener('click', async () => {
		const {columns, rows} = await build();
		saveText(`${name()}.csv`, 'text/csv',
		    tableText(columns, rows, ','));
	});
	tsv.addEventListener('click', async () => {
		const {columns, rows} = await build();
		saveText(`${name()}.tsv`, 'text/tab-separated-values',
		    tableText(columns, rows, '\t'));
	});
}
