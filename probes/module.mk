# The plug-in ABI and the plug-ins, three lines each. They are libtool modules
# that take common/ from their host.
probeinclude_HEADERS = %D%/cost.h %D%/probe.h
probeincludedir = $(pharosincludedir)/probes
probecommondir = $(pharosincludedir)/common
probecommon_HEADERS = common/address.h common/clock.h common/error.h \
	common/manifest.h common/metric.h common/option.h common/unit.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/pharos-probe.pc
EXTRA_DIST += %D%/pharos-probe.pc.in

probe_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared

probe_LTLIBRARIES += ping.la
ping_la_SOURCES = %D%/ping.c %D%/ping.h %D%/ping_arrival.c \
	%D%/ping_live.c %D%/ping_report.c %D%/ping_run.c %D%/ping_runs.c \
	%D%/ping_wait.c $(echo_sources)
ping_la_LDFLAGS = $(probe_ldflags)

# ICMP echo for those that need it
echo_sources = %D%/bytes.h %D%/echo.c %D%/echo.h %D%/echo_filter.c \
	%D%/echo_filter.h \
	%D%/echo_receive.c %D%/echo_send.c %D%/fault.c %D%/fault.h %D%/icmp.c \
	%D%/icmp.h %D%/icmp_text.c %D%/pace.c %D%/pace.h %D%/pages.c \
	%D%/pages.h %D%/sender.c %D%/sender.h %D%/stamp.c \
	%D%/stamp.h %D%/tally.c %D%/tally.h

# OWAMP (RFC 4656) and what is made of its packets, without sockets
noinst_LTLIBRARIES += libowamp.la
libowamp_la_SOURCES = %D%/bytes.h \
	%D%/owamp/account.c %D%/owamp/account.h %D%/owamp/account_close.c \
	%D%/owamp/account_parts.h \
	%D%/owamp/cipher.c %D%/owamp/cipher.h \
	%D%/owamp/client.c %D%/owamp/client.h \
	%D%/owamp/delays.c %D%/owamp/delays.h \
	%D%/owamp/deviates.c %D%/owamp/deviates.h \
	%D%/owamp/distribution.c %D%/owamp/distribution.h \
	%D%/owamp/gaps.c %D%/owamp/gaps.h \
	%D%/owamp/guard.c %D%/owamp/guard.h \
	%D%/owamp/inlet.c %D%/owamp/inlet.h %D%/owamp/inlet_command.c \
	%D%/owamp/inlet_parts.h \
	%D%/owamp/keys.c %D%/owamp/keys.h \
	%D%/owamp/message.c %D%/owamp/message.h \
	%D%/owamp/ntp.c %D%/owamp/ntp.h \
	%D%/owamp/outlet.c %D%/owamp/outlet.h \
	%D%/owamp/packet.c %D%/owamp/packet.h \
	%D%/owamp/reorder.c %D%/owamp/reorder.h \
	%D%/owamp/server.c %D%/owamp/server.h \
	%D%/owamp/statement.c \
	%D%/owamp/timetable.c %D%/owamp/timetable.h

# The one-way delay probe's parts that have sockets and timers, or need them
noinst_LTLIBRARIES += libowd.la
libowd_la_SOURCES = \
	%D%/icmp.h %D%/icmp_text.c %D%/owd/catch.c %D%/owd/catch.h \
	%D%/owd/crowd.c %D%/owd/crowd.h %D%/owd/departures.c \
	%D%/owd/departures.h %D%/owd/far.c %D%/owd/far.h \
	%D%/owd/far_fetch.c %D%/owd/far_flow.c %D%/owd/far_guest.c \
	%D%/owd/far_line.c %D%/owd/far_listen.c %D%/owd/far_orphan.c \
	%D%/owd/far_parts.h \
	%D%/owd/far_request.c %D%/owd/far_run.c %D%/owd/far_session.c \
	%D%/owd/far_settings.c %D%/owd/far_side.c %D%/owd/far_table.c \
	%D%/owd/findings.c %D%/owd/findings.h %D%/owd/findings_side.c \
	%D%/owd/findings_why.c %D%/owd/gather.c %D%/owd/gather.h \
	%D%/owd/keyring.c %D%/owd/keyring.h %D%/owd/ledger.c \
	%D%/owd/ledger.h %D%/owd/ledger_close.c %D%/owd/ledger_parts.h \
	%D%/owd/ledger_samples.c %D%/owd/ledger_state.c %D%/owd/leg.c \
	%D%/owd/leg.h %D%/owd/leg_control.c %D%/owd/leg_hear.c \
	%D%/owd/leg_parts.h %D%/owd/leg_request.c %D%/owd/leg_session.c \
	%D%/owd/outbound.c %D%/owd/outbound.h %D%/owd/owd.h \
	%D%/owd/prefixes.c %D%/owd/prefixes.h %D%/owd/run.c %D%/owd/run.h \
	%D%/owd/run_chain.c %D%/owd/run_raw.c %D%/owd/run_report.c \
	%D%/owd/samples.c %D%/owd/samples.h %D%/owd/shelf.c \
	%D%/owd/shelf.h %D%/owd/skips.c %D%/owd/skips.h %D%/owd/step.c \
	%D%/owd/step.h %D%/owd/trace.c %D%/owd/trace.h \
	%D%/owd/trace_parts.h %D%/owd/trace_read.c %D%/owd/turns.c \
	%D%/owd/turns.h %D%/owd/udp.c %D%/owd/udp.h %D%/owd/udp_bind.c \
	%D%/owd/udp_parts.h %D%/owd/udp_receive.c %D%/owd/wish.c

probe_LTLIBRARIES += owd.la
owd_la_SOURCES = %D%/owd/owd.c common/hash.c common/numbers.c common/pattern.c
owd_la_LDFLAGS = $(probe_ldflags)
owd_la_LIBADD = libowd.la libowamp.la -lcrypto -lm
