#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Processes in both generations (spec ltp.md 7, 8, 21.2).
. "$(dirname "$0")/lib.sh"
need_root

for program in process process_2026; do
	for case in child_returns child_skips child_fails child_exits_7 child_dies \
		child_dies_expectedly validated segfaults kills_itself \
		forks_unasked no_directory broken_cleanup nothing nothing_at \
		leaves_early exits_9 exits_32 variant_skips_passes_breaks variant_fails \
		leftover daemon clones cancels main_thread_exits commands
	do
		run $program $case
	done
	# Ten threads print in any order.
	run $program threads_break | grep 'thread breaks' | sort
	run $program threads_break | grep -v 'thread breaks'
	# Killed with their parent, children may or may not be there to be killed again.
	run $program interrupts | grep -v leftover
	run LTP_TIMEOUT_MUL=0.1 $program hangs | grep -v leftover
	# So may, since 2026, the child that breaks.
	for case in child_breaks runaway siblings_stopped; do
		[ $program-$case = process-siblings_stopped ] && continue
		run $program $case | grep -v leftover
	done
done
