// What every page has: texts, and in its head the choices of language and theme.
import {chooseLanguage, chooseTheme, language, theme} from './choice.js';
import {find} from './dom.js';
import {fillTexts, text} from './text.js';
import {carried, isLocal} from './times.js';

export function begin() {
	fillTexts();
	find('language').textContent = language === 'zh' ? 'English' : '中文';
	find('language').lang = language === 'zh' ? 'en' : 'zh-CN';
	find('language').addEventListener('click', () =>
	    chooseLanguage(language === 'zh' ? 'en' : 'zh'));
	find('theme').title = text('theme');
	find('theme').setAttribute('aria-label', text('theme'));
	find('theme').addEventListener('click', () =>
	    chooseTheme(theme() === 'dark' ? 'light' : 'dark'));
	beginZone();
	document.querySelector('.home').href = `/${carried}`;
	for (const form of document.querySelectorAll('form'))
		form.addEventListener('submit', (event) =>
		    event.preventDefault());
}

// The clock is part of the view, and so of the address.
function beginZone() {
	find('zone').textContent = isLocal ? text('zone-local') : 'UTC';
	find('zone').title = text('zone');
	find('zone').addEventListener('click', () => {
		const query = new URLSearchParams(location.search);
		if (isLocal)
			query.delete('tz');
		else
			query.set('tz', 'local');
		location.replace(`${location.pathname}?${query}`);
	});
}

// Is this key a command, and not a letter of something being written?
export function isCommand(event) {
	return !event.ctrlKey && !event.metaKey && !event.altKey &&
	    !event.target.closest?.('input, select, textarea');
}

// Puts the view into the address; what has its usual value is left out.
export function keepView(query) {
	const words = query.toString();
	history.replaceState(null, '', words ? `?${words}` : location.pathname);
}

// Copies an address, and says so on the button for a moment.
export async function copyLink(button, address) {
	const before = button.textContent;
	try {
		await navigator.clipboard.writeText(address);
		button.textContent = text('copied');
	} catch { // no right to: the address is in its field anyway
		button.textContent = text('in-address');
	}
	setTimeout(() => {
		button.textContent = before;
	}, 2000);
}
