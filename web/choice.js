// What a reader has chosen for all pages: language and theme. It is kept in the
// browser, for it is no part of a view; unchosen, the browser's own wish holds.
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;

function kept(name) {
	try {
		return localStorage.getItem(name);
	} catch { // a browser that keeps nothing
		return null;
	}
}

function keep(name, value) {
	try {
		localStorage.setItem(name, value);
	} catch {
		// then it is for this page alone
	}
}

export const language = kept('language') ??
    (navigator.language.startsWith('zh') ? 'zh' : 'en');
root.lang = language === 'zh' ? 'zh-CN' : 'en';

export function chooseLanguage(name) {
	keep('language', name);
	location.reload();
}

export function theme() {
	return root.dataset.theme ?? (dark.matches ? 'dark' : 'light');
}

export function chooseTheme(name) {
	keep('theme', name);
	root.dataset.theme = name;
	window.dispatchEvent(new Event('themechange'));
}

if (['light', 'dark'].includes(kept('theme')))
	root.dataset.theme = kept('theme');
dark.addEventListener('change', () =>
    window.dispatchEvent(new Event('themechange')));
