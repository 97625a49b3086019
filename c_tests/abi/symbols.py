#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares the symbols of an archive with exports.txt and with the reference's objects.

    symbols.py ARCHIVE

* What the archive defines globally is what exports.txt names, member by member.
* Of every reference object named there, all symbols are there, and of the same kind:
  then the reference's object is never linked beside ours.
* What else is visible is what a C++ compiler makes weak in every object.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYMBOLS = ROOT / "abi" / "symbols"
# nm's letters, as readelf puts them. Thread-local objects show as B or D there.
KINDS = {"T": {"FUNC"}, "R": {"OBJECT"}, "B": {"OBJECT", "TLS"}, "D": {"OBJECT", "TLS"}}


def exports():
    """{member: {symbol: weak}}, and {reference object: its symbols listed}."""
    members, objects = {}, {}
    for line in (ROOT / "exports.txt").read_text().splitlines():
        if line.startswith("["):
            member = members.setdefault(line.strip("[]"), {})
            listed = set()
        elif line.startswith("#"):
            listed = set()
            name = line[1:].strip()
            if (SYMBOLS / f"{name}.txt").exists():
                objects[name] = listed
        elif line:
            symbol = line.removeprefix("weak ")
            if symbol in member:
                yield_error(f"exports.txt names {symbol} twice")
            member[symbol] = symbol != line
            listed.add(symbol)
    return members, objects


def defined(archive):
    """{member: {symbol: (bind, type)}} of defined symbols that are not local."""
    output = subprocess.run(
        ["readelf", "-Ws", archive], capture_output=True, text=True, check=True
    ).stdout
    members, current = {}, None
    for line in output.splitlines():
        if match := re.match(r"File: .*\(cordage_(\w+)\.o\)$", line):
            current = members.setdefault(match[1], {})
        fields = line.split()
        if len(fields) == 8 and fields[0].endswith(":"):
            _, _, _, kind, bind, visibility, section, name = fields
            if bind in ("GLOBAL", "WEAK") and section != "UND":
                current[name] = (bind, kind)
                if visibility != "DEFAULT" and not is_cxx_weak(name, bind):
                    yield_error(f"{name} is {visibility}")
    return members


ERRORS = []


def yield_error(text):
    ERRORS.append(text)


def is_cxx_weak(name, bind):
    return bind == "WEAK" and name.startswith(("_Z", "DW.ref._"))


def check_members(wanted, found):
    if wanted.keys() != found.keys():
        yield_error(f"members {sorted(found)}, exports.txt has {sorted(wanted)}")
    for member, symbols in wanted.items():
        there = found.get(member, {})
        for symbol, weak in symbols.items():
            bind = there.get(symbol, (None,))[0]
            if bind is None:
                yield_error(f"[{member}] {symbol} is not defined")
            elif (bind == "WEAK") != weak and not is_cxx_weak(symbol, bind):
                yield_error(f"[{member}] {symbol} is {bind}")
        for symbol, (bind, _) in there.items():
            if symbol not in symbols and not is_cxx_weak(symbol, bind):
                yield_error(f"[{member}] {symbol} leaks out")


def check_objects(objects, found):
    there = {}
    for symbols in found.values():
        there |= symbols
    for name, listed in objects.items():
        for line in (SYMBOLS / f"{name}.txt").read_text().splitlines():
            letter, symbol = line.split()
            if letter not in KINDS:
                continue  # weak: made by whoever uses it
            if symbol not in listed:
                yield_error(f"{name}: exports.txt does not list {symbol}")
            kind = there.get(symbol, (None, None))[1]
            if kind not in KINDS[letter]:
                yield_error(f"{name}: {symbol} is {kind}, in the reference {letter}")


def main():
    wanted, objects = exports()
    found = defined(sys.argv[1])
    check_members(wanted, found)
    check_objects(objects, found)
    for error in ERRORS:
        print(error)
    if not ERRORS:
        count = sum(map(len, wanted.values()))
        print(f"{count} symbols as in exports.txt; whole objects: {' '.join(sorted(objects))}")
    return bool(ERRORS)


if __name__ == "__main__":
    sys.exit(main())
