"""Many at work on one store at once, and SIGKILL at random: nobody gets in another's way, and what
was acknowledged holds."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import oracle
from matrix import Tally
from oracle import Violation, expect
from scenarios import BECAUSE, HOOKS, four, with_archive
from store import Store, pack, small_tree

KIND = "SIGKILL at random"
# Of the commands that change something, how many are killed.
SHARE = 0.15
# Killed within this, in seconds; most take less.
LATEST = 0.15
KILLED = -9
# Refused, no such release any more, and locked for too long.
COMMON = {0, 3, 4, 5}
# How a reader may end: `status` tells of what is running or was interrupted.
READERS = {"list": {0}, "status": {0, 7}, "verify": {0}, "history": {0}}
# A switch also ends with 10 where it was taken back.
PUBLISHERS = ("unpack", "deploy")
SWITCHES = ("activate", "rollback", "deploy")


@dataclass(frozen=True)
class Done:
    """A command that came to its end."""

    words: tuple[str, ...]
    pid: int
    status: int
    output: str
    errors: str

    def __str__(self) -> str:
        return f"{' '.join(self.words)}: status {self.status}, {self.output!r}, {self.errors!r}"


class Busy:
    """One store, and those who work on it."""

    def __init__(self, binary: str, work: Path, seed: int):
        self.work = work
        self.seed = seed
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        self.store = Store(binary, work / "store")
        four(self.store)
        self.store.write("releases.yaml", HOOKS)
        self.ended = threading.Event()
        self.guard = threading.Lock()
        self.done: list[Done] = []
        # Of those that were published, the last ones.
        self.recent = ["4"]
        self.tally = Tally("busy", KIND)

    def run(self, minutes: float) -> Tally:
        """Lets them all work for so long, settles what is left, and judges."""
        start = oracle.history(self.store.path)[-1]["sequence"]
        tasks: list[Callable[[], None]] = [self._follow]
        for number, turn in enumerate(TURNS):
            tasks.append(lambda number=number, turn=turn: self._work(number, turn))
        threads = [threading.Thread(target=self._guarded, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        self.ended.wait(minutes * 60)
        self.ended.set()
        for thread in threads:
            thread.join()
        self.tally.points = len(self.done)
        try:
            self._judge(start)
        except Violation as violation:
            self.tally.note("the end", str(violation))
        return self.tally

    def _guarded(self, task: Callable[[], None]) -> None:
        """A worker that could not work must not look as if all had held."""
        try:
            task()
        except Exception as error:  # pylint: disable=broad-except
            self._note(f"{type(error).__name__}: {error}")

    def _note(self, problem: str) -> None:
        with self.guard:
            self.tally.note("work", problem)

    def _work(self, number: int, turn: Turn) -> None:
        """Runs one command after the other."""
        dice = random.Random(f"{self.seed} busy {number}")
        count = 0
        while not self.ended.is_set():
            count += 1
            words = turn(dice, f"w{number}-{count}", self.recent)
            is_killed = words[0] not in READERS and dice.random() < SHARE
            done = self._command(words, dice.random() * LATEST if is_killed else None)
            try:
                expect_honest(done)
            except Violation as violation:
                self._note(str(violation))
            with self.guard:
                self.done.append(done)
                if done.status == 0 and words[0] in PUBLISHERS:
                    self.recent = [*self.recent[-5:], words[3]]
            self.ended.wait(dice.random() * 0.1)

    def _command(self, words: tuple[str, ...], killed_after: float | None) -> Done:
        archive = None
        if words[0] in PUBLISHERS:
            archive = pack(self.work / f"{words[3]}.tar.gz", words[3], small_tree(words[3]))
        process = self.store.start(*with_archive(words, archive))
        try:
            output, errors = process.communicate(timeout=killed_after)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        if archive:
            archive.unlink()
        return Done(words, process.pid, process.returncode, output, errors)

    def _follow(self) -> None:
        """As a service that starts: it resolves `current` once, and reads beneath it."""
        while not self.ended.is_set():
            try:
                look(self.store.path)
            except Violation as violation:
                self._note(str(violation))
            time.sleep(0.002)

    def _judge(self, start: int) -> None:
        """All have stopped."""
        oracle.expect_servable(self.store.path)
        run = self.store.run("recover")
        expect(run.status == 0, f"recover ends with 0: {run}")
        found = oracle.expect_settled(self.store.path)
        again = self.store.run("recover")
        is_silent = again.status == 0 and not again.output and not again.errors
        expect(is_silent, f"a second recovery has nothing to say: {again}")
        entries = [entry for entry in oracle.history(self.store.path) if entry["sequence"] > start]
        carried_out = {"done", "finished"}
        removed = {entry["id"] for entry in entries
                   if entry["operation"] == "remove" and entry["outcome"] in carried_out}
        known = {identity for identity, _ in found.releases}
        made = {(entry["pid"], entry.get("id"), entry["operation"]) for entry in entries
                if entry["outcome"] in carried_out}
        for done in self.done:
            if done.status == 0:
                self._expect_lasts(done, made, known | removed)
        switches = [entry for entry in entries if entry["before"] != entry["after"]
                    and entry["outcome"] in carried_out]
        live = switches[-1]["after"].get("current", "") if switches else ""
        expect(not live or live == f"releases/{found.current}", f"{live} went live last: {found}")

    def _expect_lasts(
        self, done: Done, made: set[tuple[int, str | None, str]], known: set[str]
    ) -> None:
        """The history has what was acknowledged, and of it what was not removed is there."""
        command = done.words[0]
        if command in PUBLISHERS:
            identity = done.words[3]
            expect(identity in known, f"what was published is there: {done}")
            expect((done.pid, identity, "publish") in made, f"its history is kept: {done}")
        if command in SWITCHES:
            report = json.loads(done.output)
            if report["outcome"] != "unchanged":
                operation = "rollback" if command == "rollback" else "activate"
                is_kept = (done.pid, report["id"], operation) in made
                if not any(step["name"] == "switch" for step in report["steps"]):
                    # Somebody else made it live between a deploy's preparation and its switch.
                    is_kept = command == "deploy" and any(
                        entry[1:] == (report["id"], operation) for entry in made)
                expect(is_kept, f"the history has each switch: {done}")
        if command == "remove":
            expect((done.pid, done.words[1], "remove") in made, f"the history has it: {done}")


def expect_honest(done: Done) -> None:
    """It ended as it may, and tells so."""
    command = done.words[0]
    allowed = READERS.get(command, COMMON | {KILLED})
    if command in SWITCHES:
        allowed = allowed | {10}
    expect(done.status in allowed, f"it ends with one of {sorted(allowed)}: {done}")
    if done.status in (3, 4, 5, 10):
        is_told = "error:" in done.errors or '"error":{' in done.output
        expect(is_told, f"a failure is told: {done}")
    # Nobody puts a directory there by hand: such a release is gone, which is status 4.
    is_gone = "nothing is known of release" in done.output + done.errors
    expect(not is_gone, f"a release that is gone is told from one that is not known: {done}")
    if command in ("list", "status"):
        report = json.loads(done.output)
        live = report["current"] if command == "list" else report["live"]
        expect(live is not None, f"something is live at any time: {done}")


def look(root: Path) -> None:
    """Whoever opens `current` finds one release, and all of it: it may go only after it is neither
    live nor the fallback."""
    named = os.readlink(root / "current")
    try:
        directory = os.open(root / "current", os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        expect(named not in links(root), f"{named}, which is live, is there")
        return
    try:
        texts = [read_at(directory, name) for name in ("VERSION", "bin/run")]
        names = {text.split()[-1] for text in texts}
        expect(len(names) == 1, f"current is of one release: {texts}")
    except FileNotFoundError as error:
        there = os.readlink(f"/proc/self/fd/{directory}")
        live = {os.path.basename(link) for link in links(root)}
        gone = os.path.basename(there.removesuffix(" (deleted)"))
        is_kept = "/trash/" not in there and gone in live
        expect(not is_kept, f"{gone}, which is live or the fallback, is whole: {error}")
    finally:
        os.close(directory)


def links(root: Path) -> set[str]:
    """Where both links lead now."""
    return {os.readlink(root / name) for name in ("current", "previous")
            if (root / name).is_symlink()}


def read_at(directory: int, name: str) -> str:
    file = os.open(name, os.O_RDONLY, dir_fd=directory)
    with os.fdopen(file, encoding="utf-8") as opened:
        return opened.read()


# Chooses the next command of one worker, who may give a new release this id, or take up one of
# those that were published last.
Turn = Callable[[random.Random, str, list[str]], tuple[str, ...]]


def unpack(_: random.Random, identity: str, __: list[str]) -> tuple[str, ...]:
    return ("unpack", "NEW", "--id", identity)


def deploy(_: random.Random, identity: str, __: list[str]) -> tuple[str, ...]:
    return ("deploy", "NEW", "--id", identity, "--json")


def switch(dice: random.Random, _: str, recent: list[str]) -> tuple[str, ...]:
    target = dice.choice(["latest", "previous", "1", *recent])
    return dice.choice([("activate", target, "--json"), ("rollback", "--json")])


def judge(dice: random.Random, _: str, recent: list[str]) -> tuple[str, ...]:
    target = dice.choice(["latest", "previous", *recent])
    return dice.choice([
        ("pin", target, *BECAUSE), ("unpin", target), ("mark", target, "good", *BECAUSE)])


def clear(dice: random.Random, _: str, recent: list[str]) -> tuple[str, ...]:
    prune = ("prune", "--keep", "4", "--keep-within", "0d")
    return dice.choice([prune, ("remove", dice.choice(recent))])


def look_on(dice: random.Random, _: str, __: list[str]) -> tuple[str, ...]:
    return dice.choice([
        ("list", "--json"), ("status", "--json"), ("verify", "--all"), ("history",)])


TURNS: list[Turn] = [unpack, unpack, deploy, switch, switch, judge, clear, look_on]
