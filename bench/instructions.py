#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts the machine instructions of an operation, and says in which functions they are.

    instructions.py --programs DIR [--only KEY,...] [ROW ...]

Valgrind's cachegrind counts every instruction of a process. A row is run twice, with
different numbers of rounds; the difference, divided by the operations, is exact but for
what happens once in many operations. Instructions of the kernel are not seen.
"""

import argparse
import collections
import pathlib
import re
import shutil
import subprocess
import tempfile

import plan
from programs import TIMEOUT, ProgramFailed, find_programs

# Rows whose operations run in one thread: (row, n, KiB of stack).
ROWS = [
    ("call_yield", 1, 0),
    ("wakeup_yield", 2, 0),
    ("reschedule", 10, 0),
    ("start_end", 0, 0),
    ("start_join", 0, 0),
    ("start_join_fresh", 0, 256),
    ("cond", 2, 0),
    ("channel_0", 2, 0),
    ("channel_128", 2, 0),
    ("sleep_0", 1, 0),
    ("region", 0, 0),
    ("mempool", 0, 0),
]
KEYS = (plan.REFERENCE, plan.OURS, "cordage_nohook")
FEW_ROUNDS, MANY_ROUNDS = 1_000, 11_000
# The hash in the name of a Rust function.
RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")


def run(program, row, n, stack, rounds):
    """(operations, {function: instructions}) of one process."""
    with tempfile.TemporaryDirectory() as directory:
        profile = pathlib.Path(directory) / "cachegrind.out"
        command, environment = program.command(
            [f"row={row}", f"n={n}", f"stack={stack}", f"rounds={rounds}"]
        )
        valgrind = [
            "valgrind",
            "--tool=cachegrind",
            "--cache-sim=no",
            f"--cachegrind-out-file={profile}",
        ]
        done = subprocess.run(
            valgrind + command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        fields = done.stdout.split("\t")
        if done.returncode != 0 or len(fields) != 5 or fields[3] != "operations":
            raise ProgramFailed(f"{done.stdout}{done.stderr}")
        functions = collections.Counter()
        name = None
        for line in profile.read_text().splitlines():
            if line.startswith("fn="):
                name = RUST_HASH.sub("", line[3:])
            elif line[:1].isdigit():
                functions[name] += int(line.split()[1])
        return float(fields[4]), functions


def per_operation(program, row, n, stack):
    """{function: instructions an operation}, the largest first."""
    few_operations, few = run(program, row, n, stack, FEW_ROUNDS)
    many_operations, many = run(program, row, n, stack, MANY_ROUNDS)
    operations = many_operations - few_operations
    counts = {name: (many[name] - few[name]) / operations for name in many}
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def count(programs, quick):
    """{row: {key of the implementation: {"total": ..., "functions": {...}}}}"""
    if shutil.which("valgrind") is None:
        print("instructions: skipped: valgrind is not installed", flush=True)
        return {}
    programs = [program for program in programs if program.key in KEYS]
    rows = ROWS
    if quick:
        rows = ROWS[:1]
        programs = [program for program in programs if program.key == plan.OURS]
    return {row: count_row(programs, row, n, stack) for row, n, stack in rows}


def count_row(programs, row, n, stack):
    result = {}
    for program in programs:
        try:
            functions = per_operation(program, row, n, stack)
        except (ProgramFailed, subprocess.TimeoutExpired) as error:
            print(f"instructions of {row}: {program.title} FAILED: {error}", flush=True)
            continue
        total = sum(functions.values())
        # What happens once in many operations, and noise.
        kept = {name: round(value, 2) for name, value in functions.items() if value >= 0.05}
        result[program.key] = {"total": round(total, 1), "functions": kept}
    totals = (f"{key} {value['total']}" for key, value in result.items())
    print(f"instructions of {row}: {', '.join(totals)}", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--only", default=",".join(KEYS))
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    programs, _ = find_programs(options.programs.resolve(), options.only.split(","))
    for row, n, stack in ROWS:
        if options.rows and row not in options.rows:
            continue
        for key, counted in count_row(programs, row, n, stack).items():
            print(f"\n{row}, {key}: {counted['total']} instructions an operation")
            for name, value in counted["functions"].items():
                print(f"  {value:8.2f}  {name}")
        print()


if __name__ == "__main__":
    main()
