#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the cases of misuse.c under a memory checker: misuse.py asan|valgrind PROGRAM

A case is "clean" (the checker says nothing, leaks included), "found" (the first report
names the function of the case), or "asan" (as "found", but only AddressSanitizer can
see it, and others are not asked).

Exit status: 0 as expected, 1 not, 77 no such checker here.
"""

import re
import shutil
import subprocess
import sys

# The layout that sanitizers were made for; see setarch(8).
SETARCH = shutil.which("setarch")
FIXED = [SETARCH, "-R"] if SETARCH else []

# Lines that Valgrind's messages begin with are told apart by their number.
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite"]
COMMANDS = {"asan": FIXED, "valgrind": VALGRIND}

# A report up to the end of its first stack trace.
REPORTS = {
    "asan": r"ERROR: AddressSanitizer: (?:use-after-poison|heap-[a-z-]+).*?\n\n",
    "valgrind": r"Invalid (?:read|write|free).*?(?: Address |\n==\d+== \n)",
}


def run(tool, program, cases):
    """What each of the cases made the checker say, and the status of the last."""
    # AddressSanitizer stops at the first report, Valgrind goes on after it.
    batches = [[case] for case in cases] if tool == "asan" else [cases]
    said, status = {}, {}
    for batch in batches:
        result = subprocess.run([*COMMANDS[tool], program, *batch], timeout=300,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, check=False)
        parts = re.split(r"^case (\w+)\n", result.stdout, flags=re.MULTILINE)
        said.update(zip(parts[1::2], parts[2::2]))
        status.update(dict.fromkeys(batch, result.returncode))
    return said, status


def verdict(tool, case, expected, said, status):
    """None, or what is wrong."""
    if expected == "clean":
        return None if status == 0 and not said else f"status {status}, not clean:\n{said}"
    report = re.search(REPORTS[tool], said, re.DOTALL)
    if report is None:
        return f"not found:\n{said}"
    if not re.search(rf"\b{case}\b", report[0]):
        return f"found somewhere else:\n{said}"
    return None


def main():
    tool, program = sys.argv[1:]
    if tool == "valgrind" and shutil.which("valgrind") is None:
        print("skipped: no valgrind")
        return 77
    listing = subprocess.run([*FIXED, program], capture_output=True, text=True, check=True)
    cases = dict(line.split() for line in listing.stdout.splitlines())
    failures = 0
    for wanted in ({"clean"}, {"found", tool}):
        chosen = [case for case, expected in cases.items() if expected in wanted]
        said, status = {}, {}
        # What is clean is to be clean by itself, at its end.
        for batch in [[case] for case in chosen] if "clean" in wanted else [chosen]:
            one_said, one_status = run(tool, program, batch)
            said.update(one_said)
            status.update(one_status)
        for case in chosen:
            wrong = verdict(tool, case, cases[case], said.get(case, ""), status[case])
            print(f"{case}: {wrong or 'as expected'}", flush=True)
            failures += wrong is not None
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
