"""Makes RESULTS.md from the results of the crash suite and of the mutants.

report RESULTS.md DIRECTORY...
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

Result = dict[str, Any]

TITLES = {
    "kill": "Killed at every call",
    "fault": "Every call fails",
    "model": "Every state that a power cut may leave of the command's own steps",
    "power": "The power is cut, on real file systems",
    "concurrent": "Concurrent commands, killed at random",
    "condition": "Adverse conditions",
}
TEXTS = {
    "kill": "Each command gets `SIGKILL` as it enters each system call that changes something. "
    "After each of these kills, the recovery is killed in the same way.",
    "fault": "Each of these calls fails and does nothing. SHORT: a write writes half of its bytes. "
    "LIE: a link's rename reports success and does nothing.",
    "model": "The states come from the steps of a real run (`strace`). *ordered*: changes of names "
    "reach the disk in their order and contents at any time, as with the journals of "
    "ext4, XFS and btrfs. *free*: changes of names also reach the disk at any time until "
    "the directory is flushed, as POSIX allows. A write may arrive in part. *resumed*: "
    "the same for a recovery, for each flush at which the command was killed before; "
    "where a moment has too many states, a random part of them is tried.",
    "power": "A disk under a loop device records each write and flush. The power cuts are every "
    "prefix of them, then random subsets of the writes between two flushes, some torn at "
    "512 bytes (4 KiB on btrfs, which trusts a whole superblock). Each disk is mounted "
    "under another boot ID, recovered and judged.",
    "concurrent": "Writers, prunes, deploys and readers work on one store.",
    "condition": "These are things that hosts do to stores besides interrupting commands.",
}


def load(directories: list[Path]) -> dict[str, Result]:
    """Return the newest results of each kind."""
    found: dict[str, Result] = {}
    for directory in directories:
        for path in sorted(directory.glob("*.json")):
            about = json.loads(path.read_text("utf-8"))
            if path.stem not in found or about["time"] > found[path.stem]["time"]:
                found[path.stem] = about
    return found


def violations_of(rows: list[Result]) -> list[str]:
    """Return all violations, each with its scenario."""
    return [
        f"{row['scenario']}, {row['kind']}: {violation}"
        for row in rows
        for violation in row["violations"] or []
    ]


def section(kind: str, about: Result) -> list[str]:
    """Return the section of a kind of task."""
    rows, wanted = about["rows"], about["tasks"]
    lines = [
        f"## {TITLES[kind]}",
        "",
        TEXTS[kind],
        "",
        f"{about['time']}, Linux {about['kernel']}, seed {about['seed']}"
        + (f", a share of {about['share']:g}" if about["share"] != 1 else "")
        + (f", interrupted after {len(rows)} of {wanted} tasks" if len(rows) < wanted else "")
        + f", {about['seconds']:.0f} s.",
        "",
    ]
    columns = list(dict.fromkeys(row["kind"] for row in rows))
    points: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        points[row["scenario"]][row["kind"]] = row["points"]
    lines += [f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for scenario in sorted(points):
        cells = [f"{points[scenario].get(column, 0):,}" for column in columns]
        lines.append(f"| {scenario} | {' | '.join(cells)} |")
    totals = [
        f"**{sum(row['points'] for row in rows if row['kind'] == column):,}**" for column in columns
    ]
    lines.append(f"| **total** | {' | '.join(totals)} |")
    if kind == "power":
        slowest = max(row["slowest"] for row in rows)
        repaired = sum(row.get("repaired", 0) for row in rows)
        lines += [
            "",
            f"The slowest recovery took {slowest:.2f} s, with all checks. "
            f"{repaired:,} of the disks had to be repaired first (`fsck.ext4 -y`), because a "
            "superblock of ext4 was torn.",
        ]
    violations = violations_of(rows)
    lines += ["", f"Violations: {len(violations)}."]
    lines += [f"- `{violation[:400]}`" for violation in violations]
    return [*lines, ""]


def mutants(about: Result) -> list[str]:
    """Return the section of the mutants."""
    rows = about["rows"]
    killed = sum(row["killed"] for row in rows)
    lines = [
        "## Mutants",
        "",
        "Each flush, rename, lock, checksum and recovery rule is removed in "
        "turn (`mutations`), and one of the tests above has to notice that; for instances, a "
        "scenario of the host tests.",
        "",
        f"{about['time']}: {killed} of {len(rows)} were noticed, in {about['seconds']:.0f} s.",
        "",
        "| removed | noticed by |",
        "|---|---|",
    ]
    for row in rows:
        by = row["by"].replace("|", "\\|").replace("\n", " ")[:160]
        by = by if row["killed"] else "**nothing**"
        lines.append(f"| {row['what']} | {by} |")
    return [*lines, ""]


def main() -> None:
    """Write the report."""
    target, *directories = sys.argv[1:]
    found = load([Path(directory) for directory in directories])
    every = [row for kind in TITLES for row in found.get(kind, {}).get("rows", [])]
    count = {
        kind: sum(row["points"] for row in about["rows"])
        for kind, about in found.items()
        if kind in TITLES
    }
    head = [
        "# Crash tests",
        "",
        "`make crash` and `make mutants` write this page. Each run prints its seed, and each "
        "violation the command that repeats it.",
        "",
        f"- {count.get('kill', 0) + count.get('fault', 0):,} kill and fault points, "
        f"{count.get('model', 0):,} states of the model, {count.get('power', 0):,} power cuts",
        f"- {len(violations_of(every))} violations",
    ]
    if "mutants" in found:
        rows = found["mutants"]["rows"]
        head.append(f"- {sum(row['killed'] for row in rows)} of {len(rows)} mutants killed")
    lines = [*head, ""]
    for kind in TITLES:
        if kind in found:
            lines += section(kind, found[kind])
    if "mutants" in found:
        lines += mutants(found["mutants"])
    Path(target).write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
