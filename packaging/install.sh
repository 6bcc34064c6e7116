#!/bin/sh
# install.sh 'SERVICE...' PACKAGE...: installs packages, as root, without these
# services of theirs being started, now or with the machine. For packages.sh.
#
# Debian asks policy-rc.d before a service is started. Ours says no for as long as
# this runs, of these services only, and goes with it; one that is there already
# stays, and a service that it lets start is stopped.
set -eu
services=$1
shift
policy=/usr/sbin/policy-rc.d
mark='of Pharos, while it installs what its tests need'

refuse() {
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' HUP INT TERM
	cat >"$policy" <<-EOF
		#!/bin/sh
		# $mark
		[ -d /proc/$$ ] || exit 0
		for service in $services; do
			case " \$* " in
			*" \$service "* | *" \$service.service "* | *" \$service.socket "*)
				exit 101 ;;
			esac
		done
	EOF
	chmod 755 "$policy"
}

if [ -n "$services" ] &&
	{ [ ! -e "$policy" ] || grep -q "$mark" "$policy"; }; then
	refuse
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
	"$@" >/dev/null
for service in $services; do
	if command -v systemctl >/dev/null; then
		for unit in "$service.service" "$service.socket"; do
			[ -e "/lib/systemd/system/$unit" ] || continue
			systemctl -q disable "$unit"
			[ ! -d /run/systemd/system ] || systemctl stop "$unit"
		done
	else
		update-rc.d "$service" disable
	fi
done
