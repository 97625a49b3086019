#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Proves the race test's detector with racers that really lose (spec ltp.md 20.7), and
# its behaviour in the situations of 20.6. Root, two CPUs and 2 MiB pages.
. "$(dirname "$0")/lib.sh"
need_huge_pages 16
need_cpus 2

# verdict [VARIABLE=value] program arguments: what can be the same twice.
verdict()
{
	run "$@" > "$WORK/run"
	head -1 "$WORK/run"
	echo "passed $(grep -c TPASS: "$WORK/run") failed $(grep -c TFAIL: "$WORK/run")" \
		"hints $(grep -c 'id=3935baa9bcda' "$WORK/run")"
	# Which of two racers loses is a matter of chance.
	grep -E 'TFAIL|TBROK|TCONF' "$WORK/run" |
		sed -E -e 's/race [0-9]+/race N/' -e 's/racer [12]/racer R/' \
			-e 's/Free [0-9]+ Rsvd [0-9]+ Surp [0-9]+/Free F Rsvd R Surp S/' \
			-e 's/[0-9]+ [0-9]+ [0-9]+$/F R S/' -e 's/^[a-z_]+\.[ch]:[0-9]+:/FILE:/'
	grep -E '^(exit|host)' "$WORK/run"
	echo
}

verdict hugemmap_race -n 100
verdict hugemmap_race -n 100 -m shared
verdict hugemmap_race -n 100 -m private
verdict hugemmap_race -n 50 -i 3

# Fuzzily synchronised, until the number or two seconds are used up: the histogram has
# every race in it, and in many of them the faults met.
for limit in '-n 300' '-I 2'; do
	before=$(date +%s)
	verdict hugemmap_race -f $limit
	seconds=$(($(date +%s) - before))
	[ $seconds -le 60 ] || echo "it took $seconds seconds"
	awk '/ races, start skew /{ races[$3] = $4 }
		/ overlapping /{ split($0, part, "overlapping "); met[$3] = part[2] + 0 }
		/ skew .* us: /{ binned[$3] += $(NF - ($NF ~ /#/)) }
		END { for (mode in races) print mode,
			(races[mode] > 0 && binned[mode] == races[mode] ? "all" : "some"),
			(met[mode] > races[mode] / 10 ? "met" : "missed") }' \
		"$WORK/run" | sort
done
for kind in both one; do
	verdict hugemmap_race -e $kind
	verdict hugemmap_race -e $kind -m shared
	verdict hugemmap_race -e $kind -m private
	verdict hugemmap_race -e $kind -f
done

# Without "overcommit forced to 0" a surplus page would save the loser.
echo 5 > /proc/sys/vm/nr_overcommit_hugepages
verdict hugemmap_race -e one
cat /proc/sys/vm/nr_overcommit_hugepages
echo 0 > /proc/sys/vm/nr_overcommit_hugepages

# Somebody else has reserved three pages of a pool of eight, and not touched them.
echo 8 > /proc/sys/vm/nr_hugepages
: > "$WORK/holder"
holder 3 >> "$WORK/holder" &
holder=$!
until grep -q ready "$WORK/holder"; do sleep 0.01; done
verdict hugemmap_race -n 100
verdict hugemmap_race -e one
grep -E 'HugePages_(Total|Rsvd)' /proc/meminfo
kill $holder
{ wait $holder; } 2>/dev/null
holder=
echo 0 > /proc/sys/vm/nr_hugepages

for arguments in '-m bogus' '-n 0' '-n many' '-e some'; do
	verdict hugemmap_race $arguments
done
verdict taskset -c 0 hugemmap_race
