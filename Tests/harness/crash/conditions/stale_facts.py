"""Conditions in which what the store remembers is no longer so.

A pid belongs to another process, the clock was set, or the store was moved.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import uuid
from pathlib import Path
from typing import Callable

from harness import oracle
from harness.assertions import expect
from harness.crash.conditions.condition import (
    INTERRUPTED,
    Condition,
    expect_usable,
    expect_whole_switch,
    succeeds,
)
from harness.crash.preparations import killed_at
from harness.store import Store
from harness.store_files import SLOT, Entry, journal, open_sealed, seal
from harness.tool_messages import CLOCK_IN_DOUBT

TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DECADE = datetime.timedelta(days=3650)


def sealed(entry: Entry) -> bytes:
    """Return an entry as the tool writes it."""
    body = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return seal(body).rstrip(b"\n")


def rewrite_journal(root: Path, change: Callable[[bytes], bytes]) -> None:
    """Change both slots of the journal."""
    path = root / ".releases/lock"
    whole = path.read_bytes()
    slots = [change(whole[at : at + SLOT].rstrip(b" \n")) for at in (0, SLOT)]
    path.write_bytes(b"".join(slot.rstrip(b"\n").ljust(SLOT - 1) + b"\n" for slot in slots))


def start_time(pid: int) -> int:
    """Return when the kernel started a process, in ticks after boot."""
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19])


def pid_reused(store: Store, way: str) -> None:
    """The pid of a writer that died belongs to an unrelated process."""
    before = oracle.state(store.path)
    INTERRUPTED(store)
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            entry = {**journal(store.path), "pid": other.pid}
            entry["processStart"] = start_time(other.pid) + (way == "another start time")
            if way == "another boot":
                entry["bootID"] = str(uuid.uuid4())
            rewrite_journal(store.path, lambda slot: _replaced(slot, entry))
            found = store.run("status", "--json").json["last"]["state"]
            # Only the lock says for sure whether the writer lives, and `status` does not take it.
            wanted = "running" if way == "the same process" else "interrupted"
            expect(found == wanted, f"status reports {wanted}, not {found}")
            expect_whole_switch(store, before)
        finally:
            other.kill()


def _replaced(slot: bytes, entry: Entry) -> bytes:
    is_it = open_sealed(slot, "a slot")["sequence"] == entry["sequence"]
    return sealed(entry) if is_it else slot


def clock_stepped(store: Store, way: str) -> None:
    """All times in the store are ten years in the future, or ten years in the past."""
    store.publish("5", "6", "7")
    store.write("releases.yaml", "keep: {count: 1, age: 1d}\n")
    move_times(store.path, DECADE if way == "back" else -DECADE)
    before = oracle.state(store.path)
    for words in (("prune", "--dry-run"), ("prune",)):
        run = succeeds(store, *words)
        is_told = CLOCK_IN_DOUBT in run.output + run.errors
        expect(is_told, f"{' '.join(words)} reports that the clock is in doubt: {run}")
        expect(oracle.state(store.path) == before, f"{' '.join(words)} removes nothing: {run}")
    expect_usable(store)


def move_times(root: Path, step: datetime.timedelta) -> None:
    """Move each time in catalog, journal and history, and seal the lines again."""

    def moved(line: bytes) -> bytes:
        return seal(TIME.sub(lambda match: _later(match[0], step), line))

    for path in (root / ".releases/catalog").iterdir():
        path.write_bytes(moved(path.read_bytes()))
    path = root / ".releases/history.jsonl"
    path.write_bytes(b"".join(moved(line) for line in path.read_bytes().splitlines(True)))
    rewrite_journal(root, moved)


def _later(time_: bytes, step: datetime.timedelta) -> bytes:
    moved = datetime.datetime.fromisoformat(time_.decode()) + step
    return moved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def store_moved(store: Store, way: str) -> None:
    """The store is moved between two commands, or after a command was interrupted."""
    before = oracle.state(store.path)
    if way != "between commands":
        killed_at(way, "activate", "4")(store)
    place = Store(store.binary, store.path.with_name("new place") / "store")
    place.path.parent.mkdir()
    store.path.rename(place.path)
    oracle.expect_servable(place.path)
    expect_whole_switch(place, before)
    for name in ("current", "previous"):
        target = os.readlink(place.path / name)
        expect(not target.startswith("/"), f"{name} is relative: {target}")
    expect_usable(place)


CONDITIONS = {
    "pid reused": Condition(pid_reused, ("another start time", "another boot", "the same process")),
    "clock stepped": Condition(clock_stepped, ("back", "forward")),
    "store moved": Condition(
        store_moved, ("between commands", "renameat#1", "renameat#2", "fsync#1")
    ),
}
