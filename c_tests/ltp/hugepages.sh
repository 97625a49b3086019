#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Reservations (spec ltp.md 13). Root, and 2 MiB pages.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16

pool()
{
	echo "$1" > /proc/sys/vm/nr_hugepages
	echo "# a pool of $(cat /proc/sys/vm/nr_hugepages)"
}

pool 0
run hugepages needs
run hugepages needs -s 4
run hugepages needs -s 0
run hugepages unasked
run hugepages dies
run hugepages helpers
pool 8
# Pages are reserved before the temporary directory is made.
for program in start start_2026; do
	run TMPDIR=relative $program tmpdir
	run TMPDIR=/nonexistent $program tmpdir
done
run hugepages needs
run hugepages shrinks
run hugepages none
run hugepages dies | grep -v 'TFAIL: SAFE_READ_MEMINFO'
cat /proc/sys/vm/nr_hugepages
pool 0

# These take most of the free memory for a moment, which others may need.
if [ "${LTP_TEST_MEMORY:-}" ]; then
	run hugepages too_many > "$WORK/too_many"
	grep -q 'TCONF: nr_hugepages = [0-9]*, but expect 1000000. Not enough' "$WORK/too_many" &&
		grep -q '^exit 32' "$WORK/too_many" || cat "$WORK/too_many"
	run hugepages absurd > "$WORK/absurd"
	grep -q 'limiting to 80% of the max hugepage count [0-9]*$' "$WORK/absurd" &&
		grep -q '^passed   3' "$WORK/absurd" && grep -q '^exit 0' "$WORK/absurd" ||
		cat "$WORK/absurd"
	grep host: "$WORK/too_many" "$WORK/absurd"
fi
exit 0
