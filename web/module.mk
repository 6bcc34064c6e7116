# The pages: static files, ES modules, no build step of our own.
dist_web_DATA = \
	%D%/api.js \
	%D%/chart.js \
	%D%/colours.js \
	%D%/dom.js \
	%D%/fleet.js \
	%D%/grid.js \
	%D%/index.html \
	%D%/index.js \
	%D%/legend.js \
	%D%/matrix.html \
	%D%/matrix.js \
	%D%/painter.js \
	%D%/pair.html \
	%D%/pair.js \
	%D%/pharos.svg \
	%D%/plane.js \
	%D%/plots.js \
	%D%/series.js \
	%D%/style.css \
	%D%/text.js \
	%D%/tip.js
webstringsdir = $(webdir)/lang
dist_webstrings_DATA = \
	%D%/lang/en.js \
	%D%/lang/zh.js
