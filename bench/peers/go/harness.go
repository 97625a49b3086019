// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// The rules of ../../harness/bench.h, in Go.

type kind int

const (
	repeated kind = iota
	once
	memory
)

type row struct {
	name    string
	kind    kind
	prepare func()
	// Does so many rounds and returns how many operations those were.
	run func(rounds int) int
}

// Number of goroutines.
var n = 2

var (
	stackKiB    = 0
	target      = 100 * time.Millisecond
	exactRounds = 0
)

func die(v ...any) {
	fmt.Fprintln(os.Stderr, v...)
	os.Exit(1)
}

func procBytes(path, key string) int {
	file, err := os.Open(path)
	if err != nil {
		die(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == key {
			kib, _ := strconv.Atoi(fields[1])
			return kib * 1024
		}
	}
	die("no", key, "in", path)
	return 0
}

func residentBytes() int {
	return procBytes("/proc/self/smaps_rollup", "Rss:") +
		procBytes("/proc/self/status", "VmPTE:")
}

func timeOfRounds(r row, rounds int) (elapsed time.Duration, perOperation float64) {
	start := time.Now()
	operations := r.run(rounds)
	elapsed = time.Since(start)
	return elapsed, float64(elapsed.Nanoseconds()) / float64(operations)
}

func measure(r row) (unit string, value float64) {
	if r.prepare != nil {
		r.prepare()
	}
	switch {
	case r.kind == memory:
		before := residentBytes()
		operations := r.run(1)
		return "bytes", float64(residentBytes()-before) / float64(operations)
	case exactRounds > 0:
		return "operations", float64(r.run(exactRounds))
	case r.kind == once:
		_, value = timeOfRounds(r, 1)
		return "ns", value
	}
	rounds := 1
	elapsed, _ := timeOfRounds(r, rounds)
	for elapsed < target/4 {
		rounds *= 2
		elapsed, _ = timeOfRounds(r, rounds)
	}
	rounds = int(float64(rounds)*float64(target)/float64(elapsed)) + 1
	_, value = timeOfRounds(r, rounds)
	return "ns", value
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "rows" {
		for _, r := range rows {
			fmt.Println(r.name)
		}
		return
	}
	var chosen *row
	for _, argument := range os.Args[1:] {
		key, value, _ := strings.Cut(argument, "=")
		number, _ := strconv.Atoi(value)
		switch key {
		case "row":
			for i := range rows {
				if rows[i].name == value {
					chosen = &rows[i]
				}
			}
		case "n":
			n = number
		case "stack":
			stackKiB = number
		case "ms":
			target = time.Duration(number) * time.Millisecond
		case "rounds":
			exactRounds = number
		default:
			die("no argument", key)
		}
	}
	if chosen == nil {
		die("which row?")
	}
	unit, value := measure(*chosen)
	fmt.Printf("%s\t%d\t%d\t%s\t%.2f\n", chosen.name, n, stackKiB, unit, value)
	os.Exit(0)
}
