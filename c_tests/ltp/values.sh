#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Expectations (spec ltp.md 16) and arithmetic (6.3, 14.4).
. "$(dirname "$0")/lib.sh"

run expect
run arithmetic
