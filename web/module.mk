# The pages: static files, ES modules, no build step of our own.
dist_web_DATA = \
	%D%/api.js \
	%D%/chart.js \
	%D%/colours.js \
	%D%/index.html \
	%D%/index.js \
	%D%/matrix.html \
	%D%/matrix.js \
	%D%/painter.js \
	%D%/pair.html \
	%D%/pair.js \
	%D%/pharos.svg \
	%D%/style.css \
	%D%/text.js
webstringsdir = $(webdir)/lang
dist_webstrings_DATA = \
	%D%/lang/en.js \
	%D%/lang/zh.js
