"""Checks the commands and the links that a guide names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness import processes
from harness.assertions import expect
from harness.guide.markdown_guide import parts
from harness.guide.translations import headings, without_blocks

if TYPE_CHECKING:
    from pathlib import Path


def mentions(guide: str) -> list[tuple[str, str]]:
    """Return each command that the guide names in code, and the rest of its command line."""
    code = re.findall("`([^`\n]+)`", without_blocks(guide))
    for part in parts(guide):
        is_console = part.kind == "console"
        code += [command.line for command in part.commands] if is_console else [part.text]
    # A command line goes on to the next one, or to what ends it in a shell.
    lines = [line for text in code for line in re.split(r"(?<![\w.-])releases (?=[a-z])", text)[1:]]
    found = [re.match(r"([a-z]+)([^\n|;&<>]*)", line) for line in lines]
    return [(match[1], match[2]) for match in found if match]


def expect_commands_exist(path: Path, binary: Path) -> None:
    """The tool has every command and option that the guide names, in blocks or in the text."""
    named = mentions(path.read_text())
    helps: dict[str, str] = {}
    for command, rest in named:
        if command not in helps:
            run = processes.run([binary, command, "--help"])
            expect(run.status == 0, f"releases {command} is a command")
            helps[command] = run.output
        for option in re.findall(r"(?<= )--[a-z][a-z0-9-]*", rest):
            is_known = re.search(rf"{option}\b(?!-)", helps[command]) is not None
            expect(is_known, f"releases {command} has the option {option}")
    print(f"{path.name}: {len(named)} mentions of {len(helps)} commands are right")


def expect_links_lead_somewhere(path: Path) -> None:
    """Each link points to a heading of the guide, or to a file beside it."""
    guide = path.read_text()
    anchors = {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings(guide)}
    for link in re.findall(r"\]\(([^)]*)\)", guide):
        file = path.parent / link.split("#")[0]
        is_there = link[1:] in anchors if link.startswith("#") else file.exists()
        expect(is_there, f"{path.name}: the link {link} leads somewhere")
