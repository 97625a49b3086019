#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The state of the host (spec ltp.md 11, 12, 14, 21.4). Root.
# The domain name and some mounts are changed in name spaces where nobody else sees it.
[ "${LTP_SCRIPT_NAMESPACE:-}" ] || ! unshare --uts --mount true 2>/dev/null ||
	LTP_SCRIPT_NAMESPACE=1 exec unshare --uts --mount sh "$0" "$@"
. "$(dirname "$0")/lib.sh"
need_root
[ "${LTP_SCRIPT_NAMESPACE:-}" ] || skip "needs name spaces"

domain=$(cat /proc/sys/kernel/domainname)
for case in sysctl missing_tbrok missing_tconf readonly_tbrok readonly_tconf readonly_skip \
	rejected rejected_ignored save_and_die save_often missing_item full_device \
	taint_check_first bad_mount no_directory segment
do
	run state $case
	[ "$(cat /proc/sys/kernel/domainname)" = "$domain" ] || echo "domain name changed"
done
run LTP_TIMEOUT_MUL=0.1 state sysctl_hang
[ "$(cat /proc/sys/kernel/domainname)" = "$domain" ] || echo "domain name changed"

keep swappiness
run state long_values

run state files
# How often it takes depends on the machine.
run state mounts | grep -v 'EBUSY, try *[2-9]'
cd "$WORK" && echo contents > state.resource
run state directories
run state system_facts
(ulimit -c 0; run setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
	state no_core_file)

# The clock has no name space, and a jump may confuse whatever else is running.
if [ "${LTP_TEST_CLOCK:-}" ]; then
	before=$(date +%s)
	run state clock > /dev/null
	after=$(date +%s)
	[ $((after - before)) -ge 0 ] && [ $((after - before)) -lt 60 ] ||
		echo "the clock is wrong"
fi

# Flags of the kernel cannot be taken back, so these are a file: 512 is a warning.
echo 0 > "$WORK/tainted"
mount --bind "$WORK/tainted" /proc/sys/kernel/tainted
run state taint -m 512
run state taint -m 0
run state taint_field
run state taint_field
echo 640 > "$WORK/tainted"
run state taint -m 512
run state taint -m 640
umount /proc/sys/kernel/tainted
