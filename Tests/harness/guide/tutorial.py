"""Runs the tutorial of README.md on a booted host, and compares what its commands print.

The host has the package installed, systemd as process 1, and a real sshd. Afterwards, the recording
at the top of README.md is made again and compared.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.assertions import BrokenPromise, expect
from harness.command_line import absolute_path, run_suite, suite_parser
from harness.guide.markdown_guide import (
    Command,
    Part,
    difference,
    parts,
    shortened_like_guide,
)
from harness.guide.recording import RecordedShell, text_of
from harness.guide.terminal_picture import PALETTES, draw, drawn_text
from harness.guide.typing_shell import TypingShell
from harness.host.booted_host import Host
from harness.host.crashing_disk import CrashingDisk
from harness.host.installation import clean_machine
from harness.host.isolation import isolate
from harness.mounts import mount
from harness.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

README = ROOT / "README.md"
HEADING = "\n## Five-minute tutorial\n"
# A line of the tutorial that makes a person another user.
BECOME = "sudo -iu "
PICTURES = ROOT / "Integrations/pictures"
PICTURE_TITLE = "A bad release is deployed and rolled back automatically"
PICTURE_COLUMNS = 118
RECORDED = (
    "releases deploy v2.tar.gz --ref v2",
    "releases deploy v3.tar.gz --ref v3   # Its app.py has a syntax error.",
    "curl -s http://localhost:8080/",
    "releases list",
)
STORE = "/opt/hello"
# The command that removes what the tutorial has made.
REMOVAL = re.compile(r"`(sudo systemctl stop [^`]+)`")
# What it has made.
MADE = ("/opt/hello", "/etc/systemd/system/hello.service", "/etc/sudoers.d/hello", "/home/deploy")
# A service may take one attempt more, or less, to become healthy.
ATTEMPT = re.compile(r"releases: health: attempt \d+ after ")


def stable(output: list[str]) -> list[str]:
    """Return an output without the lines that depend on how fast the service starts."""
    return [line for line in output if not ATTEMPT.match(line)]


@contextmanager
def booted_host(place: Path, package: Path) -> Iterator[Host]:
    """Boot a host on which the package is installed and nothing else was done.

    place: a directory on a tmpfs.
    """
    disk = CrashingDisk(place / "disk", place / "mounted")
    disk.make()
    disk.mount()
    host = Host(place / "host", (Path("/"),), disk)
    try:
        clean_machine(host)
        host.boot()
        host.copy_in(package, "/root/releases.deb")
        host.must("dpkg", "--install", "/root/releases.deb")
        host.shell("ssh-keygen -A; systemctl restart ssh")
        yield host
    finally:
        host.remove()


class Tutorial:
    """A person who follows the tutorial on a host."""

    def __init__(self, host: Host, *, writes: bool) -> None:
        """Log in as root.

        writes: whether the blocks get the real output, rather than being compared.
        """
        self.host, self.writes = host, writes
        self.shell = self.login("root")
        self.count = 0

    def login(self, user: str) -> TypingShell:
        """Return a shell of a user, in the home directory."""
        shell = TypingShell(self.host.command_as(user))
        shell.type(f"export USER={user} LOGNAME={user} HOME=~{user}; cd")
        return shell

    def perform(self, part: Part) -> str:
        """Run a block, and return its text with the output that was printed."""
        if part.kind == "sh":
            return self.paste(part.text)
        if part.kind == "console":
            return "".join(self.type(command) for command in part.commands)
        return part.text

    def paste(self, text: str) -> str:
        """Run a block without output; its last line may make the person another user."""
        lines = text.splitlines()
        user = lines.pop().removeprefix(BECOME) if lines[-1].startswith(BECOME) else ""
        printed = self.shell.type("set -e\n" + "\n".join(lines) + "\nset +e")
        expect(printed == [], f"a block prints nothing, but printed {printed}:\n{text}")
        if user:
            self.shell.close()
            self.shell = self.login(user)
        return text

    def type(self, command: Command) -> str:
        """Run a command, and return its line with the output that was printed."""
        self.count += 1
        seen = self.shell.type(command.line)
        if self.writes:
            command.output = shortened_like_guide(command.output, seen)
        else:
            problem = difference(stable(command.output), stable(seen))
            if problem:
                printed = "\n".join(seen)
                raise BrokenPromise(f"$ {command.line}\n{problem}\nThe whole output is:\n{printed}")
        return f"$ {command.line}\n" + "".join(f"{line}\n" for line in command.output)


def follow(tutorial: Tutorial) -> None:
    """Run all blocks of the tutorial."""
    page = README.read_text()
    begin = page.index(HEADING) + len(HEADING)
    end = page.find("\n## ", begin)
    section = page[begin:end] if end >= 0 else page[begin:]
    written = page[:begin]
    done = 0
    for part in parts(section):
        written += section[done : part.span[0]]
        try:
            written += tutorial.perform(part)
        except BrokenPromise as broken:
            line = page[: begin + part.span[0]].count("\n") + 1
            raise BrokenPromise(f"{README.name}:{line}: {broken}") from broken
        done = part.span[1]
    if tutorial.writes:
        README.write_text(written + page[begin + done :])
    print(f"tutorial: {tutorial.count} commands print what README.md says")


def picture(palette: str) -> Path:
    """Return the path of the recording in light or dark colors."""
    return PICTURES / f"terminal-{palette}.svg"


def record(host: Host, *, writes: bool) -> None:
    """Type the commands of the recording, with the archives of the tutorial, in a new store."""
    host.shell(f"systemctl stop hello; cd {STORE}; rm -rf .releases releases current previous")
    place = host.command_as("deploy", "env", "--chdir=/home/deploy", f"RELEASES_STORE={STORE}")
    begun = host.run([*place, "sh", "-c", "releases init && releases deploy v1.tar.gz --ref v1"])
    expect(begun.status == 0, f"the recording begins with version 1: {begun}")
    lines = RecordedShell(place, PICTURE_COLUMNS).run(RECORDED)
    seen = [text_of(line) for line in lines]
    for name, palette in PALETTES.items():
        if writes:
            PICTURES.mkdir(exist_ok=True)
            picture(name).write_text(draw(lines, PICTURE_COLUMNS, PICTURE_TITLE, palette))
        problem = difference(stable(drawn_text(picture(name))), stable(seen))
        expect(problem is None, f"{picture(name).name}: {problem}")
    print(f"tutorial: {len(lines)} lines are as in the recording")


def remove(host: Host) -> None:
    """Run the command that removes what the tutorial has made."""
    command = REMOVAL.search(README.read_text())
    expect(command is not None, "README.md says how to remove the tutorial")
    if command:
        host.shell(command[1])
    left = [path for path in MADE if host.path(path).exists()]
    expect(left == [], f"nothing is left: {left}")


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__, has_binary=False)
    parser.add_argument("package", type=absolute_path, help="the package that `make deb` builds")
    parser.add_argument("--write", action="store_true", help="write the output to README.md")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    isolate()
    place = options.work / "host"
    mount("tmpfs", "tutorial", place, "mode=755")
    with booted_host(place, options.package) as host:
        tutorial = Tutorial(host, writes=options.write)
        follow(tutorial)
        tutorial.shell.close()
        record(host, writes=options.write)
        remove(host)
    return 0


if __name__ == "__main__":
    run_suite(main)
