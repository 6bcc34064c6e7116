# The pages: static files, ES modules, no build step of our own. What others have
# written comes from npm by the lock file when it is built, and is in the
# distribution: who builds from that needs neither npm nor a network.
web_pages = \
	%D%/about.js \
	%D%/api.js \
	%D%/axes.js \
	%D%/boxes.js \
	%D%/cards.js \
	%D%/choice.js \
	%D%/clocks.html \
	%D%/clocks.js \
	%D%/colours.js \
	%D%/courses.js \
	%D%/dom.js \
	%D%/fleet.js \
	%D%/gaps.js \
	%D%/grid.js \
	%D%/groups.js \
	%D%/hours.js \
	%D%/index.html \
	%D%/index.js \
	%D%/layers.js \
	%D%/left.js \
	%D%/legend.js \
	%D%/live.js \
	%D%/made.js \
	%D%/matrix.html \
	%D%/matrix.js \
	%D%/now.js \
	%D%/page.js \
	%D%/painter.js \
	%D%/pair.html \
	%D%/pair.js \
	%D%/pairs.js \
	%D%/pharos.svg \
	%D%/pickers.js \
	%D%/plane.js \
	%D%/plot.js \
	%D%/plots.js \
	%D%/question.js \
	%D%/replay.js \
	%D%/rows.js \
	%D%/series.js \
	%D%/skew.js \
	%D%/spark.js \
	%D%/style.css \
	%D%/table.js \
	%D%/tell.js \
	%D%/text.js \
	%D%/tiles.js \
	%D%/times.js \
	%D%/tip.js \
	%D%/troubles.js \
	%D%/twins.js \
	%D%/usual.js \
	%D%/view.js \
	%D%/whole.js \
	%D%/worst.js
web_others = %D%/uplot.js %D%/uplot.css
web_strings = %D%/lang/en.js %D%/lang/zh.js
web_packed = $(web_pages:=.gz) $(web_others:=.gz)
web_strings_packed = $(web_strings:=.gz)

dist_web_DATA = $(web_pages) $(web_others) %D%/uplot-LICENSE.txt
nodist_web_DATA = $(web_packed)
webstringsdir = $(webdir)/lang
dist_webstrings_DATA = $(web_strings)
nodist_webstrings_DATA = $(web_strings_packed)
CLEANFILES += $(web_packed) $(web_strings_packed)
MAINTAINERCLEANFILES = $(web_others) %D%/uplot-LICENSE.txt
EXTRA_DIST += %D%/package.json %D%/package-lock.json %D%/.npmrc

# Browsers are sent what was packed once, as small as gzip makes it.
%D%/%.gz: %D%/%
	$(AM_V_GEN)$(MKDIR_P) $(@D) && gzip -9nc $< >$@.new && mv $@.new $@

%D%/uplot.js: %D%/package-lock.json
	$(AM_V_GEN)command -v npm >/dev/null || { \
	  echo "npm is missing; install Debian's nodejs and npm" >&2; exit 1; }; \
	rm -rf %D%/npm && $(MKDIR_P) %D%/npm && \
	cp $(srcdir)/%D%/package.json $(srcdir)/%D%/package-lock.json \
	  $(srcdir)/%D%/.npmrc %D%/npm && \
	(cd %D%/npm && npm ci --silent --ignore-scripts) && \
	from=%D%/npm/node_modules/uplot && \
	cp $$from/dist/uPlot.esm.js $@ && \
	cp $$from/dist/uPlot.min.css %D%/uplot.css && \
	cp $$from/LICENSE %D%/uplot-LICENSE.txt && rm -rf %D%/npm
%D%/uplot.css %D%/uplot-LICENSE.txt: %D%/uplot.js
	@test -f $@ || test -f $(srcdir)/$@
