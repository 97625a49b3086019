#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Compares what a program prints with what the module of the same sources prints in Debian's
# `tarantool`: compare.sh PROGRAM MODULE_DIRECTORY MODULE
#
# Exit status: 0 the same, 1 not, 77 without tarantool.
set -eu
program=$1 directory=$2 module=$3
if ! command -v tarantool >/dev/null; then
	echo "skipped: no tarantool (Debian: tarantool)"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" >"$work/ours"
(cd "$work" && tarantool -e "package.cpath = '$directory/?.so'; require('$module')" >theirs)
if ! cmp "$work/ours" "$work/theirs"; then
	diff "$work/ours" "$work/theirs" | head -20
	exit 1
fi
echo "$(wc -l <"$work/ours") lines, the same in both"
