"""Programs that run to their end, and waiting for a condition."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Enough for the tool and the programs that it starts, and the same on every machine.
MINIMAL_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "USER": "tester",
}
# A failure shows at most this many characters of each stream.
SHOWN_CHARACTERS = 3000


def shortened(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """Return the beginning and the end of a long text."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]} [... {len(text) - limit} more ...] {text[-limit // 2 :]}"


@dataclass(frozen=True)
class Run:
    """One command that has ended: its exit status and what it printed."""

    status: int
    output: str
    errors: str
    seconds: float

    def __str__(self) -> str:
        """Return what a person needs to see of a failure."""
        return (
            f"status {self.status}, output {shortened(self.output)!r},"
            f" errors {shortened(self.errors)!r}"
        )

    @property
    def text(self) -> str:
        """Return both streams, without the blank space around them."""
        return (self.output + self.errors).strip()

    @property
    def json(self) -> Any:
        """Return the JSON document that was printed."""
        return json.loads(self.output)

    @property
    def message(self) -> str:
        """Return the last error of `releases`, and all lines that follow it."""
        lines = self.errors.splitlines()
        first = [number for number, line in enumerate(lines) if line.startswith("releases: error:")]
        return "\n".join(lines[first[-1] :] if first else [])

    def step(self, name: str) -> float:
        """Return the seconds of a step of a deploy with `--json`; 0 when there was none."""
        return float(sum(step["seconds"] for step in self.json["steps"] if step["name"] == name))


def run(
    command: Sequence[str | Path],
    *,
    data: bytes | None = None,
    stdin: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    timeout: float | None = None,
) -> Run:
    """Run a command to its end, whatever its exit status.

    data: what it reads on standard input; without it and stdin there is nothing to read.
    timeout: seconds after which subprocess.TimeoutExpired is raised.
    """
    start = time.monotonic()
    source: dict[str, Any] = {"stdin": stdin or subprocess.DEVNULL}
    if data is not None:
        source = {"input": data}
    ended = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        check=False,
        env=environment,
        cwd=directory,
        timeout=timeout,
        **source,
    )
    return Run(
        ended.returncode,
        ended.stdout.decode(errors="replace"),
        ended.stderr.decode(errors="replace"),
        time.monotonic() - start,
    )


def must_run(
    *words: object,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    log: Path | None = None,
) -> str:
    """Run a command that has to succeed, and return its standard output.

    log: a file that gets all that the command prints.
    Raises RuntimeError with the end of what it printed when it fails.
    """
    command = [str(word) for word in words]
    ended = run(command, environment=environment, directory=directory)
    if log:
        with log.open("a", encoding="utf-8") as file:
            file.write(ended.output + ended.errors)
    if ended.status != 0:
        raise RuntimeError(f"{shlex.join(command)}: status {ended.status}: {ended.text[-2000:]}")
    return ended.output


def wait_until(condition: Callable[[], bool], seconds: float, interval: float = 0.05) -> bool:
    """Return whether the condition became true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def proc_text(pid: int, name: str) -> str:
    """Return a file of a process in /proc, empty when the process has ended.

    It can end at any moment: before the file is opened, and also before it is read.
    """
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    return [int(word) for word in proc_text(pid, f"task/{pid}/children").split()]


def descendants(pid: int) -> list[int]:
    """Return everything that a process has started, each before what it has started itself."""
    return [found for child in children(pid) for found in (child, *descendants(child))]
