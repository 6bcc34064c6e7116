# The pages in a browser, and the collector under two hundred of them. No test;
# "make bench-pages" prints the tables. Needs root, npm and chromium; figures only
# mean something with -O2.
EXTRA_DIST += %D%/pages %D%/pages.mjs %D%/live

.PHONY: bench-pages
bench-pages: all
	$(MAKE) -s install
	cd $(top_srcdir)/tests/web && npm ci --silent
	for part in pages live; do \
		PHAROS_BUILD='$(abs_top_builddir)' PHAROS_PREFIX='$(prefix)' \
		$(top_srcdir)/bench/$$part || exit 1; done
