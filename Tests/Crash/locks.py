"""Hardships of the lock: it is replaced, held by others, or inherited; and what it must not keep
others from while somebody is at work without it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import oracle
from oracle import expect
from store import Broken, Store, pack, small_tree
from trials import Trial, expect_works, switched, works

LOCKED = 5
SLOW_HOOK = "hooks: {activate: {run: sleep 1}}\n"
ALONE = ("pin", "1", "--reason", "x", "--wait", "0s")


def holding(store: Store, *words: str) -> subprocess.Popen:
    """A switch that is under way, and stays so for a second."""
    store.write("releases.yaml", SLOW_HOOK)
    writer = store.start(*words)
    for _ in range(500):
        if oracle.journal(store.path)["phase"] == "intent":
            return writer
        time.sleep(0.002)
    writer.kill()
    writer.wait()
    raise Broken(f"{words} takes the lock")


def expect_alone(other: Store, writer: subprocess.Popen) -> None:
    """Nobody else is let in while the writer is at work, which ends well."""
    try:
        run = other.run(*ALONE)
        is_working = writer.poll() is None
    finally:
        _, errors = writer.communicate()
    if not is_working:
        raise Broken("the writer works for long enough")
    expect(run.status == LOCKED, f"no second writer is let in: {run}")
    expect(writer.returncode == 0, f"the first ends well: {writer.returncode}, {errors!r}")


def lock_replaced(store: Store, way: str) -> None:
    """Somebody unlocks the store by hand while it is rightly locked."""
    before = oracle.state(store.path)
    lock = store.path / ".releases/lock"
    writer = holding(store, "activate", "4")
    if way == "copied over":
        shutil.copy2(lock, lock.with_name("copy"))
        lock.with_name("copy").rename(lock)
    else:
        lock.unlink()
    if way == "made anew":
        lock.touch(0o640)
    expect_alone(store, writer)
    oracle.judge(store, [switched(before, "4")])
    expect_works(store)


def locked_by_others(store: Store, way: str) -> None:
    """flock(1) on either of what a writer locks."""
    run = store.run(*ALONE, launcher=["flock", str(store.path / ".releases" / way)])
    expect(run.status == LOCKED, f"whoever locks {way} is respected: {run}")
    expect_works(store)


def hook_daemonises(store: Store, way: str) -> None:
    """A hook leaves something running, which may not keep the lock."""
    note = store.path.parent / "daemon"
    place, _, how = way.partition(" ")
    closing = "" if how == "with its descriptors" else "</dev/null >/dev/null 2>&1"
    line = f"setsid sleep 30 {closing} & echo $! >{note}"
    settings = {
        "activate": f"hooks: {{activate: {{run: '{line}'}}}}\n",
        "health": f"health: {{command: '{line}'}}\n",
    }
    store.write("releases.yaml", settings[place])
    try:
        run = works(store, "activate", "4")
        expect(run.seconds < 5, f"nobody waits for a daemon: {run.seconds:.1f} s")
        time.sleep(0.2)
        if not Path(f"/proc/{int(note.read_text('utf-8'))}/fd").exists():
            raise Broken("the daemon runs")
        works(store, *ALONE)
    finally:
        os.kill(int(note.read_text("utf-8")), signal.SIGKILL)
    oracle.expect_settled(store.path)


def stage_in_use(store: Store, _: str) -> None:
    """A recovery comes by while an archive arrives."""
    archive = pack(store.path.parent / "new.tar.gz", "new", small_tree("new"))
    writer = store.start("unpack", "-", "--id", "new", stdin=subprocess.PIPE)
    try:
        for _ in range(500):
            if oracle.names(store.path / ".releases/staging"):
                break
            time.sleep(0.002)
        time.sleep(0.05)
        works(store, "recover")
        expect(writer.poll() is None, "the writer is still there")
    finally:
        with open(archive, "rb") as content:
            stream = writer.stdin.buffer if writer.stdin else None
            try:
                if stream:
                    stream.write(content.read())
            except BrokenPipeError:
                pass
        _, errors = writer.communicate()
    expect(writer.returncode == 0, f"what arrives is unpacked: {errors!r}")
    oracle.expect_settled(store.path)


def preparation_in_use(store: Store, _: str) -> None:
    """A recovery comes by while a prepare hook runs."""
    store.write("releases.yaml", "hooks: {prepare: {run: touch ../../begun; sleep 1}}\n")
    archive = pack(store.path.parent / "new.tar.gz", "new", small_tree("new"))
    writer = store.start("unpack", str(archive), "--id", "new")
    for _ in range(500):
        if (store.path / "begun").exists():
            break
        time.sleep(0.002)
    run = works(store, "recover")
    _, errors = writer.communicate()
    expect(not run.errors, f"there is nothing to settle: {run}")
    expect(writer.returncode == 0, f"it becomes ready: {errors!r}")
    (store.path / "begun").unlink()
    oracle.expect_settled(store.path)


TRIALS = {
    "preparation in use": Trial(preparation_in_use, ("once",)),
    "locked by others": Trial(locked_by_others, ("lock", "trash")),
    "stage in use": Trial(stage_in_use, ("once",)),
    "lock replaced": Trial(lock_replaced, ("removed", "made anew", "copied over")),
    "hook daemonises": Trial(hook_daemonises, (
        "activate with its descriptors", "activate without descriptors",
        "health with its descriptors", "health without descriptors")),
}
