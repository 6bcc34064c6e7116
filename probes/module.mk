# The plug-in ABI and the plug-ins, three lines each. They are libtool modules
# that take common/ from their host.
probeinclude_HEADERS = %D%/probe.h
probeincludedir = $(pharosincludedir)/probes
probecommondir = $(pharosincludedir)/common
probecommon_HEADERS = common/address.h common/clock.h common/error.h \
	common/manifest.h common/metric.h common/option.h common/unit.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/pharos-probe.pc
EXTRA_DIST += %D%/pharos-probe.pc.in

probe_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared
