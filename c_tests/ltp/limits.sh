#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Time limits in both generations (spec ltp.md 7.4, 21.2).
. "$(dirname "$0")/lib.sh"

for program in limits limits_2026; do
	run $program no_runtime
	run $program unlimited
	run LTP_RUNTIME_MUL=0.5 LTP_TIMEOUT_MUL=2 $program new_limits
done
run limits counts_down
run limits each_case
