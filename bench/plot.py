#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws results.json of a directory as ratios.png/.svg and growth.png/.svg."""

import json
import pathlib
import sys

import plan
import report

try:
    import matplotlib
except ImportError:
    print("plots: skipped: this Python has no matplotlib (python3-matplotlib)")
    sys.exit(0)
matplotlib.use("Agg")
# pylint: disable=wrong-import-position
import matplotlib.pyplot as plt  # noqa: E402

MARKERS = "oDsvP^<>X*dh"
STYLES = {
    implementation.key: {
        "label": implementation.title,
        "marker": MARKERS[i % len(MARKERS)],
        "color": f"C{i % 10}",
    }
    for i, implementation in enumerate(plan.IMPLEMENTATIONS)
}
STYLES[plan.OURS].update(color="black", zorder=5)
STYLES[plan.REFERENCE].update(color="tab:red", zorder=4)


def save(figure, out, name):
    for suffix in ("png", "svg"):
        figure.savefig(out / f"{name}.{suffix}", bbox_inches="tight", dpi=120)
    plt.close(figure)
    print(f"{out}/{name}.png, .svg")


def draw_ratios(results, out):
    """One line a row of the table, one marker an implementation."""
    lines = {line.key: line for line in plan.QUICK_LINES + plan.LINES}
    drawn = [r for r in results["lines"] if report.median(r["cells"].get(plan.REFERENCE))]
    if not drawn:
        print("ratios: not drawn: the reference was not measured")
        return
    figure, axes = plt.subplots(figsize=(11, 1.5 + 0.36 * len(drawn)))
    for key, style in STYLES.items():
        points = [
            (report.ratio(r["cells"].get(key), r["cells"][plan.REFERENCE]), y)
            for y, r in enumerate(drawn)
        ]
        points = [(x, y) for x, y in points if x is not None]
        if points and key != plan.REFERENCE:
            axes.scatter(*zip(*points), s=50, alpha=0.85, **style)
    for y, result in enumerate(drawn):
        target = lines[result["key"]].target
        if target is not None:
            axes.plot([target] * 2, [y - 0.4, y + 0.4], color="green", linewidth=2.5,
                      label="target" if y == 0 else None)
    axes.axvline(1, color=STYLES[plan.REFERENCE]["color"], label="tarantool 2.6")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}×")
    axes.set_yticks(range(len(drawn)), [lines[r["key"]].title.replace("`", "") for r in drawn])
    axes.invert_yaxis()
    axes.grid(axis="x", which="both", alpha=0.25)
    axes.set_xlabel("cost as a ratio to the reference (less is better)")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    save(figure, out, "ratios")


def draw_growth(results, out):
    """One panel a row, cost over the number of fibers."""
    by_key = {result["key"]: result for result in results["growth"]}
    if not by_key:
        return
    columns = 3
    rows = -(-len(plan.GROWTH_ROWS) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(15, 4 * rows), squeeze=False)
    lines = plan.growth_lines(plan.GROWTH_COUNTS)
    for axes, (row, title) in zip(panels.flat, plan.GROWTH_ROWS.items()):
        for key, style in STYLES.items():
            points = [
                (line.n, report.median(by_key[line.key]["cells"].get(key)))
                for line in lines
                if line.row == row and line.key in by_key
            ]
            points = [(x, y) for x, y in points if y is not None]
            if points and key != "cordage_nohook":
                axes.plot(*zip(*points), **style)
        axes.set(xscale="log", yscale="log", title=title.replace("`", ""))
        axes.set_ylabel("bytes" if row == "memory" else "ns")
        axes.grid(which="major", alpha=0.25)
    for axes in list(panels.flat)[len(plan.GROWTH_ROWS):]:
        axes.axis("off")
    found = {}
    for axes in panels.flat:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            found.setdefault(label, handle)
    figure.legend(found.values(), found.keys(), loc="lower right", ncols=2)
    figure.tight_layout()
    save(figure, out, "growth")


def main():
    out = pathlib.Path(sys.argv[1])
    results = json.loads((out / "results.json").read_text())
    draw_ratios(results, out)
    draw_growth(results, out)


if __name__ == "__main__":
    main()
