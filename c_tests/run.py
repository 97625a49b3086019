#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs C tests by their expected output, as the reference's runner does.

    run.py list SUITE_DIR
    run.py run SUITE_DIR NAME --program FILE --build-type TYPE --var DIR [--valgrind]

A suite is a directory with a suite.ini (spec testing.md 8). A test is a program
NAME.test; its stdout and stderr go into one pipe, and the bytes must equal
NAME.result. The exit status must be 0, or what NAME.exit says. Otherwise the
output is kept as NAME.reject under DIR/rejects, with a diff on stdout.

Exit status of `run`: 0 pass, 1 fail, 77 skipped.
"""

import argparse
import configparser
import difflib
import os
import pathlib
import shutil
import signal
import subprocess
import sys

SKIPPED = 77
# What a test of the LTP harness exits with when the machine cannot run it.
TCONF = 32


class Suite:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory).resolve()
        ini = configparser.ConfigParser(inline_comment_prefixes=(";",))
        with open(self.directory / "suite.ini", encoding="utf-8") as file:
            ini.read_file(file)
        self.options = ini["default"]
        if self.options.get("core") != "unittest":
            sys.exit(f"{self.directory}/suite.ini: core must be unittest")
        if not self.options.get("description"):
            sys.exit(f"{self.directory}/suite.ini: no description")

    def names(self, key):
        return self.options.get(key, "").split()

    def tests(self):
        sources = [p for p in self.directory.iterdir() if p.suffix in (".c", ".cc")]
        return sorted({p.stem for p in sources} - set(self.names("other_programs")))

    def skip_reason(self, name, build_type):
        if f"{name}.test" in self.names("disabled"):
            return "disabled in suite.ini"
        if build_type != "Debug" and f"{name}.test" in self.names("release_disabled"):
            return f"release_disabled in suite.ini: needs a Debug build, this is {build_type}"
        return None


def list_tests(suite):
    """One line for each test: its name, whether others may run beside it, and "valgrind" if it
    is to be run under that, too."""
    parallel = suite.options.getboolean("is_parallel", fallback=False)
    for name in suite.tests():
        valgrind = "valgrind" if name in suite.names("valgrind") else ""
        print(name, "parallel" if parallel else "serial", valgrind)


VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--error-exitcode=99"]


def execute(command, directory, timeout):
    """The merged output of the program, and its status or what became of it."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    process = subprocess.Popen(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return output, f"killed: no end after {timeout} s"
    if process.returncode < 0:
        return output, f"killed by {signal.Signals(-process.returncode).name}"
    return output, process.returncode


def difference(expected, actual, name):
    def lines(data):
        return data.decode("utf-8", "backslashreplace").splitlines(keepends=True)

    diff = difflib.unified_diff(
        lines(expected), lines(actual), f"{name}.result", f"{name}.reject"
    )
    return "".join(line if line.endswith("\n") else line + "\n\\ no newline\n" for line in diff)


def run_test(suite, arguments):
    name = arguments.name
    title = f"{suite.directory.name}/{name}.test"
    reason = suite.skip_reason(name, arguments.build_type)
    if reason is not None:
        print(f"{title} [ skip ] {reason}")
        return SKIPPED

    expected_status = 0
    exit_file = suite.directory / f"{name}.exit"
    if exit_file.exists():
        expected_status = int(exit_file.read_text())
    timeout = suite.options.getint("timeout", fallback=120)
    var = pathlib.Path(arguments.var).resolve()
    command = [os.path.abspath(arguments.program)]
    place = name
    if arguments.valgrind:
        command = VALGRIND + command
        place = f"{name}_valgrind"
        timeout *= 5
    output, status = execute(command, var / suite.directory.name / place, timeout)

    if suite.options.get("library") == "ltp" and status == TCONF and status != expected_status:
        print(output.decode("utf-8", "backslashreplace"), end="")
        print(f"{title} [ skip ] this machine cannot run it (TCONF)")
        return SKIPPED

    result = suite.directory / f"{name}.result"
    expected = result.read_bytes() if result.exists() else None
    if output == expected and status == expected_status:
        print(f"{title} [ pass ]")
        return 0

    reject = var / "rejects" / suite.directory.name / f"{place}.reject"
    reject.parent.mkdir(parents=True, exist_ok=True)
    reject.write_bytes(output)
    print(f"{title} [ fail ] output kept in {reject}")
    if expected is None:
        print(f"there is no {result}")
    elif output != expected:
        print(difference(expected, output, name), end="")
    if status != expected_status:
        print(f"status: {status}, expected {expected_status}")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list").add_argument("suite")
    run = commands.add_parser("run")
    run.add_argument("suite")
    run.add_argument("name")
    run.add_argument("--program", required=True)
    run.add_argument("--build-type", required=True)
    run.add_argument("--var", required=True)
    run.add_argument("--valgrind", action="store_true")
    arguments = parser.parse_args()

    suite = Suite(arguments.suite)
    if arguments.command == "list":
        list_tests(suite)
        return 0
    return run_test(suite, arguments)


if __name__ == "__main__":
    sys.exit(main())
