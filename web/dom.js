// Elements made in one line; text is always text, never markup.
export const find = (id) => document.getElementById(id);

export function make(tag, parent, words, className) {
	const element = document.createElement(tag);
	if (words !== undefined)
		element.textContent = words;
	if (className)
		element.className = className;
	parent?.append(element);
	return element;
}

export function link(parent, href, words) {
	const a = make('a', parent, words);
	a.href = href;
	return a;
}

// Offers names in a select; words(name) is what people read. One that is open
// and has not changed is left alone, so that it does not close.
export function offer(select, names, chosen, words) {
	const same = names.length === select.length &&
	    names.every((name, i) => select.options[i].value === name);

	if (!same)
		select.replaceChildren(...names.map((name) => {
			const option = make('option', null, words(name));
			option.value = name;
			return option;
		}));
	if (select.value !== chosen)
		select.value = chosen;
}
