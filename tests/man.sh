#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manual pages are there, clean, have every option that a program says it has, and
# examples of files that programs take. Run by make check, which sets TOP_BUILDDIR and MAN_PROGRAMS (what is
# installed); speaks TAP.
pages=$TOP_BUILDDIR/man
number=0
status=0

# result NAME FAULTS: no fault is good
result() {
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number $1"
	else
		printf '%s\n' "$2" | sed 's/^/# /'
		echo "not ok $number $1"
		status=1
	fi
}

skip() {
	number=$((number + 1))
	echo "ok $number $1 # SKIP $2"
}

# The options that a usage on standard input names, "-c" or "--config".
options_of_usage() {
	grep -oE '(^|[[ (|])--?[a-zA-Z][a-z-]*' | sed 's/^[^-]*//' |
		grep -vx -e --help | sort -u
}

# The options that a page, or a part of one, on standard input explains; an item
# may have a short and a long name.
options_of_page() {
	sed -n 's/^\.It Fl /Fl /p' | grep -oE 'Fl [^ ]+' |
		sed 's/^Fl /-/; s/\\//g' | grep -vx -e --help | sort -u
}

# A page's subsection.
part() {
	awk -v head=".Ss $2" '/^\.S[sh]/ { on = $0 == head } on' "$1"
}

# missing USAGE PAGE: options of the one that the other has not
missing() {
	printf '%s\n' "$1" | options_of_usage | while read -r option; do
		printf '%s\n' "$2" | options_of_page | grep -qx -e "$option" ||
			echo "$option is not explained"
	done
}

# extra USAGE PAGE: the other way round
extra() {
	printf '%s\n' "$2" | options_of_page | while read -r option; do
		printf '%s\n' "$1" | options_of_usage | grep -qx -e "$option" ||
			echo "there is no $option"
	done
}

check_lint() {
	if command -v mandoc >/dev/null; then
		result "$(basename "$1") is clean" \
			"$(mandoc -Tlint -Wwarning "$1" 2>&1)"
	else
		skip "$(basename "$1") is clean" "no mandoc here"
	fi
}

# Pages of pharos and its labs have a part for each subcommand; see check_command.
own_options() {
	missing "$2" "$3"
	case $1 in
	pharos | pharos-lab) ;;
	*) extra "$2" "$3" ;;
	esac
}

check_program() {
	page=$(ls "$pages/$1".[18] 2>/dev/null)
	if [ -z "$page" ]; then
		result "$1 has a page" "no $pages/$1.1 or .8"
		return
	fi
	usage=$("$TOP_BUILDDIR/$1" --help 2>&1)
	case $usage in
	*"usage: $1 "*) faults=$(own_options "$1" "$usage" "$(cat "$page")") ;;
	*) faults="$1 --help: $usage" ;;
	esac
	result "$1 has its options in its page, and no others" "$faults"
}

# A part of a probe's help.
of_every_probe() {
	awk '/^Options of every probe:/ { on = 1; next } /^Findings:/ { exit } on'
}

# pharos: a part for each subcommand
check_command() {
	usage=$("$TOP_BUILDDIR/pharos" "$1" --help 2>&1)
	text=$(part "$pages/pharos.1" "$1")
	# what every probe takes is said by each probe's own help
	[ "$1" = probe ] && for probe in $probes; do
		usage="$usage
$("$TOP_BUILDDIR/pharos" probe "$probe" --help 2>&1 | of_every_probe)"
	done
	result "pharos $1 has its options in pharos.1, and no others" "$(
		[ -n "$text" ] || echo "no .Ss $1"
		missing "$usage" "$text"
		extra "$usage" "$text"
	)"
}

# pharos lab: the same in a page of its own
check_lab() {
	usage=$("$TOP_BUILDDIR/pharos" lab "$1" --help 2>&1)
	text=$(part "$pages/pharos-lab.1" "$1")
	result "pharos lab $1 has its options in pharos-lab.1, and no others" "$(
		[ -n "$text" ] || echo "no .Ss $1"
		missing "$usage" "$text"
		extra "$usage" "$text"
	)"
}

check_probe() {
	usage=$("$TOP_BUILDDIR/pharos" probe "$1" --help 2>&1)
	text=$(cat "$pages/pharos-probe-$1.7")
	result "probe $1 has its options in its page, and no others" \
		"$(missing "$usage" "$text"; extra "$usage" "$text")"
}

# The first file that a page shows as an example; of a probe's page the second.
example() {
	awk -v wanted="$2" '/^\.Sh/ { on = $2 == "EXAMPLES" }
		on && /^\.Bd/ { number++; inside = 1; next }
		/^\.Ed/ { inside = 0 }
		inside && number == wanted' "$pages/$1" | sed 's/\\-/-/g'
}

# check_example NAME COMMAND...: which says that it is right
check_example() {
	name=$1
	shift
	said=$("$@" 2>&1)
	case $said in
	*": OK"*) result "$name" "" ;;
	*) result "$name" "${said:-it says nothing}" ;;
	esac
}

check_examples() {
	folder=$(mktemp -d) || return
	example pharos-fleet.yaml.5 1 >"$folder/fleet.yaml"
	example pharos-agent.yaml.5 1 >"$folder/agent.yaml"
	example pharos-collector.yaml.5 1 >"$folder/collector.yaml"
	check_example "the example of a fleet file is right" \
		"$TOP_BUILDDIR/pharos" check "$folder/fleet.yaml"
	check_example "the example of agent.yaml is right" \
		"$TOP_BUILDDIR/pharosd" -n -c "$folder/agent.yaml"
	check_example "the example of collector.yaml is right" \
		"$TOP_BUILDDIR/pharos-collectord" -n -c "$folder/collector.yaml"
	for probe in $probes; do
		{
			printf 'sites: {a: {address: 192.0.2.1}, b: {address: 192.0.2.2}}\n'
			printf 'meshes: {core: {members: [a, b]}}\n'
			example "pharos-probe-$probe.7" 2
		} >"$folder/$probe.yaml"
		check_example "the example of probe $probe is right" \
			"$TOP_BUILDDIR/pharos" check "$folder/$probe.yaml"
	done
	rm -rf "$folder"
}

commands=$("$TOP_BUILDDIR/pharos" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
labs=$("$TOP_BUILDDIR/pharos" lab --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p')
probes=$("$TOP_BUILDDIR/pharos-probe" --list | cut -d ' ' -f 1)
[ -n "$commands" ] && [ -n "$probes" ] && [ -n "$labs" ] || {
	echo "Bail out! pharos --help or pharos-probe --list names nothing"
	exit 1
}
for page in "$pages"/*.[1-8]; do
	check_lint "$page"
done
for program in $MAN_PROGRAMS; do
	check_program "$program"
done
for command in $commands; do
	check_command "$command"
done
for lab in $labs; do
	check_lab "$lab"
done
for probe in $probes; do
	check_probe "$probe"
done
check_examples
echo "1..$number"
exit $status
