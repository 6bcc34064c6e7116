// Chromium, and pages in it that remember everything that went wrong.
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];

export class Browser {
	static async launch() {
		const {chromium} = await import('playwright-core');
		const browser = new Browser();
		browser.chromium = await chromium.launch(
		    {executablePath: CHROMIUM, args: FLAGS});
		browser.contexts = [];
		browser.complaints = [];
		return browser;
	}

	// Opens a page of the collector at `base`. Options are those of a context,
	// and prepare(context), which is called before.
	async open(base, path, options = {}) {
		const context = await this.chromium.newContext(
		    {viewport: {width: 1280, height: 900}, ...options});
		this.contexts.push(context);
		await options.prepare?.(context);
		const page = await context.newPage();
		await page.addInitScript(`window.pixelsOf = ${pixelsOf}`);
		page.setDefaultTimeout(20000);
		this.listen(page, base);
		await page.goto(base + path);
		await shown(page);
		return page;
	}

	// No error, no violation of the content security policy (which is an error
	// on the console, too), no request to anybody but the collector.
	listen(page, base) {
		const complain = (words) => this.complaints.push(words);
		page.on('pageerror', (error) => complain(`thrown: ${error.stack}`));
		page.on('console', (message) => {
			const text = message.text();
			if (['error', 'warning'].includes(message.type()) &&
			    !text.includes('willReadFrequently')) // we do that
				complain(`console: ${text}`);
		});
		page.on('request', (request) => {
			if (!request.url().startsWith(`${base}/`))
				complain(`asked for ${request.url()}`);
		});
	}

	complain() {
		const complaints = this.complaints.splice(0);
		if (complaints.length)
			throw new Error(complaints.join('\n'));
	}

	// An outage is announced on the console; that is not an error of ours.
	forgive() {
		this.complaints = this.complaints.filter((words) =>
		    !words.includes('Failed to load resource'));
	}

	async closePages() {
		await Promise.all(this.contexts.splice(0).map((c) => c.close()));
		this.complaints = [];
	}

	async close() {
		await this.chromium.close();
	}
}

// In the page: all pixels of a canvas, four bytes each, as base64.
function pixelsOf(canvas) {
	const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width,
	    canvas.height);
	const parts = [];
	for (let i = 0; i < data.length; i += 8192)
		parts.push(String.fromCharCode(...data.subarray(i, i + 8192)));
	return btoa(parts.join(''));
}

// Until the page has drawn an answer.
export async function shown(page) {
	await page.waitForFunction(() =>
	    document.getElementById('updated').dateTime);
}

const PATIENCE = 20000; // ms

// What the page shows now, as it has it, and look(argument), which runs in the
// page at the same moment.
export async function see(page, look, argument) {
	const deadline = Date.now() + PATIENCE;
	for (;;) {
		const seen = await page.evaluate(`(async () => {
			const script = document.querySelector('script[src]').src;
			const {shown} = await import(script);
			return shown() && [shown(),
			    (${look})(${JSON.stringify(argument)})];
		})()`);
		if (seen)
			return seen;
		if (Date.now() > deadline)
			throw new Error(`${page.url()}: shows nothing within 20 s`);
		await page.waitForTimeout(50);
	}
}

// As see(), until right(answer, seen).
export async function seeUntil(page, look, right, what) {
	const deadline = Date.now() + PATIENCE;
	for (;;) {
		const [answer, seen] = await see(page, look);
		if (right(answer, seen))
			return [answer, seen];
		if (Date.now() > deadline)
			throw new Error(`${what}: not within 20 s`);
		await page.waitForTimeout(100);
	}
}

export function rgb(hex) {
	const n = parseInt(hex.slice(1), 16);
	return [n >> 16, (n >> 8) & 255, n & 255];
}

export async function scales(page, base) {
	return (await page.request.get(`${base}/api/v1/scales`)).json();
}
