#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Programs under ThreadSanitizer: tsan.sh BUILD_TYPE ARCHIVE WORK_DIRECTORY
#
# Tests with several cords are compiled with -fsanitize=thread and linked with the archive:
# their output must be as ever, with no report in it. One program with a race must be
# reported, or the others would say nothing.
#
# Exit status: 0 clean, 1 not, 77 without the sanitizer's runtime.
set -eu

build_type=$1
archive=$2
tests=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$3"
work=$(cd "$3" && pwd)

define=
[ "$build_type" = Debug ] || define=-DNDEBUG

# build SOURCE PROGRAM
build() {
	# shellcheck disable=SC2086 # empty or one word
	gcc -std=gnu11 -g -O1 -fsanitize=thread -fexceptions -D_GNU_SOURCE $define \
		-I"$tests/../include" "$1" "$archive" -lev -lstdc++ -lm -lpthread -ldl -o "$2"
}

echo 'int main(void) { return 0; }' >"$work/empty.c"
if ! gcc -fsanitize=thread "$work/empty.c" -o "$work/empty" 2>/dev/null; then
	echo "skipped: gcc has no ThreadSanitizer here (Debian: libtsan2)"
	exit 77
fi
# The kernel may put something at the sanitizer's fixed addresses if it randomises more
# than the sanitizer was made for.
run="setarch -R"
$run true 2>/dev/null || run=
if ! $run "$work/empty"; then
	echo "skipped: ThreadSanitizer does not run on this kernel"
	exit 77
fi

# report NAME: what the sanitizer or the test has to say, or nothing
report() {
	build "$tests/$1.c" "$work/program"
	if (cd "$work" && $run ./program) >"$work/out" 2>&1; then
		status=0
	else
		status=$?
	fi
	case $1 in
	# It measures memory, of which the sanitizer needs some, too.
	cord_many) grep -A 40 ThreadSanitizer "$work/out" || true ;;
	*)
		diff "$tests/$1.result" "$work/out" | head -40
		[ "$status" = 0 ] || echo "status $status"
		;;
	esac
}

failed=0
for name in bus/stress bus/in_flight bus/call bus/cancel bus/endpoint coio/call coio/task \
	coio/file cord_life cord_many small/arena_mt module/post_stress module/cord_end; do
	complaint=$(report "$name")
	if [ -z "$complaint" ]; then
		echo "$name: clean"
	else
		printf '%s:\n%s\n' "$name" "$complaint"
		failed=1
	fi
done

build "$tests/tsan/race.c" "$work/race"
if (cd "$work" && $run ./race) >"$work/race.out" 2>&1; then
	echo "race: not found"
	failed=1
elif [ "$(grep -c 'WARNING: ThreadSanitizer: data race' "$work/race.out")" != 1 ]; then
	cat "$work/race.out"
	failed=1
else
	echo "race: found"
fi
exit $failed
