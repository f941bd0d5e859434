"""Processes that belong to a run: found by what /proc says of them, and ended by their id."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def wait_until(condition: Callable[[], bool], seconds: float, interval: float = 0.02) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def _process_ids() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _link(process: int, name: str) -> str:
    try:
        return os.readlink(f"/proc/{process}/{name}")
    except OSError:
        return ""


def _command(process: int) -> str:
    try:
        arguments = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return ""
    return arguments.replace(b"\0", b" ").decode("utf-8", "replace")


def running(binary: Path) -> list[int]:
    """The processes that execute this very file."""
    return [process for process in _process_ids() if _link(process, "exe") == str(binary)]


def beneath(directory: Path) -> list[int]:
    """Whatever works in, executes from or was started with a path in the directory, but us."""
    inside = f"{directory}/"
    own = {os.getpid(), os.getppid()}
    return [
        process for process in _process_ids()
        if process not in own and (
            inside in _command(process)
            or any(f"{_link(process, name)}/".startswith(inside) for name in ("cwd", "exe")))
    ]


def kill(processes: list[int]) -> None:
    """SIGKILL, as a power failure would; those already gone are fine."""
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass


def working_directories(directory: Path) -> set[Path]:
    """Those right beneath a directory that some process works in."""
    links = {Path(_link(process, "cwd")) for process in _process_ids()}
    return {link for link in links if link.parent == directory}
