# Unit tests speak TAP; the driver counts every one of them. Each layer keeps
# its list in a fragment of its own.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP \
	PHAROS_LIBEXEC='$(abs_top_builddir)' \
	PHAROS_PROBES='$(abs_top_builddir)/.libs' \
	TOP_SRCDIR='$(abs_top_srcdir)' TOP_BUILDDIR='$(abs_top_builddir)' \
	LAYERS_CC='$(CC) -D_GNU_SOURCE -I$(abs_top_srcdir) -I. $(AM_CFLAGS)' \
	LAYERS_LINKED='$(bin_PROGRAMS) $(sbin_PROGRAMS) $(pharosexec_PROGRAMS) \
	$(probe_LTLIBRARIES)' \
	LAYERS_LIBRARIES='$(noinst_LIBRARIES) $(noinst_LTLIBRARIES)' \
	MAN_PROGRAMS='$(bin_PROGRAMS) $(sbin_PROGRAMS) $(pharosexec_PROGRAMS)' \
	PATH='$(abs_top_builddir)':"$$PATH"; \
	export CMOCKA_MESSAGE_OUTPUT PHAROS_LIBEXEC PHAROS_PROBES TOP_SRCDIR \
	TOP_BUILDDIR LAYERS_CC LAYERS_LINKED LAYERS_LIBRARIES MAN_PROGRAMS PATH;

TESTS += tests/layers.py tests/man.sh tests/units.sh
EXTRA_DIST += tests/layers.py tests/man.sh tests/units.sh

include tests/unit/common.mk
include tests/unit/io.mk
include tests/unit/scheduler.mk
include tests/unit/probes.mk
include tests/unit/owamp.mk
include tests/unit/owd.mk
include tests/unit/agent.mk
include tests/unit/collector.mk
include tests/unit/bounds.mk
include tests/unit/clocks.mk
include tests/unit/emulator.mk
include tests/unit/fleet.mk
include tests/unit/identity.mk
include tests/unit/lab.mk
include tests/unit/rollup.mk
include tests/unit/store.mk
include tests/unit/streams.mk
include tests/unit/truth.mk
include tests/unit/trial.mk
include tests/fuzz/module.mk
include tests/clock/module.mk
include tests/lab/module.mk
include tests/soak/module.mk
