/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <string.h>

#include "lab/experiment.h"
#include "lab/experiment_report.h"

/* Pixels. */
#define WIDTH 860.0
#define HEIGHT 420.0
#define LEFT 70.0
#define RIGHT 20.0
#define TOP 60.0
#define BOTTOM 60.0

struct plot {
	const struct topology_experiment *experiment;
	const struct experiment_found *found;
	const struct experiment_sample *samples;
	double seconds; /* the right edge */
	double most;    /* the upper one, ms */
	FILE *out;
};

static double
across(const struct plot *plot, nanoseconds at)
{
	return (
	    LEFT + (WIDTH - LEFT - RIGHT) * clock_seconds(at) / plot->seconds);
}

static double
up(const struct plot *plot, double ms)
{
	return (HEIGHT - BOTTOM -
		(HEIGHT - TOP - BOTTOM) * fmin(ms, plot->most) / plot->most);
}

static void
write_escaped(FILE *out, const char *text)
{
	static const char special[] = "<>&\"";
	static const char *const names[] = {"lt", "gt", "amp", "quot"};

	for (; *text != '\0'; text++) {
		const char *found = strchr(special, *text);

		if (found == NULL)
			fputc(*text, out);
		else
			fprintf(out, "&%s;", names[found - special]);
	}
}

/* 1, 2 or 5 times a power of ten, some six to a length. */
static double
step_of(double length)
{
	double rough = length / 6, power = pow(10, floor(log10(rough)));
	double times = rough / power;

	return (power * (times <= 1      ? 1
			    : times <= 2 ? 2
			    : times <= 5 ? 5
					 : 10));
}

static void
find_edges(struct plot *plot)
{
	const struct topology_experiment *e = plot->experiment;
	double most = 1;

	plot->seconds = clock_seconds(e->lasts);
	for (size_t i = 0; i < e->phase_count; i++) {
		most = fmax(most, 1e3 * clock_seconds(e->phases[i].rtt));
		if (plot->found[i].median != -1)
			most = fmax(
			    most, 1e3 * clock_seconds(plot->found[i].median));
		plot->seconds =
		    fmax(plot->seconds, clock_seconds(plot->found[i].begins +
						      plot->found[i].lasts));
	}
	plot->most = 1.2 * most;
}

static void
write_phases(const struct plot *plot)
{
	for (size_t i = 0; i < plot->experiment->phase_count; i++) {
		const struct experiment_found *f = &plot->found[i];
		double from = across(plot, f->begins);
		double until = across(plot, f->begins + f->lasts);

		if (f->count == 0)
			continue;
		fprintf(plot->out,
		    "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" "
		    "fill=\"%s\"/>\n<text x=\"%.1f\" y=\"%.0f\" "
		    "text-anchor=\"middle\">",
		    from, TOP, until - from, HEIGHT - TOP - BOTTOM,
		    i % 2 == 0 ? "#f4f4f4" : "#e2e8ee", (from + until) / 2,
		    TOP - 8 - (i % 2 == 0 ? 0 : 14));
		write_escaped(plot->out, plot->experiment->phases[i].name);
		fprintf(plot->out, "</text>\n");
	}
}

static void
write_axes(const struct plot *plot)
{
	double step = step_of(plot->seconds);

	for (double t = 0; t <= plot->seconds; t += step)
		fprintf(plot->out,
		    "<text x=\"%.1f\" y=\"%.0f\" "
		    "text-anchor=\"middle\">%g</text>\n",
		    across(plot, clock_of_seconds(t)), HEIGHT - BOTTOM + 22, t);
	step = step_of(plot->most);
	for (double ms = 0; ms <= plot->most; ms += step)
		fprintf(plot->out,
		    "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" "
		    "stroke=\"#bbb\"/>\n<text x=\"%.0f\" y=\"%.1f\" "
		    "text-anchor=\"end\">%g</text>\n",
		    LEFT, WIDTH - RIGHT, up(plot, ms), up(plot, ms), LEFT - 8,
		    up(plot, ms) + 4, ms);
	fprintf(plot->out,
	    "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">seconds</text>\n"
	    "<text transform=\"translate(16 %.0f) rotate(-90)\" "
	    "text-anchor=\"middle\">round trip, ms</text>\n",
	    (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14,
	    (TOP + HEIGHT - BOTTOM) / 2);
}

static void
write_packets(const struct plot *plot)
{
	for (size_t k = 0; k < plot->experiment->phase_count; k++)
		for (size_t i = 0; i < plot->found[k].count; i++) {
			const struct experiment_sample *sample =
			    &plot->samples[plot->found[k].first + i];
			bool lost = sample->rtt == -1;

			fprintf(plot->out,
			    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\" "
			    "fill=\"%s\"/>\n",
			    across(plot, sample->sent),
			    lost ? HEIGHT - BOTTOM - 3
				 : up(plot, 1e3 * clock_seconds(sample->rtt)),
			    lost ? "#c0392b" : "#1f5f99");
		}
}

void
experiment_write_plot(const struct topology_experiment *experiment,
    const struct experiment_found *found,
    const struct experiment_sample *samples, const char *title, FILE *out)
{
	struct plot plot = {experiment, found, samples, .out = out};

	find_edges(&plot);
	fprintf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f "
	    "%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
	    "<text x=\"%.0f\" y=\"20\" font-size=\"15\">",
	    WIDTH, HEIGHT, LEFT);
	write_escaped(out, title);
	fprintf(out, "</text>\n");
	write_phases(&plot);
	write_axes(&plot);
	write_packets(&plot);
	fprintf(out,
	    "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\" "
	    "fill=\"#c0392b\">red: lost</text>\n</svg>\n",
	    WIDTH - RIGHT, HEIGHT - 14);
}
