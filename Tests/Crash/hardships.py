"""What hosts do to a store beside stopping it: each trial makes one such hardship and looks whether
the promises hold. Those that come of the place where a store lies are in places.py."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import oracle
from matrix import Tally
from oracle import State, Violation, expect
from scenarios import four, killed_at
from store import Broken, Run, Store, pack, small_tree

LOCKED = 5
SLOW_HOOK = "hooks: {activate: {run: sleep 1}}\n"
ALONE = ("pin", "1", "--reason", "x", "--wait", "0s")
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DECADE = datetime.timedelta(days=3650)
INTERRUPTED = killed_at("renameat#2", "activate", "4")


@dataclass(frozen=True)
class Trial:
    """A hardship, and the ways in which it is done to a store that `four` of scenarios.py made."""

    run: Callable[[Store, str], None]
    ways: tuple[str, ...]


def attempt(
    name: str, trial: Trial, binary: str, work: Path, only: str | None = None
) -> Tally:
    """All ways of one trial, each with a store of its own."""
    if os.geteuid() != 0:
        raise Broken("hardships take root, for what is mounted")
    tally = Tally(name, "")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    start = Store(binary, work / "start")
    four(start)
    for way in trial.ways:
        if only not in (None, way):
            continue
        tally.points += 1
        try:
            trial.run(start.copy(work / "tried/store"), way)
        except Violation as violation:
            tally.note(way, str(violation))
        shutil.rmtree(work / "tried")
    return tally


def works(store: Store, *words: str) -> Run:
    """Runs a command that is promised to do its work."""
    run = store.run(*words)
    expect(run.status == 0, f"{words[0]} works: {run}")
    return run


def expect_works(store: Store) -> None:
    """All that one does with a store, of which 4 is live or may be."""
    works(store, "recover")
    for words in (("list",), ("show", "1"), ("history",), ("verify", "--all")):
        works(store, *words)
    status = store.run("status", "--json")
    expect(status.status in (0, 7) and "live" in json.loads(status.output), f"status: {status}")
    works(store, "activate", "1")
    works(store, "activate", "2")
    works(store, "rollback")
    found = oracle.expect_settled(store.path)
    expect(found.current == "1", f"a rollback leads back: {found}")


def switched(before: State, identity: str) -> State:
    return State(identity, before.current, before.releases)


def settled_switch(store: Store, before: State) -> None:
    """What became of `activate 4`: all of it or nothing."""
    oracle.judge(store, [before, switched(before, "4")])


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


def locked_by_others(store: Store, way: str) -> None:
    """flock(1) on either of what a writer locks."""
    run = store.run(*ALONE, launcher=["flock", str(store.path / ".releases" / way)])
    expect(run.status == LOCKED, f"whoever locks {way} is respected: {run}")
    expect_works(store)


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
    "pid reused": Trial(pid_reused, ("another start", "another boot", "all the same")),
    "clock stepped": Trial(clock_stepped, ("back", "forward")),
    "hook daemonises": Trial(hook_daemonises, (
        "activate with its descriptors", "activate without descriptors",
        "health with its descriptors", "health without descriptors")),
    "store moved": Trial(store_moved, (
        "between commands", "renameat#1", "renameat#2", "fsync#1")),
}
