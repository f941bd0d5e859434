"""Tests what commands print on terminals of two widths, two kinds and two character sets."""

from __future__ import annotations

import fcntl
import itertools
import os
import pty
import re
import struct
import termios
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.archives import pack_files
from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.processes import must_run
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

REASON = "Prüfung durch die Bank bis zum Jahresende — 审计, ask Ümit before anything is removed"
READING_COMMANDS = (
    ["list"],
    ["status"],
    ["history"],
    ["show", "3"],
    ["show", "1"],
    ["verify", "--all"],
    ["check"],
    ["prune", "--dry-run", "--keep", "1", "--keep-within", "0d"],
    ["activate", "--dry-run", "2"],
    ["rollback", "--dry-run"],
    ["recover"],
    ["help"],
    ["--version"],
)
FAILING_COMMANDS = (
    ["show", "9"],
    ["activate", "1"],
    ["remove", "3"],
    ["actvate", "1"],
    ["list", "--jsn"],
)
COLOR = re.compile("\x1b\\[[0-9;]*m")


@dataclass(frozen=True)
class Terminal:
    """What a terminal can show."""

    columns: int
    charset: str
    kind: str

    def __str__(self) -> str:
        """Return the terminal's properties, for messages."""
        return f"{self.columns} columns, {self.charset}, {self.kind}"

    def show(self, command: list[str]) -> str:
        """Run a command on the terminal, and return what a person sees."""
        child, terminal = pty.fork()
        if child == 0:
            environment = {
                "PATH": os.environ["PATH"],
                "TERM": self.kind,
                "LC_ALL": self.charset,
            }
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, self.columns, 0, 0))
            os.execve(command[0], command, environment)
        seen = b""
        while True:
            try:
                piece = os.read(terminal, 1 << 16)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(terminal)
        os.waitpid(child, 0)
        return seen.decode().replace("\r\n", "\n")


def command_names(binary: Path) -> list[str]:
    """Return the commands that `help` lists."""
    return re.findall(r"^  ([a-z]+) {2,}\S", must_run(binary, "help"), re.MULTILINE)


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def expect_fits(text: str, words: list[str], terminal: Terminal) -> None:
    """The text fits the terminal's width and has only what the terminal can show."""
    where = f"{' '.join(words)} at {terminal}"
    expect(text.strip() != "" or words == ["recover"], f"{where}: the command prints something")
    if terminal.kind == "dumb":
        expect("\x1b" not in text, f"{where}: a dumb terminal gets no escape sequences: {text!r}")
    plain = COLOR.sub("", text)
    expect(
        all(character == "\n" or character.isprintable() for character in plain),
        f"{where}: nothing moves the cursor: {plain!r}",
    )
    if terminal.charset == "C":
        expect(plain.isascii(), f"{where}: the text is ASCII: {plain!r}")
    before = ""
    for line in plain.splitlines():
        is_command = re.match("releases: hint: .*:$", before) and line.startswith("  ")
        before = line
        # An error or warning is one line, for logs too; a hint ends with a command to paste, which
        # is the line after it.
        if line.startswith("releases: ") or line.lstrip().startswith("hint: ") or is_command:
            continue
        # A path or a command to copy is not broken.
        longest = max(map(width, line.split()), default=0)
        margin = len(line) - len(line.lstrip())
        expect(
            width(line) <= max(terminal.columns, longest + margin),
            f"{where}: the line fits: {line!r}",
        )


def make_varied_store(store: Store, work: Path) -> None:
    """Make a store in which each kind of text occurs."""
    store.must("init")
    for number in ("1", "2", "3"):
        archive = str(pack_files(work / "app.tar.gz", {"VERSION": f"{number}\n"}))
        ref = "refs/heads/überlanger-zweig-name"
        store.must("deploy", archive, "--id", number, "--ref", ref)
    store.must("pin", "3", "--reason", REASON)
    store.must("mark", "1", "bad", "--reason", REASON)
    store.must("freeze", "--reason", REASON)
    (store.path / "releases/stray file").write_text("")
    (store.path / "releases/2/VERSION").write_text("changed\n")


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--show", action="store_true", help="print what a person would see")
    options = parser.parse_args()
    count = 0
    with empty_directory(options.work) as work:
        store = Store(options.binary, work / "store")
        make_varied_store(store, work)
        helps = [["help", name] for name in command_names(options.binary)]
        for words, columns, charset, kind in itertools.product(
            [*READING_COMMANDS, *FAILING_COMMANDS, *helps],
            (40, 80),
            ("C", "C.UTF-8"),
            ("dumb", "xterm"),
        ):
            terminal = Terminal(columns, charset, kind)
            text = terminal.show(store.command(*words))
            if options.show:
                print(f"$ releases {' '.join(words)}    # {terminal}\n{text}")
            expect_fits(text, words, terminal)
            count += 1
    print(f"terminals: {count} texts fit")
    return 0


if __name__ == "__main__":
    run_suite(main)
