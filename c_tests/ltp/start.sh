#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The command line, the environment and the requirements (spec ltp.md 4 to 6, 21.3).
. "$(dirname "$0")/lib.sh"
need_root

printf 'CONFIG_MMU=y\nCONFIG_B=m\n' > "$WORK/config"
export KCONFIG_PATH=$WORK/config

run tconf
for program in start start_2026; do
	run $program options -h
	run $program ambitious -h
	run $program ambitious -V
	run $program options
	run $program options -f -w text -p 1
	run $program options -w one -w two
	run $program options -x
	run $program options -w
	run $program options extra more
	run $program colliding
	run $program hints
	run $program pass -i 3
	run $program cases -i 2
	run $program pass -i 0
	run $program pass -i abc
	run $program pass -i -1
	run $program pass -I 0.01
	run $program runtime
	run $program runtime -I 5
	run $program runtime -I 0
	# Two to six rounds, depending on the machine.
	run $program pauses -I 1 | uniq | sed -E 's/^(passed +)[2-6]$/\1some/'
	run $program endless -I inf
	run LTP_TIMEOUT_MUL=abc $program pass
	run LTP_TIMEOUT_MUL=0.01 $program pass
	run LTP_RUNTIME_MUL=1000 $program runtime
	run LTP_RUNTIME_MUL=0.1 $program runtime
	run $program no_timeout
	run $program no_timeout -h | grep 'Test '
	run LTP_RUNTIME_MUL=0.1 LTP_TIMEOUT_MUL=2 $program more_time
	for case in no_function two_functions no_count needless_count bad_runtime no_test cpus \
		memory swap foreign familiar misspelt tconf new_kernel old_kernel no_version \
		device no_config bad_config good_config no_mntpoint two_mounts lockdown commands \
		missing_commands
	do
		run $program $case
	done
	run KCONFIG_PATH=/nonexistent $program no_config
	run KCONFIG_SKIP_CHECK=1 $program no_config
	chmod 755 "$WORK"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/$program" root
	run $program ''
done
run start pass -C anything
run start_2026 pass -C anything
run start_2026 bits
run start_2026 limits
run start_2026 debug
run start_2026 debug -D
run start_2026 debug -D1
run start_2026 debug -D3
run LTP_DEBUG=1 start_2026 debug
run LTP_DEBUG=n start_2026 debug -D2
run LTP_DEBUG=loud start_2026 debug
