#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Guarded buffers (spec ltp.md 14.4).
. "$(dirname "$0")/lib.sh"

for case in good too_far too_early child_too_early; do
	run buffers $case
done
