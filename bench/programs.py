# SPDX-License-Identifier: BSD-2-Clause
"""The implementations as programs that can be run (harness/bench.h says how)."""

import os
import pathlib
import shutil
import subprocess
import sys

import plan

# Seconds; a process that takes longer hangs.
TIMEOUT = 200


class ProgramFailed(Exception):
    """It crashed, hung, or answered something else."""


class Program:
    """An implementation that can be run here."""

    def __init__(self, implementation, programs, prefix):
        self.key = implementation.key
        self.title = implementation.title
        self.variant = implementation.variant
        self.prefix = prefix
        self.environment = dict(os.environ, RUST_BACKTRACE="0")
        if self.key == plan.REFERENCE:
            self.module = programs / "fiber_bench.so"
            self.executable = pathlib.Path(shutil.which("tarantool") or "tarantool")
        else:
            self.module = None
            self.executable = programs / self.key

    def missing(self):
        """Why it cannot be run, or None."""
        for file in (self.module, self.executable):
            if file is not None and not file.exists():
                return f"{file} does not exist"
        return None

    def command(self, arguments):
        """The command line without the prefix, and its environment."""
        if self.module is None:
            return [str(self.executable), *arguments], self.environment
        script = f"package.cpath = '{self.module.parent}/?.so'; require('{self.module.stem}')"
        environment = dict(self.environment, BENCH_ARGS=" ".join(arguments))
        return [str(self.executable), "-e", script], environment

    def run(self, arguments):
        command, environment = self.command(arguments)
        try:
            done = subprocess.run(
                self.prefix + command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ProgramFailed(f"more than {TIMEOUT} s") from error
        if done.returncode != 0:
            raise ProgramFailed(f"status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def rows(self):
        return self.run(["rows"]).split()

    def measure(self, line, milliseconds):
        """(unit, value), where the unit may be "limit"."""
        arguments = [f"row={line.row}", f"n={line.n}", f"stack={line.stack}", f"ms={milliseconds}"]
        answer = self.run(arguments)
        fields = answer.split("\t")
        if len(fields) != 5 or fields[0] != line.row or fields[3] not in (line.unit, "limit"):
            raise ProgramFailed(f"it answered {answer!r}")
        return fields[3], float(fields[4])


def find_programs(programs, only, prefix=()):
    """The programs to run, with `prefix` before their command lines, and what was skipped
    for which reason."""
    found, skipped = [], {}
    for implementation in plan.IMPLEMENTATIONS:
        program = Program(implementation, programs, list(prefix))
        reason = program.missing()
        if only and implementation.key not in only:
            continue
        if reason is None:
            found.append(program)
        else:
            skipped[implementation.key] = reason
            print(f"skipped: {implementation.title}: {reason}", flush=True)
    if plan.OURS not in [program.key for program in found]:
        sys.exit(f"{programs}/{plan.OURS} is not built")
    return found, skipped
