#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Where rights or kernel features are missing the harness says TCONF and why (spec ltp.md
# 4, 13; never a crash). Root, who gives up or hides what the harness needs.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16
need_cpus 2

chmod 755 "$WORK"
chmod 1777 "$TMPDIR"

# in_namespace 'commands' program arguments: a mount name space of its own.
in_namespace()
{
	prepare=$1
	shift
	run unshare --mount sh -c "$prepare; exec \"\$@\"" sh "$@" |
		sed -E -e "1s|.*|\$ ($prepare) $*|" -e 's/c:[0-9]+:/c:N:/'
}

# Not root; and root without the right to mount.
run setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/hugemmap_race"
run setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/hugepages" needs
run setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/start" pass
run setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$BIN/hugemmap_race" -n 1
run unshare --user --map-root-user "$BIN/hugemmap_race"

# No huge pages in the kernel.
no_pages='mount -t tmpfs none /sys/kernel/mm'
in_namespace "$no_pages" hugemmap_race
in_namespace "$no_pages" hugepages needs
in_namespace "$no_pages" hugepages shrinks

# A container: neither /proc/sys nor /sys can be written.
read_only='mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys'
in_namespace "$read_only" hugemmap_race
in_namespace "$read_only" hugepages needs
in_namespace "$read_only" state sysctl
in_namespace 'mount -o remount,ro,bind /sys' hugemmap_race -n 20 -m shared |
	grep -v -e 'shared: 20 races, start' -e 'racing on CPUs'

# /dev/shm is not writable, or not there: results live in TMPDIR.
in_namespace 'mount -t tmpfs -o ro none /dev/shm' checkpoint executed
in_namespace 'mount -t tmpfs none /dev' report places
