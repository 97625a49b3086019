#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Reports in both generations (spec ltp.md 3, 21.1).
. "$(dirname "$0")/lib.sh"

for program in report report_2026; do
	run $program truncated | sed -E 's/a{100,}/aaa.../'
	run $program types
	run $program suffixes
	run $program names | sed -E 's/^0{1999}1$/(1999 zeros)1/'
	run $program places
done
run report hexdump
run LTP_COLORIZE_OUTPUT=y report colours | sed 's/\x1b/^[/g'
run LTP_COLORIZE_OUTPUT=1 report_2026 colours | sed 's/\x1b/^[/g'
run LTP_COLORIZE_OUTPUT=n report colours
run LTP_REPRODUCIBLE_OUTPUT=1 report colours
run LTP_REPRODUCIBLE_OUTPUT=y report_2026 colours
# A terminal has colours of its own accord.
script -qec "$BIN/report hexdump" /dev/null < /dev/null | grep -c "$(printf '\033')"
run report reinit
run report atomics | uniq -c | sed -E 's/^ +//'
