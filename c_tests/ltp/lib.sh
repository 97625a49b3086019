# SPDX-License-Identifier: BSD-2-Clause
# What the scripts of this directory share. A script runs the programs of programs/ and
# prints what its .result file holds: for every run the command, the merged output,
# the exit code, and "host: ..." if the host is not what it was before. The directory
# of the compiled programs is its argument, or LTP_BIN.
#
# Only what cannot be the same twice, or on two machines, is replaced: directories in
# front of __FILE__, the place in the library or its headers that issued a line, process
# ids, addresses, the random ends of names, and the names of machine and filesystem.

set -u
# Some programs say what number their first descriptor has.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
BIN=$(cd "${1:-$LTP_BIN}" && pwd) || exit 99
PATH=$BIN:$PATH
unset LTP_COLORIZE_OUTPUT LTP_DEBUG LTP_REPRODUCIBLE_OUTPUT LTP_RUNTIME_MUL LTP_TIMEOUT_MUL
unset KCONFIG_PATH KCONFIG_SKIP_CHECK

# TCONF, which the runner takes for a skip.
skip()
{
	echo "$1"
	exit 32
}

need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# Root in a container may lack the right.
need_mounts()
{
	unshare --mount true 2>/dev/null || skip "needs the right to mount"
}

# From here on the pool is empty and must not grow by itself.
need_huge_pages()
{
	need_root
	need_mounts
	grep -q 'Hugepagesize: *2048 kB' /proc/meminfo || skip "needs huge pages of 2 MiB"
	keep nr_hugepages
	keep nr_overcommit_hugepages
	echo "$1" > /proc/sys/vm/nr_hugepages 2>/dev/null
	got=$(cat /proc/sys/vm/nr_hugepages)
	echo 0 > /proc/sys/vm/nr_hugepages 2>/dev/null
	echo 0 > /proc/sys/vm/nr_overcommit_hugepages 2>/dev/null
	[ "$got" = "$1" ] || skip "needs $1 huge pages"
}

need_cpus()
{
	[ "$(nproc)" -ge "$1" ] || skip "needs $1 CPUs"
}

# keep NAME: /proc/sys/vm/NAME will be again what it is now.
kept=
keep()
{
	kept="$kept $1=$(cat "/proc/sys/vm/$1")"
}

# holder is a process that some scripts run beside the test.
holder=
leave()
{
	[ "$holder" ] && kill "$holder" 2>/dev/null
	for value in $kept; do
		echo "${value#*=}" > "/proc/sys/vm/${value%=*}"
	done
	rm -rf "$WORK"
}

WORK=$(mktemp -d /tmp/ltp-script.XXXXXX)
trap leave EXIT
# A shell that dies of a signal does not do what it was to do at its exit.
trap 'exit 1' HUP INT PIPE TERM
export TMPDIR=$WORK/tmp
mkdir -m 1777 "$TMPDIR"
# The mark by which programs/host.h knows the processes of this script.
export LTP_SCRIPT_RUN=$$-$WORK

normalise()
{
	sed -E \
		-e 's#^src/((capi|shim)/)?ltp/[a-z_]+\.(rs|c):[0-9]+: #ltp: #' \
		-e 's#^[^ ]*/([a-z_0-9]+\.[ch]:[0-9]+: )#\1#' \
		-e 's#^(tst_[a-z_]+\.h):[0-9]+: #\1: #' \
		-e "s#$BIN/##g" \
		-e "s#$TMPDIR#TMPDIR#g" \
		-e "s#$WORK#WORK#g" \
		-e 's#(LTP|ltp)_([a-z]{3})[A-Za-z0-9]{6}#\1_\2XXXXXX#g' \
		-e 's#(/ltp_[a-z_]+_)[0-9]+#\1PID#' \
		-e 's#Cordage [0-9.]+#Cordage#' \
		-e 's#(Tested kernel: ).*#\1KERNEL#' \
		-e 's#(Child|child) \([0-9]+\)#\1 (PID)#' \
		-e 's#(Child) [0-9]+:#\1 PID:#' \
		-e 's#(pid[ =]|kill\()[0-9]+#\1PID#' \
		-e 's#\((.*) filesystem\)$#(FS filesystem)#' \
		-e "s#'$(uname -m)' is not#'MACHINE' is not#" \
		-e 's#machine=[^ ]+#machine=MACHINE#' \
		-e 's#(memory segment) [0-9]+#\1 ID#' \
		-e 's#0x[0-9a-f]{9,}#PTR#g'
}

# Says what is not as it was before the last command.
check_host()
{
	host "$WORK" > "$WORK/after"
	diff "$WORK/before" "$WORK/after" | sed -n -e "s#$WORK#WORK#g" -e 's/^[<>]/host: &/p'
}

# run [VARIABLE=value ...] program [arguments]
run()
{
	echo "\$ $*" | normalise
	host "$WORK" > "$WORK/before"
	env "$@" > "$WORK/output" 2>&1
	status=$?
	normalise < "$WORK/output"
	echo "exit $status"
	check_host
	echo
}

