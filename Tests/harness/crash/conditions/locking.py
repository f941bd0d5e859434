"""Conditions of the locks: replaced, held by another program, or inherited by a process.

Nor may a lock stop commands for no reason while another process works without it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness import oracle
from harness.archives import pack_files, release_files
from harness.assertions import SetupFailed, expect
from harness.crash.conditions.condition import Condition, expect_usable, succeeds, switched
from harness.processes import wait_until
from harness.store_files import journal, names

if TYPE_CHECKING:
    from harness.store import Store

LOCKED = 5
SLOW_HOOK = "hooks: {activate: {run: sleep 1}}\n"
ANOTHER_WRITER = ("pin", "1", "--reason", "x", "--wait", "0s")


def holding(store: Store, *words: str) -> subprocess.Popen[str]:
    """Start a switch that stays under way for a second."""
    store.write("releases.yaml", SLOW_HOOK)
    writer = store.start(*words)
    if wait_until(lambda: str(journal(store.path)["phase"]) == "intent", 1, 0.002):
        return writer
    writer.kill()
    writer.wait()
    raise SetupFailed(f"{' '.join(words)} takes the lock")


def expect_exclusive(other: Store, writer: subprocess.Popen[str]) -> None:
    """Expect that no other writer gets the lock while this one works, and that it succeeds."""
    try:
        run = other.run(*ANOTHER_WRITER)
        is_working = writer.poll() is None
    finally:
        _, errors = writer.communicate()
    if not is_working:
        raise SetupFailed("the writer works long enough")
    expect(run.status == LOCKED, f"a second writer does not get the lock: {run}")
    expect(writer.returncode == 0, f"the first writer succeeds: {writer.returncode}, {errors!r}")


def lock_replaced(store: Store, way: str) -> None:
    """A person removes or replaces the lock file while a command holds the lock."""
    before = oracle.state(store.path)
    lock = store.path / ".releases/lock"
    writer = holding(store, "activate", "4")
    if way == "copied over":
        shutil.copy2(lock, lock.with_name("copy"))
        lock.with_name("copy").rename(lock)
    else:
        lock.unlink()
    if way == "made again":
        lock.touch(0o640)
    expect_exclusive(store, writer)
    oracle.judge(store, [switched(before, "4")])
    expect_usable(store)


def locked_by_others(store: Store, way: str) -> None:
    """Another program has locked one of the files that a writer locks."""
    run = store.run(*ANOTHER_WRITER, launcher=["flock", str(store.path / ".releases" / way)])
    expect(run.status == LOCKED, f"a lock on {way} is respected: {run}")
    expect_usable(store)


def hook_leaves_process(store: Store, way: str) -> None:
    """A hook leaves a process running, which must not keep the lock."""
    pid_file = store.path.parent / "daemon"
    place, _, how = way.partition(" ")
    closing = "" if how == "with its descriptors" else "</dev/null >/dev/null 2>&1"
    line = f"setsid sleep 30 {closing} & echo $! >{pid_file}"
    settings = {
        "activate": f"hooks: {{activate: {{run: '{line}'}}}}\n",
        "health": f"health: {{command: '{line}'}}\n",
    }
    store.write("releases.yaml", settings[place])
    try:
        run = succeeds(store, "activate", "4")
        expect(run.seconds < 5, f"the command does not wait for the process: {run.seconds:.1f} s")
        time.sleep(0.2)
        if not Path(f"/proc/{int(pid_file.read_text('utf-8'))}/fd").exists():
            raise SetupFailed("the process runs")
        succeeds(store, *ANOTHER_WRITER)
    finally:
        os.kill(int(pid_file.read_text("utf-8")), signal.SIGKILL)
    oracle.expect_in_order(store.path)


def stage_in_use(store: Store, _: str) -> None:
    """A recovery runs while an archive arrives."""
    archive = pack_files(store.path.parent / "new.tar.gz", release_files("new"))
    writer = store.start("unpack", "-", "--id", "new", stdin=subprocess.PIPE)
    try:
        wait_until(lambda: bool(names(store.path / ".releases/staging")), 1, 0.002)
        time.sleep(0.05)
        succeeds(store, "recover")
        expect(writer.poll() is None, "the writer goes on")
    finally:
        if writer.stdin:
            # A writer that has failed is reported below.
            with contextlib.suppress(BrokenPipeError):
                os.write(writer.stdin.fileno(), archive.read_bytes())
        _, errors = writer.communicate()
    expect(writer.returncode == 0, f"the archive is unpacked: {errors!r}")
    oracle.expect_in_order(store.path)


def preparation_in_use(store: Store, _: str) -> None:
    """A recovery runs while a prepare hook does."""
    store.write("releases.yaml", "hooks: {prepare: {run: touch ../../begun; sleep 1}}\n")
    archive = pack_files(store.path.parent / "new.tar.gz", release_files("new"))
    writer = store.start("unpack", str(archive), "--id", "new")
    wait_until((store.path / "begun").exists, 1, 0.002)
    run = succeeds(store, "recover")
    _, errors = writer.communicate()
    expect(not run.errors, f"there is nothing to recover: {run}")
    expect(writer.returncode == 0, f"the release becomes ready: {errors!r}")
    (store.path / "begun").unlink()
    oracle.expect_in_order(store.path)


CONDITIONS = {
    "preparation in use": Condition(preparation_in_use, ("once",)),
    "locked by others": Condition(locked_by_others, ("lock", "trash")),
    "stage in use": Condition(stage_in_use, ("once",)),
    "lock replaced": Condition(lock_replaced, ("removed", "made again", "copied over")),
    "hook leaves a process": Condition(
        hook_leaves_process,
        (
            "activate with its descriptors",
            "activate without descriptors",
            "health with its descriptors",
            "health without descriptors",
        ),
    ),
}
