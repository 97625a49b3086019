#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The state of the host (spec ltp.md 11, 12, 14, 21.4). Root.
# The domain name is changed in a name space where nobody else sees it.
[ "${LTP_SCRIPT_UTS:-}" ] || LTP_SCRIPT_UTS=1 exec unshare --uts sh "$0" "$@"
. "$(dirname "$0")/lib.sh"
need_root

domain=$(cat /proc/sys/kernel/domainname)
for case in sysctl missing_tbrok missing_tconf readonly_tbrok readonly_tconf readonly_skip \
	rejected rejected_ignored save_and_die save_often missing_item full_device \
	taint_check_first taint_field bad_mount no_directory segment
do
	run state $case
	[ "$(cat /proc/sys/kernel/domainname)" = "$domain" ] || echo "domain name changed"
done
run LTP_TIMEOUT_MUL=0.1 state sysctl_hang
[ "$(cat /proc/sys/kernel/domainname)" = "$domain" ] || echo "domain name changed"

swappiness=$(cat /proc/sys/vm/swappiness)
run state long_values
echo "$swappiness" > /proc/sys/vm/swappiness

run state files
run state mounts
cd "$WORK" && echo contents > state.resource
run state directories
run state system_facts

# The clock has no name space, and a jump may confuse whatever else is running.
if [ "${LTP_TEST_CLOCK:-}" ]; then
	before=$(date +%s)
	run state clock > /dev/null
	after=$(date +%s)
	[ $((after - before)) -ge 0 ] && [ $((after - before)) -lt 60 ] ||
		echo "the clock is wrong"
fi

# Taint flags cannot be taken back, so what is set stays what it was.
tainted=$(cat /proc/sys/kernel/tainted)
[ "$tainted" = 0 ] && run state taint -m 512
[ "$tainted" = 0 ] && run state taint -m 0
