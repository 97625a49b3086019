#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# make demo: C programs on our fibers. demo.sh BUILD_DIRECTORY
#
# 1. The RESP server under Debian's redis-benchmark and redis-cli, in one cord and in three.
# 2. fiber_stack: the failure of a guard, reported as the first seed's patches promise;
#    the listing of error injections; a module that only looks at box_error_last().
# 3. The second seed's race of two page faults for the last huge page.
set -eu
build=$1
server=$build/Release/examples/resp_server
log=$(mktemp)
server_pid=

stop_server() {
	[ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
	rm -f "$log"
}
trap stop_server EXIT INT TERM

# start_server ARGUMENT...: sets server_pid and port.
start_server() {
	"$server" -p 0 "$@" >"$log" 2>&1 &
	server_pid=$!
	port=
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$log")
		[ -z "$port" ] || break
		sleep 0.2
	done
	if [ -z "$port" ]; then
		echo "the server does not start:" >&2
		cat "$log" >&2
		exit 1
	fi
	echo "listening on port $port"
}

cli() {
	redis-cli -p "$port" "$@"
}

benchmark() {
	echo
	echo "redis-benchmark, requests per second:"
	redis-benchmark -p "$port" -q -t "$1" -c 50 -n 100000 2>/dev/null |
		tr '\r' '\n' | grep 'requests per second'
	redis-benchmark -p "$port" -q -t set,get -c 50 -n 400000 -P 16 2>/dev/null |
		tr '\r' '\n' | grep 'requests per second' | sed 's/$/ (pipeline of 16)/'
}

# While a thousand clients are connected, and redis-cli.
info_under_load() {
	redis-benchmark -p "$port" -q -t get -c 1000 -n 200000 >/dev/null 2>&1 &
	benchmark_pid=$!
	info=
	while kill -0 "$benchmark_pid" 2>/dev/null; do
		info=$(cli INFO | tr -d '\r')
		connections=$(echo "$info" | sed -n 's/^connections://p')
		[ "$connections" -lt 1001 ] || break
		sleep 0.05
	done
	echo
	echo "with 1000 clients connected:"
	echo "$info" | sed 's/^/  /'
	wait "$benchmark_pid"
}

end_server() {
	kill -TERM "$server_pid"
	wait "$server_pid"
	server_pid=
	echo "SIGTERM: the server has closed every connection and ended with status 0"
}

echo "== A RESP server, one fiber a connection"
start_server
printf 'SET greeting hello -> %s\n' "$(cli SET greeting hello)"
printf 'GET greeting       -> %s\n' "$(cli GET greeting)"
printf 'INCR counter       -> %s\n' "$(cli INCR counter)"
printf 'FLY                -> %s\n' "$(cli FLY 2>&1)"
benchmark ping_mbulk,set,get,incr
info_under_load
end_server

echo
echo "== The same with worker cords: one accepts, two serve what it sends them over the bus"
start_server -w 2
benchmark set,get
info_under_load
end_server

echo
echo "== fiber_stack: what a failed guard does"
if ! ctest --test-dir "$build/Debug" -R '^c_tests/(fiber_stack|errinj|module_diag)$' \
	--output-on-failure >"$log"; then
	cat "$log"
	exit 1
fi
grep 'Test  *#' "$log"
(cd "$(mktemp -d)" && "$OLDPWD/$build/Debug/c_tests/c_tests/fiber_stack.test" 2>&1 | cat)

echo
echo "== Two page faults race for the last huge page"
for mode in shared private; do
	status=0
	"$build/Release/c_tests/ltp/programs/hugemmap_race" -m "$mode" || status=$?
	case $status in
	0) echo "-> $mode: passed" ;;
	32) echo "-> $mode: this machine cannot run it (see TCONF above)" ;;
	*) echo "-> $mode: exit status $status"; exit 1 ;;
	esac
done
