#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what the build, the tests and the demo need from Debian, or what the arguments
# name as PACKAGE=FILE-IN-IT, and says what it installs. Does nothing where all of it is
# there.
set -eu

for tool in gcc g++ cargo rustc; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is missing: install gcc, g++ and Rust 1.95 (https://rustup.rs) first" >&2
		exit 1
	fi
done

missing=
# need PACKAGE COMMAND...: the command succeeds where the package is not missing.
need() {
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}
has_header() {
	echo "#include <$1>" | gcc -E -
}
if [ $# -gt 0 ]; then
	for item; do
		need "${item%%=*}" test -e "${item#*=}"
	done
else
	need cmake command -v cmake
	need libev-dev has_header ev.h
	need python3 command -v python3
	need redis-tools command -v redis-benchmark
	need valgrind command -v valgrind
fi

if ! command -v apt-get >/dev/null; then
	[ -n "$missing" ] || exit 0
	echo "This is not Debian: please install what its packages$missing provide." >&2
	exit 1
fi
# For the test of the checked-in bindings, which does without.
[ $# -gt 0 ] || need libclang1-14 test -e /usr/lib/x86_64-linux-gnu/libclang-14.so.1
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "Not root, and no sudo: please run: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "installing from Debian:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
