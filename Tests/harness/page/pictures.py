"""Makes the pictures of the page, light and dark, from a store that has seen two weeks.

The commands run one after the other, and the times in the store's files are changed to those of
the story, so that the same binary always makes the same page. A switch really waits for its health
check while the page is written. It needs root.
"""

from __future__ import annotations

import random
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness import processes
from harness.archives import pack_files
from harness.assertions import SetupFailed, expect
from harness.command_line import absolute_path, run_suite, suite_parser
from harness.directories import empty_directory
from harness.mounts import make_file_system, mounted
from harness.namespaces import is_inside, run_inside
from harness.page.chromium import View, chromium
from harness.page.stores import hash_like, unconfirmed
from harness.processes import MINIMAL_ENVIRONMENT, must_run, wait_until
from harness.store import Store
from harness.store_files import seal

HOST, PATH = "web-1", Path("/opt/diting")
# The size of the disk, in bytes.
DISK = 4 << 30
# When the page of the story is written, and the time from which a command was just run.
NOW = datetime(2026, 11, 27, 14, 32, 10, tzinfo=timezone.utc)
RECENT = timedelta(minutes=10)
TIME = re.compile(rb'(?:"([a-z]+)":")?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z')
TIME_OF_PAGE = re.compile(r"(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)")
DAY = timedelta(days=1)
CONFIGURATION = "health: {command: 'test ! -e sick', timeout: 1s}\n"
# How far the last switch has come when the page is written.
PROGRESS = ("waiting for health, 4 of 60 s, attempt 6", "4s ago: running")
# The width of the page, and the pixels of the picture for each of its pixels.
WIDTH, SCALE = 1280, 2
# How many colors a picture has, and the limit of its size in bytes.
COLORS, LIMIT = 48, 150_000
# Where a picture ends: below the third transaction.
END = """
document.querySelectorAll("section[aria-labelledby=history] tbody tr")[2]
  .getBoundingClientRect().bottom
"""


def release(ago: timedelta) -> str:
    """Return the ID of a release that was made at some time before the page."""
    return str(int((NOW - ago).timestamp()))


