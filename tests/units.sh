#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# systemd's own measure of how much a unit is exposed is at most 2.5. Run by
# make check, which sets TOP_BUILDDIR; speaks TAP.
number=0
status=0
for unit in "$TOP_BUILDDIR"/packaging/*.service; do
	number=$((number + 1))
	name="$(basename "$unit") is exposed by 2.5 at most"
	if ! systemd-analyze security --help 2>/dev/null | grep -q offline; then
		echo "ok $number $name # SKIP no systemd-analyze that can tell"
	elif said=$(systemd-analyze security --offline=true --threshold=25 \
		--no-pager "$unit" 2>&1); then
		echo "ok $number $name"
	else
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "not ok $number $name"
		status=1
	fi
done
echo "1..$number"
exit $status
