# SPDX-License-Identifier: BSD-2-Clause
"""Makes table.tsv and report.md of results, and puts the report into the documentation."""

import statistics

import plan

BEGIN = "<!-- bench/run.py writes from here -->"
END = "<!-- to here -->"

TITLES = {implementation.key: implementation.title for implementation in plan.IMPLEMENTATIONS}


def median(cell):
    """The figure of a cell; None where there is none."""
    if cell is None or cell["unit"] in ("limit", "failed"):
        return None
    return statistics.median(cell["values"])


def number(value):
    """Three digits, as far as they mean anything."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def shown(cell):
    if cell is None:
        return ""
    if cell["unit"] == "failed":
        return "failed"
    if cell["unit"] == "limit":
        return f"stops at {max(cell['values']):,.0f}"
    return number(median(cell))


def ratio(cell, reference):
    value, base = median(cell), median(reference)
    if value is None or base is None:
        return None
    return value / base


def summary(cells):
    return ", ".join(f"{key} {shown(cell)}" for key, cell in cells.items())


def tsv(results, lines, growth):
    text = "table\trow\tn\tstack_kib\timplementation\tunit\tmedian\tleast\tmost\truns\n"
    for table, plans in (("lines", lines), ("growth", growth)):
        for line, result in zip(plans, results[table]):
            for key, cell in result["cells"].items():
                values = cell["values"] or [float("nan")]
                text += (
                    f"{table}\t{line.row}\t{line.n}\t{line.stack}\t{key}\t{cell['unit']}"
                    f"\t{statistics.median(values)}\t{min(values)}\t{max(values)}\t{len(values)}\n"
                )
    return text


def markdown(head, rows):
    """A table whose first column is text and whose others are figures."""
    aligned = ["---"] + ["--:"] * (len(head) - 1)
    return "".join("| " + " | ".join(row) + " |\n" for row in [head, aligned, *rows]) + "\n"


def verdict(line, cell, reference):
    """(the target in words, whether it is met in words)"""
    if line.target_value is not None:
        value = median(cell)
        met = value is not None and value <= line.target_value
        return number(line.target_value), "yes" if met else "no"
    found = ratio(cell, reference)
    if line.target is None or found is None:
        return ("" if line.target is None else f"{line.target:.2f}×"), ""
    return f"{line.target:.2f}×", "yes" if found <= line.target else "no"


def best_peer(cells):
    peers = {
        key: median(cell)
        for key, cell in cells.items()
        if key not in (plan.REFERENCE, plan.OURS, "cordage_nohook", "tokio")
    }
    peers = {key: value for key, value in peers.items() if value is not None}
    if not peers:
        return ""
    key = min(peers, key=peers.get)
    return f"{TITLES[key]} {number(peers[key])}"


def ours_table(results, lines):
    head = ["ns, or bytes for memory", "1.10, issue 5", "tarantool 2.6", "Cordage", "ratio",
            "target", "met", "without hook", "best stackful peer"]
    rows = []
    for line, result in zip(lines, results["lines"]):
        cells = result["cells"]
        ours, reference = cells.get(plan.OURS), cells.get(plan.REFERENCE)
        found = ratio(ours, reference)
        rows.append([
            line.title,
            number(line.issue) if line.issue is not None else "",
            shown(reference),
            shown(ours) or result.get("skipped", ""),
            f"{found:.2f}×" if found is not None else "",
            *verdict(line, ours, reference),
            shown(cells.get("cordage_nohook")),
            best_peer(cells),
        ])
    return markdown(head, rows)


def peers_table(results, lines):
    keys = [i.key for i in plan.IMPLEMENTATIONS if i.key != plan.REFERENCE and not i.variant]
    keys = [key for key in keys if key not in results["skipped"]]
    rows = []
    for line, result in zip(lines, results["lines"]):
        cells = result["cells"]
        reference = cells.get(plan.REFERENCE)
        row = [line.title, shown(reference)]
        for key in keys:
            found = ratio(cells.get(key), reference)
            row.append(f"{found:.2f}×" if found is not None else shown(cells.get(key)))
        rows.append(row)
    return markdown(["", TITLES[plan.REFERENCE], *(TITLES[key] for key in keys)], rows)


def growth_table(results, growth):
    counts = sorted({line.n for line in growth})
    by_key = {result["key"]: result for result in results["growth"]}
    rows = []
    for row, title in plan.GROWTH_ROWS.items():
        lines = {line.n: by_key[line.key] for line in growth if line.row == row}
        for implementation in plan.IMPLEMENTATIONS:
            key = implementation.key
            cells = [lines[n]["cells"].get(key) if n in lines else None for n in counts]
            if implementation.variant or not any(cells):
                continue
            name = f"**{TITLES[key]}**" if key == plan.OURS else TITLES[key]
            rows.append([title if key == plan.REFERENCE else "", name, *map(shown, cells)])
    head = ["ns, or bytes for memory", "fibers:", *(f"{n:,}" for n in counts)]
    return markdown(head, rows)


def instructions_table(results):
    counted = results["instructions"]
    keys = [key for key in TITLES if any(key in row for row in counted.values())]
    rows = [
        [f"`{row}`", *(f"{cells[key]['total']:.1f}" if key in cells else "" for key in keys)]
        for row, cells in counted.items()
    ]
    return markdown(["instructions an operation", *(TITLES[key] for key in keys)], rows)


def machine_text(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    kind = "virtual machine" if machine["virtual"] else "machine"
    policy = ", SCHED_FIFO" if results["realtime"] else ""
    return (
        f"{machine['date']}, commit {machine['commit']}; {machine['cpu']} (model "
        f"{machine['cpu_model']}), a {kind} of {machine['cpus']} CPUs and "
        f"{machine['memory_gib']} GiB; {machine['kernel']}, transparent huge pages "
        f"\"{machine['huge_pages']}\", `vm.max_map_count` {machine['max_map_count']:,}. Pinned "
        f"to CPU {machine['core']}{policy}; load averages {machine['load_before']} before, "
        f"{machine['load_after']} after. Medians of {results['rounds']} processes a figure, "
        f"{results['milliseconds']} ms each. {versions}.\n\n"
    )


def text(results, lines, growth):
    parts = [machine_text(results)]
    parts += ["### Against the reference\n\n", ours_table(results, lines)]
    parts += ["### Against the others\n\nAs a ratio to the reference; in ns where it has no ",
              "figure.\n\n", peers_table(results, lines)]
    if growth:
        parts += ["### How cost grows\n\nStacks of 64 KiB where there are any.\n\n",
                  growth_table(results, growth)]
    if results["instructions"]:
        parts += ["### Machine instructions\n\n", instructions_table(results)]
    parts.append("### What they are\n\n")
    for implementation in plan.IMPLEMENTATIONS:
        reason = results["skipped"].get(implementation.key)
        missing = f" **Not measured: {reason}.**" if reason else ""
        parts.append(f"- {implementation.title}: {implementation.note}.{missing}\n")
    return "".join(parts)


def write(results, lines, growth, out, docs):
    (out / "table.tsv").write_text(tsv(results, lines, growth))
    report = text(results, lines, growth)
    (out / "report.md").write_text(report)
    print(f"{out}/report.md, table.tsv, results.json", flush=True)
    if docs is not None:
        before, _, rest = docs.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        if not after:
            raise SystemExit(f"{docs}: no lines {BEGIN} and {END}")
        docs.write_text(f"{before}{BEGIN}\n\n{report}\n{END}{after}")
