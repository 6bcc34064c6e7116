// Grades and states as /api/v1/scales has them, for the theme in use.
import {theme} from './choice.js';

function rgb(hex) {
	const n = parseInt(hex.slice(1), 16);
	return [n >> 16, (n >> 8) & 255, n & 255];
}

export class Colours {
	constructor(scales) {
		this.scales = scales;
		this.states = new Map(scales.states.map((s) => [s.name, s]));
		this.choose();
	}

	choose() {
		const style = getComputedStyle(document.documentElement);
		const named = (name) => rgb(style.getPropertyValue(name).trim());
		this.grades = this.scales.grades.map((g) => rgb(g[theme()]));
		this.steps = this.scales.baseline.steps
		    .map((s) => rgb(s[theme()]));
		this.back = named('--back');
		this.front = named('--front');
		this.faint = named('--faint');
		this.line = named('--line');
		this.accent = named('--accent');
		this.alarm = named('--alarm');
	}

	// Call changed() when the reader switches themes.
	onChange(changed) {
		window.addEventListener('themechange', () => {
			this.choose();
			changed();
		});
	}

	// The fill of a value; an ungraded one is neutral.
	grade(grade) {
		return this.grades[grade] ?? this.line;
	}

	// What a cell is filled with for its shade: the grade.
	fill(shade) {
		return this.grade(shade);
	}

	// These, with steps from the baseline as shades.
	based() {
		const colours = this;
		return Object.create(this, {isBased: {value: true},
		    fill: {value: (step) => colours.steps[step] ?? colours.back}});
	}

	// Those of a plane.
	of(plane) {
		return plane.isBased ? this.based() : this;
	}

	// Black or white, whichever reads better on this fill.
	on([r, g, b]) {
		return 0.299 * r + 0.587 * g + 0.114 * b > 140 ?
		    [0, 0, 0] : [255, 255, 255];
	}

	// Edges, unit and better side of a graded metric; null: not graded.
	scale(probe, metric) {
		return this.scales.probes[probe]?.[metric] ?? null;
	}

	// As the collector does it: how many edges has the value reached?
	gradeOf(scale, value) {
		if (!scale || value === null)
			return null;
		const reached = scale.edges.filter((e) => e <= value).length;
		return scale.better === 'more' ? 5 - reached : reached;
	}
}

export function mix(a, b, share) {
	return a.map((v, i) => Math.round(v * share + b[i] * (1 - share)));
}

export function css([r, g, b]) {
	return `rgb(${r} ${g} ${b})`;
}
