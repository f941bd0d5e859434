"""Every command that tells something, on terminals wide and narrow, dumb and not, in both charsets.

    terminals.py BINARY --work DIRECTORY [--show]
"""

from __future__ import annotations

import argparse
import fcntl
import itertools
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from pathlib import Path

from promise import expect, fresh

REASON = "Prüfung durch die Bank bis zum Jahresende — 审计, ask Ümit before anything is removed"
LOOKS = (
    ["list"], ["status"], ["history"], ["show", "3"], ["show", "1"], ["verify", "--all"], ["check"],
    ["prune", "--dry-run", "--keep", "1", "--keep-within", "0d"], ["activate", "--dry-run", "2"],
    ["rollback", "--dry-run"], ["recover"], ["help"], ["--version"],
)
# What goes wrong is told as well.
TROUBLE = (["show", "9"], ["activate", "1"], ["remove", "3"], ["actvate", "1"], ["list", "--jsn"])
COLORED = re.compile("\x1b\\[[0-9;]*m")


def commands(binary: Path) -> list[str]:
    """The names that `help` lists."""
    said = subprocess.run([binary, "help"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^  ([a-z]+) {2,}\S", said, re.MULTILINE)


def on_terminal(words: list[str | Path], columns: int, charset: str, kind: str) -> str:
    """What a person sees of it."""
    child, terminal = pty.fork()
    if child == 0:
        environment = {"PATH": os.environ["PATH"], "TERM": kind, "LC_ALL": charset}
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(words[0], [str(word) for word in words], environment)
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


def width(text: str) -> int:
    return sum(0 if unicodedata.combining(sign) else
               2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def check(text: str, words: list[str], columns: int, charset: str, kind: str) -> None:
    where = f"{' '.join(words)} at {columns} columns, {charset}, {kind}"
    expect(text.strip() != "" or words == ["recover"], f"{where}: it says something")
    if kind == "dumb":
        expect("\x1b" not in text, f"{where}: no escapes: {text!r}")
    plain = COLORED.sub("", text)
    expect(all(sign == "\n" or sign.isprintable() for sign in plain),
           f"{where}: nothing that moves the cursor: {plain!r}")
    if charset == "C":
        expect(plain.isascii(), f"{where}: ASCII: {plain!r}")
    for line in plain.splitlines():
        if line.startswith("releases: "):
            # An error or warning is one line, for logs too; a terminal breaks it where it ends.
            continue
        if line.lstrip().startswith("hint: "):
            # A command to paste.
            continue
        # What can't be broken: a path or a command to copy.
        longest = max(map(width, line.split()), default=0)
        margin = len(line) - len(line.lstrip())
        expect(width(line) <= max(columns, longest + margin), f"{where}: it fits: {line!r}")


def eventful(binary: Path, store: Path, work: Path) -> None:
    """A store with something of everything."""
    def do(*words: object) -> None:
        subprocess.run([binary, "--store", store, *words], check=True, stdout=subprocess.DEVNULL)

    tree = work / "tree"
    tree.mkdir()
    archive = work / "app.tar.gz"
    do("init")
    for number in (1, 2, 3):
        (tree / "VERSION").write_text(f"{number}\n")
        subprocess.run(["tar", "-czf", archive, "-C", tree, "."], check=True)
        do("deploy", archive, "--id", str(number), "--ref", "refs/heads/überlanger-zweig-name")
    for words in (["pin", "3", "--reason", REASON], ["mark", "1", "bad", "--reason", REASON],
                  ["freeze", "--reason", REASON]):
        do(*words)
    (store / "releases/stray file").write_text("")
    (store / "releases/2/VERSION").write_text("changed\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print it too, to be looked at")
    options = parser.parse_args()
    binary, seen = options.binary.resolve(), 0
    with fresh(options.work) as work:
        store = work / "store"
        eventful(binary, store, work)
        told = [*LOOKS, *TROUBLE, *(["help", name] for name in commands(binary))]
        for words, columns, charset, kind in itertools.product(
                told, (40, 80), ("C", "C.UTF-8"), ("dumb", "xterm")):
            line = [binary, "--store", store, *words]
            text = on_terminal(line, columns, charset, kind)
            if options.show:
                print(f"$ releases {' '.join(words)}    # {columns}, {charset}, {kind}\n{text}")
            check(text, words, columns, charset, kind)
            seen += 1
    print(f"{seen} texts fit their terminals")
    return 0


if __name__ == "__main__":
    sys.exit(main())
