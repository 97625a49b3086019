#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Tests of huge pages in both generations (spec ltp.md 1.3, 13, 17). Root, 2 MiB pages.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16

for program in hugetlb hugetlb_2026; do
	for case in file_pages file_calls copies faults exhausted surplus small_mount list \
		threads places segment_errors attached
	do
		run $program $case
	done
	run $program segments -s 6 -i 2
done
