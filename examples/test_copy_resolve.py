#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs copy_resolve on files, slow pipes and numeric names, good and bad ones.

    test_copy_resolve.py PROGRAM [--fibers N] [--valgrind]

With --valgrind the program must end without an invalid access and without a leak.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

TIMEOUT = 120
SUMMARY = re.compile(r"(\d+) fibers have ticked (\d+) times; the longest pause was (\d+) ms")


class Runner:
    def __init__(self, program, fibers, valgrind):
        self.command = [program, "-t", str(fibers)]
        self.fibers = fibers
        if valgrind:
            checks = ["--leak-check=full", "--show-leak-kinds=all", "--error-exitcode=99"]
            self.command = ["valgrind", "--quiet", *checks, *self.command]

    def run(self, *arguments):
        """Status, lines of stdout without the summary, stderr, and how often fibers ticked."""
        done = subprocess.run(
            [*self.command, *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT
        )
        *lines, last = done.stdout.splitlines() or [""]
        summary = SUMMARY.fullmatch(last)
        assert summary and int(summary[1]) == self.fibers, (done.stdout, done.stderr)
        return done.returncode, lines, done.stderr, int(summary[2])


def test_copies(runner, place):
    pairs, expected = [], []
    for i, size in enumerate([0, 1, 256 * 1024, 3_000_001]):
        source, dest = place / f"source{i}", place / f"dest{i}"
        source.write_bytes(os.urandom(size))
        source.chmod(0o640)
        pairs += [source, dest]
        expected.append(f"copied {source} to {dest}: {size} bytes")
    status, lines, errors, _ = runner.run(*pairs)
    assert (status, errors) == (0, ""), (status, errors)
    assert sorted(lines) == sorted(expected), lines
    for source, dest in zip(pairs[::2], pairs[1::2]):
        assert source.read_bytes() == dest.read_bytes()
        assert dest.stat().st_mode & 0o777 & ~0o640 == 0


def write_slowly(path, pieces):
    with open(path, "wb", buffering=0) as pipe:
        for piece in pieces:
            time.sleep(0.1)
            pipe.write(piece)


def test_ticks_while_copying(runner, place):
    """Pipes that deliver late: each blocks a worker, and no fiber."""
    pieces = [b"slow " * 100] * 10
    threads, pairs = [], []
    for i in range(3):
        os.mkfifo(place / f"pipe{i}")
        pairs += [place / f"pipe{i}", place / f"from_pipe{i}"]
        threads.append(threading.Thread(target=write_slowly, args=(pairs[-2], pieces)))
        threads[-1].start()
    status, lines, errors, ticks = runner.run("-r", "127.0.0.1", *pairs)
    for thread in threads:
        thread.join()
    assert (status, errors) == (0, ""), (status, errors)
    assert "127.0.0.1 is 127.0.0.1" in lines and len(lines) == 4, lines
    for i in range(3):
        assert (place / f"from_pipe{i}").read_bytes() == b"".join(pieces)
    # A second, in which every fiber could tick a thousand times.
    assert ticks >= 10 * runner.fibers, ticks


def test_names(runner, _):
    status, lines, errors, _ = runner.run("-r", "127.0.0.1", "-r", "::1", "-r", "10.1.2.3")
    assert (status, errors) == (0, ""), (status, errors)
    expected = ["10.1.2.3 is 10.1.2.3", "127.0.0.1 is 127.0.0.1", "::1 is ::1"]
    assert sorted(lines) == expected, lines


def test_failures(runner, place):
    good, dest = place / "good", place / "good_copy"
    good.write_bytes(b"good")
    nowhere = place / "nowhere" / "at all"
    status, lines, errors, _ = runner.run(
        "-r", "", place / "nothing", dest, good, nowhere, good, "/dev/full", good, dest
    )
    assert status == 1, status
    assert lines == [f"copied {good} to {dest}: 4 bytes"], lines
    for message in [
        "SystemError getaddrinfo: ",
        f"can't open {place / 'nothing'}: No such file or directory",
        f"can't create {nowhere}: No such file or directory",
        "can't write /dev/full: No space left on device",
    ]:
        assert message in errors, (message, errors)
    assert len(errors.splitlines()) == 4, errors


def test_usage(runner, _):
    for arguments in [["one"], ["-t", "x"], ["-w", "-1"], ["-x"]]:
        done = subprocess.run([*runner.command, *arguments], capture_output=True, timeout=TIMEOUT)
        assert done.returncode == 2 and b"usage:" in done.stderr, done


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--fibers", type=int, default=1000)
    parser.add_argument("--valgrind", action="store_true")
    arguments = parser.parse_args()
    runner = Runner(arguments.program, arguments.fibers, arguments.valgrind)
    for test in [test_copies, test_ticks_while_copying, test_names, test_failures, test_usage]:
        with tempfile.TemporaryDirectory() as place:
            test(runner, pathlib.Path(place))
        print(f"{test.__name__}: ok", flush=True)


if __name__ == "__main__":
    sys.exit(main())
