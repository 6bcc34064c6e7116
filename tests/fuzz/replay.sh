#!/bin/sh
# replay.sh PROGRAM: a fuzz target and its corpus as one line of TAP
target=$(basename "$1" .fuzz)
echo 1..1
if "$1" "$(dirname "$0")/corpus/$target"; then
	echo "ok 1 - $target"
else
	echo "not ok 1 - $target"
fi
