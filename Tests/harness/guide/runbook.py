"""Runs the commands of the runbook on a small host, and compares what they print."""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from harness import processes
from harness.assertions import BrokenPromise, expect
from harness.command_line import run_suite, suite_parser
from harness.guide.markdown_guide import (
    ELLIPSIS,
    ID,
    Command,
    Part,
    difference,
    lines_in_guide,
    parts,
    shortened_like_guide,
)
from harness.guide.miniature_host import make_host, run_on_host
from harness.guide.typing_shell import TypingShell
from harness.repository import ROOT, module_command

GUIDE = ROOT / "Integrations/runbook.zh-CN.md"
STORE = Path("/opt/diting")


def newest_release(ref: str) -> str:
    """Return the newest release of a ref."""
    entries = sorted((STORE / ".releases/catalog").glob("*.json"))
    for entry in reversed(entries):
        if f'"ref":"{ref}"' in entry.read_text():
            return entry.stem
    raise BrokenPromise(f"the store has a release of {ref}")


def with_release_ids(line: str) -> str:
    """Replace {v1.2} by the release of that ref, for which the guide has no ID yet."""
    return re.sub(r"\{(v[0-9.]+)\}", lambda match: newest_release(match[1]), line)


class Session:
    """A person at the host, who types what the guide says."""

    def __init__(self, writes: bool) -> None:
        """Begin with a host on which nothing was typed.

        writes: whether the parts of the guide get the real output, rather than being compared.
        """
        self.writes = writes
        # The release IDs of this run, by those of the guide.
        self.ids: dict[str, str] = {}
        self.count = 0

    def with_real_ids(self, text: str) -> str:
        """Replace the guide's release IDs by those of this run."""
        return ID.sub(lambda match: self.ids.get(match[0], match[0]), text)

    def learn_ids(self, expected: list[str], seen: list[str]) -> None:
        """Note which IDs of this run are printed where the guide has its own."""
        for wanted, line in zip([text for text in expected if text != ELLIPSIS], seen):
            for old, new in zip(ID.findall(wanted), ID.findall(line)):
                known = self.ids.setdefault(old, new)
                expect(known == new, f"{old} stands for {known}, not for {new} in: {line}")

    def pair_new_ids(self, expected: list[str], seen: list[str]) -> None:
        """Note which IDs stand for those that the guide has not named before.

        Their order decides, since lines that are about to be written may differ in all else.
        """
        old = [name for name in ID.findall("\n".join(expected)) if name not in self.ids]
        known = set(self.ids.values())
        new = [name for name in ID.findall("\n".join(seen)) if name not in known]
        self.ids.update(zip(dict.fromkeys(old), dict.fromkeys(new)))

    def perform(self, part: Part) -> str:
        """Run a part, and return its text with the output that was printed."""
        if part.kind == "hidden":
            self.type([Command(part.text, [ELLIPSIS])])
        elif part.kind == "yaml":
            (STORE / "releases.yaml").write_text(part.text.replace("timeout: 60s", "timeout: 2s"))
        elif part.kind == "console":
            self.count += len(part.commands)
            return self.type(part.commands)
        return part.text

    def type(self, commands: list[Command]) -> str:
        """Type commands in one shell, and return them with their output."""
        shell = TypingShell()
        for command in commands:
            line = self.with_real_ids(with_release_ids(command.line))
            seen = shell.type(line)
            if self.writes:
                self.pair_new_ids(command.output, seen)
                command.line = line
                command.output = shortened_like_guide(command.output, seen)
                continue
            problem = difference(command.output, seen)
            if problem:
                printed = "\n".join(seen)
                raise BrokenPromise(f"$ {line}\n{problem}\nThe whole output is:\n{printed}")
            self.learn_ids(command.output, lines_in_guide(command.output, seen))
        shell.close()
        return "".join(
            f"$ {command.line}\n" + "".join(f"{line}\n" for line in command.output)
            for command in commands
        )


def follow_guide(writes: bool) -> None:
    """Do, on the host, everything that the guide says."""
    guide = GUIDE.read_text()
    session = Session(writes)
    written = ""
    end = 0
    for part in parts(guide):
        between = guide[end : part.span[0]]
        try:
            written += session.with_real_ids(with_release_ids(between)) if writes else between
            written += session.perform(part)
        except BrokenPromise as broken:
            line = guide[: part.span[0]].count("\n") + 1
            raise BrokenPromise(f"{GUIDE.name}:{line}: {broken}") from broken
        end = part.span[1]
    if writes:
        GUIDE.write_text(written + guide[end:])
    print(f"runbook: {session.count} commands print what the guide says")


def mentions(guide: str) -> list[tuple[str, str]]:
    """Return each command that the guide names, and the rest of its command line."""
    for part in reversed(parts(guide)):
        if part.kind == "console":
            lines = "".join(f"$ {command.line}\n" for command in part.commands)
            guide = guide[: part.span[0]] + lines + guide[part.span[1] :]
    # A command line goes on to the next one, or to what ends it in a shell, Markdown or a table.
    lines_of_commands = re.split(r"(?<![\w.-])releases (?=[a-z])", guide)[1:]
    found = [re.match(r"([a-z]+)([^`\n|;&<>]*)", line) for line in lines_of_commands]
    return [(match[1], match[2]) for match in found if match]


def expect_commands_exist(binary: Path) -> None:
    """The tool has every command and option that the guide names, in blocks or in the text."""
    guide = GUIDE.read_text()
    named = mentions(guide)
    helps: dict[str, str] = {}
    for command, rest in named:
        if command not in helps:
            run = processes.run([binary, command, "--help"])
            expect(run.status == 0, f"releases {command} is a command")
            helps[command] = run.output
        for option in re.findall(r"(?<= )--[a-z][a-z0-9-]*", rest):
            is_known = re.search(rf"{option}\b(?!-)", helps[command]) is not None
            expect(is_known, f"releases {command} has the option {option}")
    print(f"runbook: {len(named)} mentions of {len(helps)} commands are right")


def expect_all_exit_statuses() -> None:
    """The guide lists the exit statuses that the manual lists."""
    statuses = set(re.findall(r"^\| (\d+|128\+n) \|", GUIDE.read_text(), re.MULTILINE))
    page = (ROOT / "man/releases.1").read_text()
    section = page[page.index(".Sh EXIT STATUS") : page.index(".Sh EXAMPLES")]
    known = set(re.findall(r"^\.It (\S+)$", section, re.MULTILINE))
    expect(statuses == known, f"the guide has the exit statuses {known}, not {statuses}")


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--write", action="store_true", help="write the output to the guide")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        follow_guide(options.write)
        return 0
    expect_commands_exist(options.binary)
    expect_all_exit_statuses()
    shutil.rmtree(options.work, ignore_errors=True)
    make_host(options.work, options.binary)
    try:
        words = [options.binary, "--work", options.work, "--inside"]
        command = module_command("harness.guide.runbook", *words)
        return run_on_host(options.work, command + ["--write"] * options.write)
    finally:
        shutil.rmtree(options.work)


if __name__ == "__main__":
    run_suite(main)
