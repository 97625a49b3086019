# SPDX-License-Identifier: BSD-2-Clause
"""The machine that a benchmark ran on, in words."""

import datetime
import os
import pathlib
import re
import subprocess


def _first(pattern, path):
    match = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    return match.group(1) if match else "unknown"


def _output(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def available_bytes():
    return int(_first(r"^MemAvailable:\s*(\d+) kB", "/proc/meminfo")) * 1024


def load():
    """Load averages over 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def _versions():
    """Of what is compared, as far as it is installed."""
    versions = {}
    for package in ("tarantool", "libboost-context-dev", "libst-dev", "golang-go"):
        version = _output("dpkg-query", "-W", "-f", "${Version}", package)
        if version:
            versions[package] = version
    lock = pathlib.Path(__file__).resolve().parent / "peers/rust/Cargo.lock"
    for name in ("corosensei", "generator", "may", "tokio"):
        versions[name] = _first(rf'name = "{name}"\nversion = "(.*)"', lock)
    versions["gcc"] = _output("gcc", "-dumpfullversion")
    versions["rustc"] = _output("rustc", "--version").removeprefix("rustc ")
    return versions


def describe(core):
    here = str(pathlib.Path(__file__).parent)
    memory = int(_first(r"^MemTotal:\s*(\d+) kB", "/proc/meminfo")) / (1 << 20)
    return {
        "cpu": _first(r"^model name\s*:\s*(.*)$", "/proc/cpuinfo"),
        "cpu_model": _first(r"^model\s*:\s*(.*)$", "/proc/cpuinfo"),
        "virtual": " hypervisor" in _first(r"^flags\s*:(.*)$", "/proc/cpuinfo"),
        "cpus": os.cpu_count(),
        "core": core,
        "memory_gib": round(memory, 1),
        "kernel": " ".join([os.uname().sysname, os.uname().release, os.uname().machine]),
        "huge_pages": _first(r"\[(\w+)\]", "/sys/kernel/mm/transparent_hugepage/enabled"),
        "max_map_count": int(_first(r"(\d+)", "/proc/sys/vm/max_map_count")),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _output("git", "-C", here, "describe", "--always", "--dirty"),
        "versions": _versions(),
        "load_before": load(),
    }
