#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh TARGET SECONDS: look for inputs that make a fuzz target fail.
#
# Builds with clang and its fuzzer in build/fuzz (or $BUILD), begins with the
# target's corpus, keeps what is new in BUILD/found/TARGET and what failed in
# BUILD/failed/TARGET-*. Several may run side by side. Ends with one line, and
# with status 1 when there are findings:
#
#   TARGET: N executions in S s, F findings
set -eu

test $# -eq 2 || {
	sed -n '3,12s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
target=$1 seconds=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$source/build/fuzz}
program=tests/fuzz/$target.fuzz

test -f "$source/tests/fuzz/$target.c" || {
	echo "run.sh: there is no tests/fuzz/$target.c" >&2
	exit 2
}

build_it() {
	cd "$build"
	test -f Makefile || "$source/configure" -q --enable-sanitizers \
		--enable-fuzzer CC=clang CFLAGS='-g -O1'
	make -s Makefile # for configure's own programs have another main
	make -s "$program" LDFLAGS=-fsanitize=fuzzer
}

mkdir -p "$build/found/$target" "$build/failed"
(flock 9 && build_it) 9>"$build/.lock" >&2

# A finding ends the fuzzer: go on for the time that is left.
log=$build/found/$target.log
begun=$(date +%s) executions=0 findings=0
while
	left=$((begun + seconds - $(date +%s)))
	test $left -gt 0
do
	status=0
	UBSAN_OPTIONS=print_stacktrace=1 "$build/$program" \
		-max_total_time=$left -timeout=10 -rss_limit_mb=1024 \
		-max_len=16384 -print_final_stats=1 \
		-artifact_prefix="$build/failed/$target-" \
		"$build/found/$target" "$source/tests/fuzz/corpus/$target" \
		>"$log" 2>&1 || status=$?
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	executions=$((executions + ${n:-0}))
	test $status -eq 0 && continue
	findings=$((findings + 1))
	grep -v '^#' "$log" | tail -60 >&2
	test $findings -lt 20 || break # it fails at once, again and again
done
echo "$target: $executions executions in $(($(date +%s) - begun)) s," \
	"$findings findings"
test $findings -eq 0
