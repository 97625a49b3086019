#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Fuzzy synchronisation (spec ltp.md 19). What it measures in races is different every time.
. "$(dirname "$0")/lib.sh"
need_cpus 2

for case in averages randomness noise coincidence half_time; do
	run fuzzy_statistics $case
done
for case in collide by_number by_time on_one_cpu a_breaks counters_wrap bounds; do
	run fuzzy $case | grep -v '^tst_fuzzy_sync.h: TINFO'
done
