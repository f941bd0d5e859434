"""Tries each row of the table "by hand" in README.md, with ln, rm, ls and tar, and with the tool.

The table has exactly these rows. Each command in its column "by hand" is typed, and each exit
status that it names is seen.
"""

from __future__ import annotations

import re
from pathlib import Path

from harness.assertions import BrokenPromise, expect
from harness.directories import empty_directory
from harness.guide import hand_rows  # noqa: F401
from harness.guide.hand_bench import ROWS, Bench
from harness.repository import ROOT

README = ROOT / "README.md"
HEADING = "| situation | by hand | with `releases` |\n|---|---|---|\n"
CODE = re.compile(r"`([^`]+)`")
STATUS = re.compile(r"\bstatus (\d+)")
# A code span that begins with one of these is a command that a person types.
PROGRAMS = ("ln", "mv", "rm", "ls", "tar", "cp", "mkdir")


def table_rows() -> dict[str, tuple[str, str]]:
    """Return the table: by situation, what happens by hand and with the tool."""
    page = README.read_text()
    expect(HEADING in page, f"README.md has the table {HEADING!r}")
    lines = page[page.index(HEADING) + len(HEADING) :].splitlines()
    rows = {}
    for line in lines:
        if not line.startswith("|"):
            break
        situation, by_hand, with_tool = (
            cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]
        )
        rows[situation] = (by_hand, with_tool)
    return rows


def is_real_root() -> bool:
    """Return whether this is root outside of a user namespace, who can mount disks."""
    return Path("/proc/self/uid_map").read_text().split() == ["0", "0", "4294967295"]


def expect_seen(bench: Bench, by_hand: str, with_tool: str) -> None:
    """The commands of the row were typed, and its exit statuses were seen."""
    for code in CODE.findall(by_hand):
        is_command = code.split()[0] in PROGRAMS
        is_typed = any(code in line for line in bench.typed)
        expect(not is_command or is_typed, f"`{code}` is typed: {bench.typed}")
    named = set(CODE.findall(with_tool))
    expect(named <= bench.commands, f"the tool runs {named}, ran {bench.commands}")
    promised = {int(status) for status in STATUS.findall(with_tool)}
    expect(
        promised <= bench.statuses,
        f"the tool ends with status {promised}, was {bench.statuses}",
    )
    for status in STATUS.findall(by_hand):
        expect(
            int(status) in bench.hand_statuses,
            f"by hand it ends with status {status}, was {bench.hand_statuses}",
        )


def expect_rows(binary: Path, directory: Path) -> None:
    """Every row of the table holds."""
    rows = table_rows()
    expect(list(rows) == list(ROWS), f"the table has the rows {list(ROWS)}, not {list(rows)}")
    count = 0
    for situation, row in ROWS.items():
        if row.needs_root and not is_real_root():
            print(f"by hand: only root can try: {situation}")
            continue
        with empty_directory(directory) as work:
            bench = Bench(work, binary)
            try:
                row.run(bench)
                expect_seen(bench, *rows[situation])
            except BrokenPromise as broken:
                raise BrokenPromise(f"{situation}: {broken}") from broken
            finally:
                bench.close()
        count += 1
    print(f"by hand: {count} of {len(ROWS)} rows of README.md differ as it says")
