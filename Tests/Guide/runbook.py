"""Runs what the runbook says on a host in miniature, and compares what is printed.

    runbook.py BINARY --work DIRECTORY [--write]

With --write the guide gets what was printed instead.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import host
from blocks import ELISION, ID, Command, Part, as_elided, difference, parts, without_elided

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "Integrations/runbook.zh-CN.md"
STORE = Path("/opt/diting")
MARK = b"\x01"
# Does what comes line by line, as a terminal's shell does, and tells where each ends.
SHELL = """set +e +m
export USER=deploy LOGNAME=deploy LANG=C.UTF-8 HOME=/home/deploy COLUMNS=80
unset RELEASES_STORE SUDO_USER
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
exec 2>&1 </dev/null
pack() {
  rm -rf tree && mkdir -p tree/src/diting
  echo "$1" >tree/VERSION; echo 'version = 1' >tree/uv.lock; echo 'app = 1' >tree/src/diting/app.py
  shift
  for file; do echo corrupted >"tree/$file"; done
  tar -czf app.tar.gz -C tree . && rm -rf tree
}
status=0
while IFS= read -r -d '' line <&$1; do
  (exit $status)
  eval "$line"
  status=$?
  printf '\\001'
done
"""


class Broken(Exception):
    """The guide says what is not so."""


class Shell:
    """A shell that is told line by line what to do."""

    def __init__(self) -> None:
        into, self.told = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", SHELL, "bash", str(into)], stdout=subprocess.PIPE,
            pass_fds=(into,))
        os.close(into)

    def type(self, line: str) -> list[str]:
        """What a line prints."""
        os.write(self.told, line.encode() + b"\0")
        said = b""
        while not said.endswith(MARK):
            if not select.select([self.process.stdout], [], [], 60)[0]:
                raise Broken(f"it does not end: {line}: {said.decode()}")
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                raise Broken(f"it ended the shell: {line}: {said.decode()}")
            said += piece
        return said[:-1].decode().splitlines()

    def end(self) -> None:
        os.close(self.told)
        self.process.stdout.close()
        self.process.wait()


class Session:
    """A person at the host, who types what the guide says."""

    def __init__(self, writes: bool):
        self.writes = writes
        # The guide's ids, and what they are here.
        self.ids: dict[str, str] = {}
        self.count = 0

    def here(self, text: str) -> str:
        return ID.sub(lambda match: self.ids.get(match[0], match[0]), text)

    def learn(self, expected: list[str], seen: list[str]) -> None:
        for wanted, line in zip([w for w in expected if w != ELISION], seen):
            for old, new in zip(ID.findall(wanted), ID.findall(line)):
                if self.ids.setdefault(old, new) != new:
                    raise Broken(f"{old} was {self.ids[old]} before, and is {new} in: {line}")

    def perform(self, part: Part) -> str:
        """Runs a part; what it looks like when it says what was printed."""
        if part.kind == "hidden":
            self.type([Command(part.text, [ELISION])])
            self.count -= 1
        elif part.kind == "yaml":
            (STORE / "releases.yaml").write_text(part.text.replace("timeout: 60s", "timeout: 2s"))
        elif part.kind == "console":
            return self.type(part.commands)
        return part.text

    def type(self, commands: list[Command]) -> str:
        shell = Shell()
        for command in commands:
            self.count += 1
            line = self.named(command.line)
            seen = shell.type(self.here(line))
            problem = difference(command.output, seen)
            if self.writes:
                command.line, command.output = line, as_elided(command.output, seen)
            elif problem:
                raise Broken(f"$ {line}\n{problem}\nin all:\n" + "\n".join(seen))
            self.learn(command.output, without_elided(command.output, seen))
        shell.end()
        return "".join(
            f"$ {command.line}\n" + "".join(f"{line}\n" for line in command.output)
            for command in commands)

    def named(self, line: str) -> str:
        """A release may be named {like-this} by its ref before the guide has an id for it."""
        def find(match: re.Match[str]) -> str:
            ref = f'"ref":"{match[1]}"'
            entries = sorted((STORE / ".releases/catalog").glob("*.json"))
            for entry in reversed(entries):
                if ref in entry.read_text():
                    return entry.stem
            raise Broken(f"there is no release of {match[1]}")
        return re.sub(r"\{(v[0-9.]+)\}", find, line)


def follow(writes: bool) -> None:
    """Does, on the host, all that the guide says."""
    guide = GUIDE.read_text()
    session = Session(writes)
    written = ""
    end = 0
    for part in parts(guide):
        try:
            between = guide[end:part.span[0]]
            written += session.named(between) if writes else between
            written += session.perform(part)
        except Broken as broken:
            line = guide[:part.span[0]].count("\n") + 1
            raise Broken(f"{GUIDE.name}:{line}: {broken}") from broken
        end = part.span[1]
    if writes:
        GUIDE.write_text(written + guide[end:])
    print(f"runbook: {session.count} commands print what it says")


def check_words(binary: Path) -> None:
    """Every command and option that the guide names, in blocks or in the text, is there."""
    guide = GUIDE.read_text()
    for part in reversed(parts(guide)):
        if part.kind == "console":
            lines = "".join(f"$ {command.line}\n" for command in part.commands)
            guide = guide[:part.span[0]] + lines + guide[part.span[1]:]
    # Each goes on to the next, or to what ends it in a shell, in Markdown or in a table.
    chunks = re.split(r"(?<![\w.-])releases (?=[a-z])", guide)[1:]
    named = [re.match(r"([a-z]+)([^`\n|;&<>]*)", chunk).groups() for chunk in chunks]
    helps: dict[str, str] = {}
    for command, rest in named:
        if command not in helps:
            run = subprocess.run(
                [binary, command, "--help"], capture_output=True, text=True, check=False)
            if run.returncode:
                raise Broken(f"there is no command: releases {command}")
            helps[command] = run.stdout
        for option in re.findall(r"(?<= )--[a-z][a-z0-9-]*", rest):
            if not re.search(rf"{option}\b(?!-)", helps[command]):
                raise Broken(f"releases {command} has no option {option}")
    statuses = set(re.findall(r"^\| (\d+|128\+n) \|", guide, re.MULTILINE))
    page = (ROOT / "man/releases.1").read_text()
    section = page[page.index(".Sh EXIT STATUS"):page.index(".Sh EXAMPLES")]
    known = set(re.findall(r"^\.It (\S+)$", section, re.MULTILINE))
    if statuses != known:
        raise Broken(f"exit statuses: the guide has {statuses}, the manual {known}")
    print(f"runbook: {len(named)} mentions of {len(helps)} commands are right")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        if options.inside:
            follow(options.write)
            return 0
        check_words(options.binary.resolve())
    except Broken as broken:
        print(f"runbook: {broken}", file=sys.stderr)
        return 1
    work = options.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    host.lay_out(work, options.binary.resolve())
    try:
        words = [sys.executable, "-B", str(Path(__file__).resolve()),
                 str(options.binary.resolve()), "--work", str(work), "--inside"]
        return host.enter(work, words + ["--write"] * options.write)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
