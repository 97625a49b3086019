#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Benchmarks the allocators beside malloc: run.py ARCHIVE OUT [--docs FILE] ...

Builds small.c against the archive and peer.c against the C library and jemalloc, runs
them by turns, pinned to one core, and writes the medians as a table to OUT/table.md.
`--docs` also puts the table between the markers of that file. `--against ARCHIVE` adds
another implementation of the allocators to compare with, `--include` its headers.
"""

import argparse
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "include"
BEGIN, END = "<!-- bench/small/run.py writes from here -->", "<!-- to here -->"

ROWS = {
    "pairs": "64 bytes, one object at a time",
    "burst": "64 bytes, 1,000 objects, freed in another order",
    "mix": "64 bytes, 8,192 objects replaced at random",
    "mixed sizes": "16 to 4,096 bytes, 8,192 objects replaced at random",
    "request": "1,000 pieces of 32 bytes, freed at once",
    "request, mixed sizes": "1,000 pieces of 16 to 4,096 bytes, freed at once",
    "64 KiB pairs": "64 KiB, one slab at a time",
    "64 KiB burst": "64 KiB, 1,000 slabs, freed in another order",
    "4 to 256 KiB": "4 to 256 KiB, 256 slabs replaced at random",
}


def compile_program(source, program, *options):
    command = ["gcc", "-std=gnu11", "-O2", "-DNDEBUG", "-D_GNU_SOURCE", "-Wall", "-Wextra",
               HERE / source, *options, "-o", program]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def build(archive, include, out, name):
    libraries = ["-lev", "-lstdc++", "-lm", "-lpthread", "-ldl"]
    program = out / name
    done = compile_program("small.c", program, f"-I{include}", archive, *libraries)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return program


def build_peers(out):
    peers = {}
    for name, options in (("glibc", []), ("jemalloc", ["-ljemalloc"])):
        done = compile_program("peer.c", out / name, *options)
        if done.returncode == 0:
            peers[name] = out / name
        else:
            print(f"{name}: left out: {done.stderr.strip().splitlines()[-1]}")
    return peers


def run(program, core):
    """{(row, allocator): ns}"""
    done = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    cells = (line.split("\t") for line in done.stdout.splitlines())
    return {(row, allocator): float(value) for row, allocator, value in cells}


def measure(programs, rounds, core):
    """{name of the program: {(row, allocator): median ns}}"""
    figures = {name: {} for name in programs}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        for name, program in programs.items():
            for cell, value in run(program, core).items():
                figures[name].setdefault(cell, []).append(value)
    return {
        name: {cell: statistics.median(values) for cell, values in cells.items()}
        for name, cells in figures.items()
    }


def table(medians):
    """A line for each row and allocator of ours; ratios are ours to theirs."""
    others = [name for name in medians if name != "cordage"]
    head = ["ns for an allocation and its release", "allocator", "Cordage",
            *(f"{name} (ratio)" for name in others)]
    lines = [head, ["---", "---", *["--:"] * (len(head) - 2)]]
    for (row, allocator), ours in sorted(
        medians["cordage"].items(), key=lambda item: list(ROWS).index(item[0][0])
    ):
        cells = [ROWS[row], f"`{allocator}`", f"{ours:.1f}"]
        for name in others:
            theirs = medians[name].get((row, allocator), medians[name].get((row, "malloc")))
            cells.append("" if theirs is None else f"{theirs:.1f} ({ours / theirs:.2f})")
        lines.append(cells)
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def package_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                          capture_output=True, text=True, check=False)
    return f"{package} {done.stdout}" if done.returncode == 0 else ""


def machine(rounds):
    cpu = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    virtual = "virtual machine, " if " hypervisor" in pathlib.Path("/proc/cpuinfo").read_text() else ""
    versions = [package_version(name) for name in ("libc6", "libjemalloc2")]
    load = os.getloadavg()[0]
    return (f"{cpu[1] if cpu else 'unknown processor'}, {virtual}{os.cpu_count()} cores, "
            f"Linux {platform.release()}, {', '.join(filter(None, versions))}; "
            f"medians of {rounds} alternating runs, pinned; load average {load:.1f}.\n")


def put_into(file, text):
    page = file.read_text()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    file.write_text(f"{before}{BEGIN}\n{text}{END}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--against", type=pathlib.Path)
    parser.add_argument("--include", type=pathlib.Path, default=INCLUDE)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    programs = {"cordage": build(options.archive, INCLUDE, options.out, "cordage")}
    if options.against:
        programs["other"] = build(options.against, options.include, options.out, "other")
    programs.update(build_peers(options.out))
    text = machine(options.rounds) + "\n" + table(measure(programs, options.rounds, options.core))
    (options.out / "table.md").write_text(text)
    if options.docs:
        put_into(options.docs, text)
    print(text, end="")


if __name__ == "__main__":
    main()
