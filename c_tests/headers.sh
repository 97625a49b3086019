#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Compiles every public header alone, and all of them in both orders, as C11 (strict and
# with GNU extensions) and C++11, for Debug and Release, with every compiler there is:
# no header may need another one to come first, nor warn. A header alone needs no macros,
# and asks libc for what fiber.h needs after it; those for modules do not. Before several,
# _GNU_SOURCE is defined, as the CMake target cordage::cordage does.
#
#     headers.sh            about half a minute
#     headers.sh --pairs    every ordered pair of headers as well: minutes
#
# Exit status: 0 clean, 1 not; the first complaint about each header is shown.
set -eu

include=$(cd "$(dirname "$0")/../include" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One line a check: compiler, language, standard, NDEBUG or -, headers.
: >"$work/checks"
headers=$(cd "$include" && find . -name '*.h' ! -path './ltp/*' | sed 's|^\./||' | LC_ALL=C sort)
reversed=$(echo "$headers" | LC_ALL=C sort -r)

# All checks of one compiler: check_with COMPILER LANGUAGE STANDARD...
check_with() {
	compiler=$1 language=$2
	shift 2
	command -v "$compiler" >/dev/null || return 0
	for standard; do
		for ndebug in - NDEBUG; do
			for header in $headers; do
				echo "$compiler $language $standard $ndebug $header"
			done
			# shellcheck disable=SC2086 # names without spaces
			echo "$compiler $language $standard $ndebug" $headers
			# shellcheck disable=SC2086
			echo "$compiler $language $standard $ndebug" $reversed
		done
	done >>"$work/checks"
}

check_with gcc c c11 gnu11
check_with clang c c11 gnu11
check_with g++ c++ c++11 gnu++11
check_with clang++ c++ c++11 gnu++11

if [ "${1:-}" = --pairs ]; then
	for first in $headers; do
		for second in $headers; do
			[ "$first" = "$second" ] || {
				echo "gcc c c11 - $first $second"
				echo "g++ c++ c++11 - $first $second"
			}
		done
	done >>"$work/checks"
fi

cat >"$work/check" <<'SCRIPT'
#!/bin/sh
compiler=$1 language=$2 standard=$3 ndebug=$4
shift 4
define=
[ "$ndebug" = - ] || define=-DNDEBUG
# C++ compilers define it anyway.
[ $# = 1 ] || [ "$language" = c++ ] || define="$define -D_GNU_SOURCE"
case $*,$language in
*\ *,* | module* | tarantool/* | box/* | trivia/compiler.h,* | clock.h,*) ;;
*,c) set -- "$1" fiber.h ;;
esac
if ! output=$(for header; do echo "#include \"$header\""; done |
	"$compiler" -x "$language" -std="$standard" $define -Wall -Wextra -Werror \
		-fsyntax-only -I"$INCLUDE" - 2>&1); then
	[ $# -le 2 ] && what=$* || what="all, from $1"
	printf '%s -std=%s %s: %s\n%s\n' "$compiler" "$standard" "$define" "$what" \
		"$(echo "$output" | grep -m 1 -A 2 'error')"
fi
SCRIPT
chmod +x "$work/check"

INCLUDE=$include xargs -P "$(nproc)" -L 1 "$work/check" <"$work/checks" >"$work/complaints"
cat "$work/complaints"
echo "$(wc -l <"$work/checks") checks of $(echo "$headers" | wc -l) headers"
[ ! -s "$work/complaints" ]
