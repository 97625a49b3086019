#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Ends tests at 200 random moments, and the host must be as before (programs/killer.c).
# LTP_TEST_KILLS asks for another number. Root, and 2 MiB pages.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16
need_cpus 2

# A pool and an overcommit limit that somebody might forget to restore.
echo 2 > /proc/sys/vm/nr_hugepages
echo 5 > /proc/sys/vm/nr_overcommit_hugepages

killer "$WORK" "${LTP_TEST_KILLS:-200}" > "$WORK/killed"
status=$?
sed 's/^[0-9]* kills, [0-9]* stops: //' "$WORK/killed"
exit $status
