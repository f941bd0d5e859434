"""Checks README.md: its length, its links, the commands it names, and its table "by hand".

The tutorial is another suite, since it needs a booted host.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from harness import processes
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.guide.by_hand import expect_rows
from harness.guide.markdown_guide import parts
from harness.guide.runbook import mentions
from harness.namespaces import is_inside, run_inside
from harness.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "README.md"
MOST_LINES = 200
# The two commands are in the first lines.
BEGINNING = 12
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
FILE = re.compile(r"`((?:Tests|Integrations|man|Sources|Fixtures)/[^`\s]+)`")


def expect_beginning() -> None:
    """The page is short, and begins with what this is and with the two commands."""
    lines = README.read_text().splitlines()
    expect(len(lines) <= MOST_LINES, f"README.md has at most {MOST_LINES} lines: {len(lines)}")
    first = next(part for part in parts(README.read_text()) if part.kind == "sh")
    commands = [line.partition("#")[0].strip() for line in first.text.splitlines()]
    expect(commands == ["make demo", "make test"], f"the first commands are {commands}")
    line = README.read_text()[: first.span[0]].count("\n")
    expect(line <= BEGINNING, f"the two commands begin in line {BEGINNING} or before: {line}")


def expect_links() -> None:
    """Every file that the page links to or names exists."""
    page = README.read_text()
    targets = [first or second for first, second in LINK.findall(page)] + FILE.findall(page)
    files = [target.partition("#")[0] for target in targets if "://" not in target]
    missing = [name for name in files if not (ROOT / name).exists()]
    expect(missing == [], f"the files that README.md links to exist: {missing}")
    print(f"readme: {len(files)} links are right")


def expect_commands(binary: Path) -> None:
    """The tool has every command and option that the page names."""
    named = mentions(README.read_text())
    for command, rest in named:
        run = processes.run([binary, command, "--help"])
        expect(run.status == 0, f"releases {command} is a command")
        for option in re.findall(r"(?<= )--[a-z][a-z0-9-]*", rest):
            is_known = re.search(rf"{option}\b(?!-)", run.output) is not None
            expect(is_known, f"releases {command} has the option {option}")
    print(f"readme: {len(named)} mentions of commands are right")


def main() -> int:
    """Run the suite."""
    options = suite_parser(__doc__).parse_args()
    if not is_inside():
        # Two rows of the table mount file systems.
        return run_inside(*(["--map-root-user"] if os.geteuid() else []))
    expect_beginning()
    expect_links()
    expect_commands(options.binary)
    expect_rows(options.binary, options.work)
    return 0


if __name__ == "__main__":
    run_suite(main)
