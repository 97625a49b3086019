#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what the build, the tests and the demo need from Debian, and says what it
# installs. Does nothing where all of it is there.
set -eu

# package=something it provides
needed="cmake=/usr/bin/cmake libev-dev=/usr/include/ev.h python3=/usr/bin/python3
	redis-tools=/usr/bin/redis-benchmark libclang1-14=/usr/lib/x86_64-linux-gnu/libclang-14.so.1
	valgrind=/usr/bin/valgrind"

missing=
for item in $needed; do
	[ -e "${item#*=}" ] || missing="$missing ${item%%=*}"
done
for tool in gcc g++ cargo rustc; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is missing: install gcc, g++ and Rust 1.95 (https://rustup.rs) first" >&2
		exit 1
	fi
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "This is not Debian: please install what its packages$missing provide." >&2
	exit 1
fi
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
