"""Hardships of what a store remembers: pids that are reused, clocks that are stepped, and paths that
it has no longer. Those of the lock are in locks.py, those of the place where it lies in places.py."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import oracle
from oracle import expect
from scenarios import killed_at
from store import Store
from trials import INTERRUPTED, Trial, expect_works, settled_switch, works

TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DECADE = datetime.timedelta(days=3650)


def sealed(entry: dict) -> bytes:
    """As the tool writes it."""
    body = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return reseal(body + b"\n").rstrip(b"\n")


def reseal(line: bytes) -> bytes:
    """A line as it may be, under a new seal: what is before its old one counts."""
    match = oracle.SEAL.match(line)
    body = match[1] + b"}" if match else line.rstrip()
    return body[:-1] + b',"sha256":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'


def rewrite_journal(root: Path, change: Callable[[bytes], bytes]) -> None:
    """Changes both slots."""
    path = root / ".releases/lock"
    whole = path.read_bytes()
    slots = [change(whole[at:at + oracle.SLOT].rstrip(b" \n")) for at in (0, oracle.SLOT)]
    path.write_bytes(b"".join(slot.rstrip(b"\n").ljust(oracle.SLOT - 1) + b"\n" for slot in slots))


def start_time(pid: int) -> int:
    """When the kernel started it, in ticks after boot."""
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19])


def pid_reused(store: Store, way: str) -> None:
    """The pid of a writer that died belongs to a process that has nothing to do with it."""
    before = oracle.state(store.path)
    INTERRUPTED(store)
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            entry = {**oracle.journal(store.path), "pid": other.pid}
            entry["processStart"] = start_time(other.pid) + (way == "another start")
            if way == "another boot":
                entry["bootID"] = str(uuid.uuid4())
            rewrite_journal(store.path, lambda slot: _replaced(slot, entry))
            said = json.loads(store.run("status", "--json").output)["last"]["state"]
            # Only the kernel's lock says whether somebody is at work; `status` takes none.
            wanted = "running" if way == "all the same" else "interrupted"
            expect(said == wanted, f"status says {wanted}, not {said}")
            settled_switch(store, before)
        finally:
            other.kill()


def _replaced(slot: bytes, entry: dict) -> bytes:
    is_it = oracle.opened(slot, "a slot")["sequence"] == entry["sequence"]
    return sealed(entry) if is_it else slot


def clock_stepped(store: Store, way: str) -> None:
    """All that the store knows happened ten years from now, or ten years ago."""
    store.publish("5", "6", "7")
    store.write("releases.yaml", "keep: {count: 1, age: 1d}\n")
    move_times(store.path, DECADE if way == "back" else -DECADE)
    before = oracle.state(store.path)
    for words in (("prune", "--dry-run"), ("prune",)):
        run = works(store, *words)
        told = "age removes nothing" in run.output + run.errors
        expect(told, f"{' '.join(words)} tells of the clock: {run}")
        expect(oracle.state(store.path) == before, f"{' '.join(words)} removes nothing: {run}")
    expect_works(store)


def move_times(root: Path, step: datetime.timedelta) -> None:
    """Moves each time in catalog, journal and history, under new seals."""
    def moved(line: bytes) -> bytes:
        return reseal(TIME.sub(lambda match: _later(match[0], step), line))
    for path in (root / ".releases/catalog").iterdir():
        path.write_bytes(moved(path.read_bytes()))
    path = root / ".releases/history.jsonl"
    path.write_bytes(b"".join(moved(line) for line in path.read_bytes().splitlines(True)))
    rewrite_journal(root, moved)


def _later(time_: bytes, step: datetime.timedelta) -> bytes:
    moved = datetime.datetime.fromisoformat(time_.decode()) + step
    return moved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def store_moved(store: Store, way: str) -> None:
    """The store is moved between two commands, or after one was interrupted."""
    before = oracle.state(store.path)
    if way != "between commands":
        killed_at(way, "activate", "4")(store)
    place = Store(store.binary, store.path.with_name("new place") / "store")
    place.path.parent.mkdir()
    store.path.rename(place.path)
    oracle.expect_servable(place.path)
    settled_switch(place, before)
    for name in ("current", "previous"):
        target = os.readlink(place.path / name)
        expect(not target.startswith("/"), f"{name} is relative: {target}")
    expect_works(place)


TRIALS = {
    "pid reused": Trial(pid_reused, ("another start", "another boot", "all the same")),
    "clock stepped": Trial(clock_stepped, ("back", "forward")),
    "store moved": Trial(store_moved, (
        "between commands", "renameat#1", "renameat#2", "fsync#1")),
}
