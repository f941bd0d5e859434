"""Makes RESULTS.md from what run.py and mutants.py have left in the results directories.

    report.py RESULTS.md DIRECTORY...
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

TITLES = {
    "kill": "Killed at every call",
    "fault": "Every call fails",
    "model": "Every state a power cut may leave of the command's own steps",
    "power": "The power is cut, on real file systems",
    "busy": "Many at work, killed at random",
    "hardship": "Hardships",
}
TEXTS = {
    "kill": "`SIGKILL` at the entry of each system call that changes something, and for each of "
            "these again at each call of the recovery that follows.",
    "fault": "Each of these calls fails without having done anything; SHORT: a write takes half; "
             "LIE: a link's rename says that it was done and was not.",
    "model": "From the steps of a real run (`strace`): *ordered*, names reach the disk in their "
             "order and contents when they like, as with the journals of ext4, XFS and btrfs; "
             "*free*, names of a directory do too, until it is flushed, as POSIX allows. A write "
             "may arrive in part. *resumed*: the same of a recovery, for each flush at which the "
             "command was killed before; where a moment has too many states, a seeded part.",
    "power": "A disk that remembers each write and flush, under a loop device: every prefix of "
             "them, then seeded subsets of what was written between two flushes, some of it torn "
             "at 512 bytes (4 KiB on btrfs, which trusts a whole superblock). Each is mounted, "
             "under another boot id, recovered and judged.",
    "busy": "Writers, prunes, deploys and readers on one store.",
    "hardship": "What else happens to stores.",
}


def load(directories: list[Path]) -> dict[str, dict]:
    """The newest of each kind."""
    found: dict[str, dict] = {}
    for directory in directories:
        for path in sorted(directory.glob("*.json")):
            about = json.loads(path.read_text("utf-8"))
            if path.stem not in found or about["time"] > found[path.stem]["time"]:
                found[path.stem] = about
    return found


def broken(rows: list[dict]) -> list[str]:
    return [f"{row['scenario']}, {row['kind']}: {violation}"
            for row in rows for violation in row["violations"] or []]


def section(kind: str, about: dict) -> list[str]:
    rows, wanted = about["rows"], about["tasks"]
    lines = [f"## {TITLES[kind]}", "", TEXTS[kind], "",
             f"{about['time']}, Linux {about['kernel']}, seed {about['seed']}"
             + (f", a share of {about['share']:g}" if about["share"] != 1 else "")
             + (f", cut off after {len(rows)} of {wanted} tasks" if len(rows) < wanted else "")
             + f", {about['seconds']:.0f} s.", ""]
    columns = list(dict.fromkeys(row["kind"] for row in rows))
    points: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        points[row["scenario"]][row["kind"]] = row["points"]
    lines += [f"| | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for scenario in sorted(points):
        cells = [f"{points[scenario].get(column, 0):,}" for column in columns]
        lines.append(f"| {scenario} | {' | '.join(cells)} |")
    totals = [f"**{sum(row['points'] for row in rows if row['kind'] == column):,}**"
              for column in columns]
    lines.append(f"| **together** | {' | '.join(totals)} |")
    if kind == "power":
        slowest = max(row["slowest"] for row in rows)
        repaired = sum(row.get("repaired", 0) for row in rows)
        lines += ["", f"The slowest recovery, with all that was looked at: {slowest:.2f} s. "
                  f"{repaired:,} of the disks had to be repaired "
                  "first (`fsck.ext4 -y`), as a torn superblock of ext4 has to."]
    violations = broken(rows)
    lines += ["", f"Violations: {len(violations)}."]
    lines += [f"- `{violation[:400]}`" for violation in violations]
    return [*lines, ""]


def mutants(about: dict) -> list[str]:
    rows = about["rows"]
    killed = sum(row["killed"] for row in rows)
    lines = ["## Mutants", "", "Each flush, rename, lock, checksum and recovery rule is taken out "
             "in turn (`mutations.py`), and some trial of the above has to notice.", "",
             f"{about['time']}: {killed} of {len(rows)} were noticed, in {about['seconds']:.0f} s.",
             "", "| taken out | noticed by |", "|---|---|"]
    for row in rows:
        by = row["by"].replace("|", "\\|").replace("\n", " ")[:160]
        by = by if row["killed"] else "**nobody**"
        lines.append(f"| {row['what']} | {by} |")
    return [*lines, ""]


def main() -> None:
    target, *directories = sys.argv[1:]
    found = load([Path(directory) for directory in directories])
    every = [row for kind in TITLES for row in found.get(kind, {}).get("rows", [])]
    count = {kind: sum(row["points"] for row in about["rows"])
             for kind, about in found.items() if kind in TITLES}
    head = [
        "# What was done to break it", "",
        "Written by `make crash` and `make mutants`; each run prints its seed, and each violation "
        "the command that repeats it.", "",
        f"- {count.get('kill', 0) + count.get('fault', 0):,} kill and fault points, "
        f"{count.get('model', 0):,} states of the model, {count.get('power', 0):,} power cuts",
        f"- {len(broken(every))} violations"]
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
