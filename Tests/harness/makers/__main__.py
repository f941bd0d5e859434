"""Unpacks archives of many makers, and compares each tree with that of GNU tar or unzip(1).

The archives come from PyPI, from Debian's source packages, and from the programs of this machine.
They are made and downloaded in the work directory, and downloads are kept for the next run.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from harness.assertions import expect
from harness.command_line import absolute_path, run_suite, suite_parser
from harness.makers.downloads import from_debian, from_pypi
from harness.makers.local import made_here
from harness.makers.sample import sample_tree
from harness.makers.trees import differences, entries, unpack_as_usual
from harness.reports import table
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.makers.archive import Archive
    from harness.processes import Run

REJECTED = 6
FEWEST = 60


class Row(NamedTuple):
    """What came of one archive."""

    archive: Archive
    program: str
    names: int
    outcome: str
    is_right: bool

    def cells(self) -> list[object]:
        """Return the cells of the row."""
        names = self.names or ""
        return [self.archive.path.name, self.archive.maker, self.program, names, self.outcome]


def unpacked(store: Store, archive: Archive, work: Path) -> Row:
    """Unpack an archive with both programs, and compare the trees."""
    usual = work / "usual"
    shutil.rmtree(usual, ignore_errors=True)
    program = unpack_as_usual(archive, usual)
    ended = store.run("unpack", str(archive.path), "--id", "1")
    if ended.status != 0:
        return Row(archive, program, 0, message(ended, archive), False)
    release = store.path / "releases/1"
    found = differences(usual, release)
    names = len(entries(release))
    store.must("remove", "1")
    return Row(archive, program, names, "; ".join(found[:5]) or "equal", not found)


def rejected(store: Store, archive: Archive) -> Row:
    """Expect that an archive is rejected with its reason and a hint."""
    ended = store.run("unpack", str(archive.path), "--id", "1")
    if ended.status == 0:
        store.must("remove", "1")
    is_right = (
        ended.status == REJECTED and archive.refusal in ended.message and "hint: " in ended.message
    )
    return Row(archive, "", 0, f"rejected: {message(ended, archive)}", is_right)


def message(ended: Run, archive: Archive) -> str:
    """Return the error of a command, without the directory of the archive."""
    text = ended.message.replace("releases: ", "")
    return text.replace(str(archive.path), archive.path.name)


def report(rows: list[Row]) -> str:
    """Return the text of RESULTS.md."""
    taken = [row for row in rows if not row.archive.refusal]
    refused = [row for row in rows if row.archive.refusal]
    return "\n".join(
        [
            "# Archives of many makers",
            "",
            f"{len(taken)} archives, each unpacked by `releases` and by the program that is usual",
            "for it. The trees are compared by names, types, contents, link targets, times of",
            "files, and modes without the bits that releases(1) removes.",
            "",
            *table(
                ["archive", "maker", "compared with", "names", "trees"],
                (row.cells() for row in taken),
            ),
            "## Rejected",
            "",
            *table(
                ["archive", "maker", "message"],
                ([row.archive.path.name, row.archive.maker, row.outcome] for row in refused),
            ),
        ]
    )


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--report", type=absolute_path, help="the RESULTS.md to write")
    parser.add_argument("--local", action="store_true", help="download nothing")
    arguments = parser.parse_args()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    for name in ("local", "store"):
        shutil.rmtree(work / name, ignore_errors=True)
        (work / name).mkdir()
    archives = made_here(work / "local", sample_tree(work / "local/tree"))
    if not arguments.local:
        archives += [*from_pypi(work), *from_debian(work)]
    store = Store(arguments.binary, work / "store")
    store.must("init")
    rows: list[Row] = []
    for archive in archives:
        row = rejected(store, archive) if archive.refusal else unpacked(store, archive, work)
        rows.append(row)
        if not row.is_right:
            print(f"WRONG: {archive.path.name} of {archive.maker}: {row.outcome}")
    if arguments.report:
        arguments.report.write_text(report(rows), encoding="utf-8")
    wrong = sum(not row.is_right for row in rows)
    taken = sum(row.is_right and not row.archive.refusal for row in rows)
    print(f"{taken} equal trees, {len(rows) - taken - wrong} rejected as expected, {wrong} wrong")
    expect(wrong == 0, "every archive is unpacked like the usual program does, or rejected")
    expect(arguments.local or taken >= FEWEST, f"at least {FEWEST} archives are compared: {taken}")
    return 0


if __name__ == "__main__":
    run_suite(main)
