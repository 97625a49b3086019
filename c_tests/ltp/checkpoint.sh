#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checkpoints, and programs that join a run (spec ltp.md 7.2, 10).
. "$(dirname "$0")/lib.sh"

for case in child_wakes parent_wakes_two handshake crowd executed nobody_wakes errors unasked
do
	run checkpoint $case
done
before=$(date +%s)
run checkpoint nobody_waits
seconds=$(($(date +%s) - before))
[ $seconds -ge 9 ] && [ $seconds -le 30 ] || echo "it took $seconds seconds"
run LTP_IPC_PATH=/nonexistent checkpoint reinit
run LTP_IPC_PATH=/dev/null checkpoint reinit
head -c 65536 /dev/zero > "$WORK/zeros"
run LTP_IPC_PATH="$WORK/zeros" checkpoint reinit | sed "s#$WORK#WORK#"
