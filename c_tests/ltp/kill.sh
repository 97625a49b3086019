#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Ends tests at random moments: SIGKILL to the test process, or SIGINT, SIGTERM and SIGHUP
# to the library process, which may be setting up or cleaning up. Whatever happens, the
# host must be as before. LTP_TEST_KILLS says how often (default 12; 200 takes a minute
# or two). Root, and 2 MiB pages.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16

kills=${LTP_TEST_KILLS:-12}
overcommit=$(cat /proc/sys/vm/nr_overcommit_hugepages)
trap 'echo 0 > /proc/sys/vm/nr_hugepages
      echo "$overcommit" > /proc/sys/vm/nr_overcommit_hugepages
      rm -rf "$WORK"' EXIT

# A pool and an overcommit limit that somebody might forget to restore.
echo 2 > /proc/sys/vm/nr_hugepages
echo 5 > /proc/sys/vm/nr_overcommit_hugepages

random()
{
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

# The only child of a library process is the test process.
test_process()
{
	cat "/proc/$1/task/$1/children" 2>/dev/null | cut -d' ' -f1
}

host > "$WORK/before"
n=0
bad=0
while [ $n -lt "$kills" ]; do
	n=$((n + 1))
	case $((n % 2)) in
	0) set -- victim ;;
	1) set -- hugemmap_race -n 1000000 ;;
	esac
	"$BIN/$1" ${2:-} ${3:-} > "$WORK/output" 2>&1 &
	library=$!
	case $(($(random 6))) in
	0) signal=INT ;;
	1) signal=TERM ;;
	2) signal=HUP ;;
	*) signal=KILL ;;
	esac
	if [ $signal = KILL ]; then
		while [ -d /proc/$library/task ] && [ -z "$(test_process $library)" ]; do :; done
	fi
	sleep 0.$(printf %03d "$(random 120)")
	if [ $signal = KILL ]; then
		target=$(test_process $library)
	else
		target=$library
	fi
	[ "$target" ] && kill -$signal "$target" 2>/dev/null
	# The victim never ends by itself; a signal before its first instruction is final.
	{ wait $library; } 2>/dev/null
	status=$?
	check_host > "$WORK/changes"
	if [ -s "$WORK/changes" ]; then
		bad=$((bad + 1))
		echo "kill $n: SIG$signal, exit $status:"
		cat "$WORK/changes" "$WORK/output"
	elif [ $signal = KILL ] && ! grep -q 'TBROK: Test killed!' "$WORK/output"; then
		bad=$((bad + 1))
		echo "kill $n: SIG$signal, exit $status, but no report:"
		cat "$WORK/output"
	fi
done
[ $bad = 0 ] && echo "every time the host was as before"
exit 0
