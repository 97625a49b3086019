#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the benchmark and writes its results.

    run.py --programs DIR --out DIR [--quick] [--docs FILE] [--only KEY,...] ...

Each measurement is a process of its own, pinned to one core. For every line of a table
the implementations take turns, round after round, so that whatever else the machine does
hits them alike; what counts is the median of the rounds. The driver and the rows are
described in harness/bench.h, the lines in plan.py.

Writes into the output directory results.json (every single figure), table.tsv, report.md
and the plots; `--docs` also puts the report between the markers of that file.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import instructions
import machine
import plan
import report
from programs import ProgramFailed, find_programs

HERE = pathlib.Path(__file__).resolve().parent


def measure_line(line, programs, rounds, milliseconds):
    """{key of the implementation: {"unit": ..., "values": [...]}}"""
    cells = {program.key: {"unit": line.unit, "values": []} for program in programs}
    for _ in range(rounds):
        for program in programs:
            cell = cells[program.key]
            # More of a limit or a failure is not worth the time.
            if cell["unit"] != line.unit:
                continue
            try:
                unit, value = program.measure(line, milliseconds)
            except ProgramFailed as error:
                print(f"{line.key}: {program.title} FAILED: {error}", flush=True)
                cells[program.key] = {"unit": "failed", "values": []}
                continue
            if unit == "limit":
                cell["values"].clear()
            cell["unit"] = unit
            cell["values"].append(value)
    return cells


def measure_lines(lines, programs, rounds, milliseconds):
    rows = {program.key: program.rows() for program in programs}
    results = []
    for line in lines:
        needed, available = line.n * plan.GROWTH_BYTES, machine.available_bytes()
        if needed > available:
            reason = f"needs {needed >> 20} MiB, {available >> 20} MiB are available"
            print(f"{line.key}: skipped: {reason}", flush=True)
            results.append({"key": line.key, "skipped": reason, "cells": {}})
            continue
        able = [program for program in programs if line.row in rows[program.key]]
        cells = measure_line(line, able, rounds, milliseconds)
        results.append({"key": line.key, "cells": cells})
        print(f"{line.key}: {report.summary(cells)}", flush=True)
    return results


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="only see that everything works")
    parser.add_argument("--only", help="implementations, separated by commas")
    parser.add_argument("--rows", help="rows, separated by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ms", type=int, default=100, help="length of a measurement")
    parser.add_argument("--max-n", type=int, default=plan.GROWTH_COUNTS[-1],
                        help="the most fibers in the growth tables; 0 leaves them out")
    parser.add_argument("--realtime", action="store_true",
                        help="let nothing else run on the core (SCHED_FIFO), on a busy machine")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    return parser.parse_args()


def main():
    options = arguments()
    only = options.only.split(",") if options.only else None
    prefix = ["taskset", "-c", str(options.core)]
    if options.realtime:
        prefix += ["chrt", "--fifo", "1"]
    programs, skipped = find_programs(options.programs.resolve(), only, prefix)
    options.out.mkdir(parents=True, exist_ok=True)

    lines = plan.LINES
    growth = plan.growth_lines([n for n in plan.GROWTH_COUNTS if n <= options.max_n])
    rounds, milliseconds = options.rounds, options.ms
    if options.quick:
        lines, growth, rounds, milliseconds = plan.QUICK_LINES, [], 1, 2
    if options.rows:
        rows = options.rows.split(",")
        lines = [line for line in lines if line.row in rows]
        growth = [line for line in growth if line.row in rows]

    before = machine.describe(options.core)
    competitors = [program for program in programs if not program.variant]
    results = {
        "machine": before,
        "rounds": rounds,
        "milliseconds": milliseconds,
        "realtime": options.realtime,
        "skipped": skipped,
        "lines": measure_lines(lines, programs, rounds, milliseconds),
        "growth": measure_lines(growth, competitors, rounds, milliseconds),
        "instructions": instructions.count(programs, options.quick),
    }
    before["load_after"] = machine.load()
    (options.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    report.write(results, lines, growth, options.out, options.docs)
    # Debian's Python, for which Debian's matplotlib is.
    subprocess.run(["/usr/bin/python3", HERE / "plot.py", options.out], check=True)
    measured = [*results["lines"], *results["growth"]]
    if any(cell["unit"] == "failed" for line in measured for cell in line["cells"].values()):
        sys.exit("a program failed, see above")


if __name__ == "__main__":
    main()
