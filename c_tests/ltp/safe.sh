#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# SAFE_* (spec ltp.md 15, 18); of 2026 only what differs.
. "$(dirname "$0")/lib.sh"
need_root

run safe
run safe_2026 -D > "$WORK/newer"
grep -E 'mmap|mprotect|read\(|^exit|^host' "$WORK/newer"