@dataclass(frozen=True)
class Step:
    """A command of the story, which a key runs."""

    # When it begins, before the page is written.
    ago: timedelta
    request: str
    # How many seconds it takes.
    took: int = 0
    status: int = 0
    role: str = "ci"
    key: str = "github"
    # The archive on its standard input: its size in bytes; 0 for none.
    size: int = 0

    def times(self, operation: bytes) -> tuple[timedelta, timedelta]:
        """Return when an operation of the command began and ended, after its beginning.

        A deploy unpacks for two thirds of its time.
        """
        unpacked, end = timedelta(seconds=self.took * 2 // 3), timedelta(seconds=self.took)
        if operation == b"publish":
            return timedelta(), unpacked
        return (unpacked if self.size else timedelta()), end


def upload(ago: timedelta, number: int, size: int, took: int, status: int = 0) -> Step:
    """Return the deploy of a release that the workflow has built."""
    request = f"deploy - --id {release(ago)} --ref {hash_like(number)}"
    return Step(ago, request, took, status, size=size)


NEW = release(timedelta(minutes=3))
STORY = (
    upload(13.2 * DAY, 11, 22_100_000, 9),
    upload(9.3 * DAY, 12, 22_400_000, 12),
    Step(9.2 * DAY, "pin latest --reason 'audit of November'", role="operator", key="alice"),
    upload(6.1 * DAY, 13, 24_900_000, 12),
    Step(6.08 * DAY, "rollback", 4, role="operator", key="alice"),
    upload(5.9 * DAY, 14, 24_200_000, 12),
    upload(1.2 * DAY, 15, 24_300_000, 75, status=10),
    upload(1.1 * DAY, 16, 24_300_000, 12),
    Step(timedelta(minutes=3), f"unpack - --id {NEW} --ref {hash_like(17)}", 7, size=24_700_000),
)


SWITCH = Step(timedelta(), f"activate {NEW}", role="operator", key="alice")


class Storyteller:
    """Runs the commands of a story, and changes the times of what they write."""

    def __init__(self, store: Store, work: Path) -> None:
        """Begin now."""
        self.store, self.work = store, work
        self.now = datetime.now(timezone.utc).replace(microsecond=0)

    def run(self, step: Step) -> None:
        """Run a command as the client of its key does."""
        archive = self.archive(step).read_bytes() if step.size else b""
        gate = self.gate(step)
        ended = processes.run(gate, data=archive, environment=self.environment(step.request))
        if ended.status != step.status:
            raise SetupFailed(f"{step.request}: {ended}")
        self.set_times(step)

    def gate(self, step: Step) -> list[str]:
        """Return the forced command of a key."""
        return self.store.command("gate", "--allow", step.role, "--name", step.key)

    def environment(self, request: str) -> dict[str, str]:
        """Return the environment that sshd gives the forced command."""
        return {**MINIMAL_ENVIRONMENT, "USER": "deploy", "SSH_ORIGINAL_COMMAND": request}

    def switch(self) -> subprocess.Popen[str]:
        """Start the switch to the newest release."""
        return subprocess.Popen(
            self.gate(SWITCH),
            env=self.environment(SWITCH.request),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def archive(self, step: Step) -> Path:
        """Pack a release of some size."""
        content = random.Random(step.size).randbytes(step.size // 2).hex()
        sick = {"sick": ""} if step.status else {}
        return pack_files(self.work / "app.tar.gz", {"app": content, **sick})

    def set_times(self, step: Step) -> None:
        """Give what the last command has written the times of its step."""
        control = self.store.path / ".releases"
        for path in [*control.glob("catalog/*.json"), control / "history.jsonl"]:
            lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(b"".join(self.with_times(step, line) for line in lines))

    def with_times(self, step: Step, line: bytes) -> bytes:
        """Return a line of a file with the times of a step, unless it is of an older command."""
        operation = re.search(rb'"operation":"(\w+)"', line)
        unpacked = step.times(b"publish")[1]
        began, ended = step.times(operation[1] if operation else b"")
        places = {b"started": began, b"created": unpacked}

        def moved(match: re.Match[bytes]) -> bytes:
            old = datetime.fromisoformat(match[2].decode() + "+00:00")
            if old < self.now - RECENT:
                return match[0]
            new = self.now - step.ago + places.get(match[1], ended)
            return match[0].replace(match[2], new.strftime("%Y-%m-%dT%H:%M:%S").encode())

        changed = TIME.sub(moved, line)
        return line if changed == line else seal(changed)

    def page(self) -> str:
        """Return the page while the switch waits, with the times of the story."""

        def is_time() -> bool:
            self.text = self.store.must("report", "--html", "-").output
            return all(part in self.text for part in PROGRESS)

        with unconfirmed(self.store, self.switch):
            expect(wait_until(is_time, 30, 0.05), "the page shows the progress of the switch")
        return TIME_OF_PAGE.sub(self._of_story, self.text)

    def _of_story(self, match: re.Match[str]) -> str:
        there = datetime.fromisoformat(f"{match[1]}T{match[3]}+00:00")
        story = min(NOW + (there - self.now), NOW)
        return story.strftime(f"%Y-%m-%d{match[2]}%H:%M:%S")


def take_pictures(page: Path, work: Path, folder: Path) -> None:
    """Take both pictures of a page."""
    with chromium(work / "profile") as browser:
        for scheme, name in (("light", "page.png"), ("dark", "page-dark.png")):
            browser.open(page, View(WIDTH, scheme), SCALE)
            (work / name).write_bytes(browser.picture(WIDTH, round(browser.evaluate(END))))
            quantize = ["pngquant", "--strip", "--speed", "1", "--nofs", "--ext", ".few"]
            must_run(*quantize, COLORS, work / name)
            must_run("zopflipng", "-y", (work / name).with_suffix(".few"), folder / name)
            size = (folder / name).stat().st_size
            expect(size < LIMIT, f"{name} has fewer than {LIMIT} bytes: {size}")


def tell(binary: Path, work: Path) -> str:
    """Return the page of the story, on a host of its own."""
    must_run("hostname", HOST)
    image = work / "disk"
    make_file_system(image, DISK, "mkfs.ext4", "-q", "-m", "0")
    # /opt itself is not changed: what is written there is in memory.
    layers = f"lowerdir={PATH.parent},upperdir={work}/memory/upper,workdir={work}/memory/work"
    with mounted("tmpfs", "tmpfs", work / "memory"):
        for name in ("upper", "work"):
            (work / "memory" / name).mkdir()
        with (
            mounted("overlay", "overlay", PATH.parent, layers),
            mounted("ext4", image, PATH, "loop"),
        ):
            return live_through(Storyteller(Store(binary, PATH), work))


def live_through(teller: Storyteller) -> str:
    """Run all commands, and return the page."""
    (PATH / "lost+found").rmdir()
    teller.store.must("init")
    teller.set_times(Step(14 * DAY, "init"))
    teller.store.write("releases.yaml", CONFIGURATION)
    for step in STORY:
        teller.run(step)
    return teller.page()


def main() -> int:
    """Make the pictures."""
    parser = suite_parser(__doc__)
    parser.add_argument("folder", type=absolute_path, help="the directory for the pictures")
    arguments = parser.parse_args()
    if not is_inside():
        return run_inside("--uts")
    arguments.folder.mkdir(exist_ok=True)
    with empty_directory(arguments.work) as work:
        page = work / "page.html"
        page.write_text(tell(arguments.binary, work))
        take_pictures(page, work, arguments.folder)
    return 0


if __name__ == "__main__":
    run_suite(main)
