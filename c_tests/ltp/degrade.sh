#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Where rights or kernel features are missing the harness says TCONF and why (spec ltp.md
# 4, 13; never a crash). Root, who gives up or hides what the harness needs.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16
need_cpus 2

chmod 755 "$WORK"
chmod 1777 "$TMPDIR"

# in_namespace 'what is different' program arguments: in a mount name space of its own,
# which standard input prepares.
in_namespace()
{
	title=$1
	shift
	cat > "$WORK/prepare"
	run unshare --mount sh -c '. "$0"; exec "$@"' "$WORK/prepare" "$@" |
		sed -E -e "1s|.*|\$ ($title) $*|" -e 's/c:[0-9]+:/c:N:/'
}

nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'

# Not root; root without the right to mount; root of a name space only, to whom the rest of
# the machine belongs, or does not.
run $nobody "$BIN/hugemmap_race"
run $nobody "$BIN/hugepages" needs
run $nobody "$BIN/start" pass
run $nobody "$BIN/fuzzy" by_number | grep -v '^tst_fuzzy_sync.h: TINFO'
run setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$BIN/hugemmap_race" -n 1
run unshare --user --map-root-user "$BIN/hugemmap_race"
run $nobody unshare --user --map-root-user "$BIN/hugemmap_race"

echo 0 > "$WORK/online"
in_namespace 'one CPU online' hugemmap_race <<END
mount --bind "$WORK/online" /sys/devices/system/cpu/online
END

in_namespace 'locked down' start lockdown <<END
mount -t tmpfs none /sys/kernel/security
echo 'none [integrity] confidentiality' > /sys/kernel/security/lockdown
END
in_namespace 'booted securely' start lockdown <<END
mount -t tmpfs none /sys/firmware
mkdir -p /sys/firmware/efi/efivars
printf '\006\000\000\000\001' \
	> /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
END

no_pages='mount -t tmpfs none /sys/kernel/mm'
for test in hugemmap_race 'hugepages needs' 'hugepages shrinks' 'hugetlb_2026 file_pages'; do
	echo "$no_pages" | in_namespace 'no huge pages in the kernel' $test
done

# As in a container.
read_only='mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys'
for test in hugemmap_race 'hugepages needs' 'state sysctl'; do
	echo "$read_only" | in_namespace '/proc/sys read-only' $test
done
echo 'mount -o remount,ro,bind /sys' |
	in_namespace '/sys read-only' hugemmap_race -n 20 -m shared |
	grep -v -e 'shared: 20 races, start' -e 'racing on CPUs'
echo 'mount -t tmpfs none /proc' | in_namespace 'no /proc' hugemmap_race
echo 'mount -t tmpfs none /proc' | in_namespace 'no /proc' start pass

# No file may be as large as the page of results; 4 blocks are 2 KiB.
run sh -c 'ulimit -f 4; exec hugepages needs'

# Results live in TMPDIR, or nowhere.
echo 'mount -t tmpfs -o ro none /dev/shm' |
	in_namespace '/dev/shm read-only' checkpoint executed
echo 'mount -t tmpfs none /dev' | in_namespace 'no /dev/shm' report places
in_namespace '/dev/shm and TMPDIR read-only' start pass <<END
mount -t tmpfs -o ro none /dev/shm
mount -t tmpfs -o ro none "$TMPDIR"
END
