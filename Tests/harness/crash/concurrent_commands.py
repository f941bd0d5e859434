"""Runs many commands on one store at the same time, and kills some of them at random moments.

No command may disturb another, and what a command reported has to last.
"""

from __future__ import annotations

import functools
import json
import os
import random
import shutil
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Callable

from harness import oracle
from harness.archives import pack_files, release_files
from harness.assertions import BrokenPromise, expect
from harness.crash.preparations import HOOKS, four_releases, with_archive
from harness.crash.tally import Tally
from harness.crash.worker_commands import (
    PUBLISHERS,
    READERS,
    SWITCHES,
    TURNS,
    EndedCommand,
    Turn,
    expect_honest,
)
from harness.store import Store
from harness.store_files import history

if TYPE_CHECKING:
    from pathlib import Path

KIND = "SIGKILL at random"
# The share of the changing commands that is killed.
SHARE = 0.15
# They are killed within this time, in seconds; most commands take less.
LATEST = 0.15


class ConcurrentUse:
    """One store, and the workers that run commands on it."""

    def __init__(self, binary: Path, work: Path, seed: int) -> None:
        """Make the store."""
        self.work = work
        self.seed = seed
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        self.store = Store(binary, work / "store")
        four_releases(self.store)
        self.store.write("releases.yaml", HOOKS)
        self.is_over = threading.Event()
        self.guard = threading.Lock()
        self.ended: list[EndedCommand] = []
        # The releases that were published last.
        self.recent = ["4"]
        self.tally = Tally("concurrent", KIND)

    def run(self, minutes: float) -> Tally:
        """Let all workers run commands, recover, and judge the store."""
        start = history(self.store.path)[-1]["sequence"]
        tasks: list[Callable[[], None]] = [self._read_current]
        for number, turn in enumerate(TURNS):
            tasks.append(functools.partial(self._work, number, turn))
        threads = [threading.Thread(target=self._guarded, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        self.is_over.wait(minutes * 60)
        self.is_over.set()
        for thread in threads:
            thread.join()
        self.tally.points = len(self.ended)
        try:
            self._judge(start)
        except BrokenPromise as broken:
            self.tally.note("the end", str(broken))
        return self.tally

    def _guarded(self, task: Callable[[], None]) -> None:
        """Run a worker; an error in it is noted, since nothing was tested then."""
        try:
            task()
        except Exception as error:
            self._note(f"{type(error).__name__}: {error}")

    def _note(self, problem: str) -> None:
        with self.guard:
            self.tally.note("work", problem)

    def _work(self, number: int, turn: Turn) -> None:
        """Run one command after the other."""
        dice = random.Random(f"{self.seed} busy {number}")
        count = 0
        while not self.is_over.is_set():
            count += 1
            words = turn(dice, f"w{number}-{count}", self.recent)
            is_killed = words[0] not in READERS and dice.random() < SHARE
            ended = self._command(words, dice.random() * LATEST if is_killed else None)
            try:
                expect_honest(ended)
            except BrokenPromise as broken:
                self._note(str(broken))
            with self.guard:
                self.ended.append(ended)
                if ended.status == 0 and words[0] in PUBLISHERS:
                    self.recent = [*self.recent[-5:], words[3]]
            self.is_over.wait(dice.random() * 0.1)

    def _command(self, words: tuple[str, ...], killed_after: float | None) -> EndedCommand:
        archive = None
        if words[0] in PUBLISHERS:
            archive = pack_files(self.work / f"{words[3]}.tar.gz", release_files(words[3]))
        process = self.store.start(*with_archive(words, archive))
        try:
            output, errors = process.communicate(timeout=killed_after)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        if archive:
            archive.unlink()
        return EndedCommand(words, process.pid, process.returncode, output, errors)

    def _read_current(self) -> None:
        """Resolve `current` and read beneath it, as a service that starts does."""
        while not self.is_over.is_set():
            try:
                expect_whole_current(self.store.path)
            except BrokenPromise as broken:
                self._note(str(broken))
            time.sleep(0.002)

    def _judge(self, start: int) -> None:
        """Recover and judge the store after all workers have stopped."""
        oracle.expect_servable(self.store.path)
        run = self.store.run("recover")
        expect(run.status == 0, f"recover ends with 0: {run}")
        found = oracle.expect_in_order(self.store.path)
        oracle.expect_silent_recovery(self.store)
        entries = [entry for entry in history(self.store.path) if entry["sequence"] > start]
        carried_out = {"done", "finished"}
        removed = {
            entry["id"]
            for entry in entries
            if entry["operation"] == "remove" and entry["outcome"] in carried_out
        }
        known = {identity for identity, _ in found.releases}
        made = {
            (entry["pid"], entry.get("id"), entry["operation"])
            for entry in entries
            if entry["outcome"] in carried_out
        }
        for ended in self.ended:
            if ended.status == 0:
                expect_durable(ended, made, known | removed)
        switches = [
            entry
            for entry in entries
            if entry["before"] != entry["after"] and entry["outcome"] in carried_out
        ]
        live = switches[-1]["after"].get("current", "") if switches else ""
        expect(
            not live or live == f"releases/{found.current}",
            f"{live}, which went live last, is live: {found}",
        )


def expect_durable(
    ended: EndedCommand, made: set[tuple[int, str | None, str]], known: set[str]
) -> None:
    """Expect that the history has what a command reported, and the store what was not removed.

    made: process, release and operation of each transaction in the history.
    known: the releases that are there or were removed.
    """
    command = ended.words[0]
    if command in PUBLISHERS:
        identity = ended.words[3]
        expect(identity in known, f"a published release is there: {ended}")
        expect(
            (ended.pid, identity, "publish") in made, f"the history has the publication: {ended}"
        )
    if command in SWITCHES:
        report = json.loads(ended.output)
        if report["outcome"] != "unchanged":
            operation = "rollback" if command == "rollback" else "activate"
            is_recorded = (ended.pid, report["id"], operation) in made
            if not any(step["name"] == "switch" for step in report["steps"]):
                # Another command made it live between a deploy's preparation and its switch.
                is_recorded = command == "deploy" and any(
                    entry[1:] == (report["id"], operation) for entry in made
                )
            expect(is_recorded, f"the history has each switch: {ended}")
    if command == "remove":
        expect(
            (ended.pid, ended.words[1], "remove") in made, f"the history has the removal: {ended}"
        )


def expect_whole_current(root: Path) -> None:
    """Expect that `current` is one whole release.

    A release may be removed only when it is neither live nor the rollback target.
    """
    named = os.readlink(root / "current")
    try:
        directory = os.open(root / "current", os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        expect(named not in link_targets(root), f"{named}, which is live, exists")
        return
    try:
        texts = [read_at(directory, name) for name in ("VERSION", "bin/run")]
        names = {text.split()[-1] for text in texts}
        expect(len(names) == 1, f"current is one release: {texts}")
    except FileNotFoundError as error:
        there = os.readlink(f"/proc/self/fd/{directory}")
        live = {os.path.basename(link) for link in link_targets(root)}
        gone = os.path.basename(there.removesuffix(" (deleted)"))
        is_kept = "/trash/" not in there and gone in live
        expect(not is_kept, f"{gone}, which is live or the rollback target, is whole: {error}")
    finally:
        os.close(directory)


def link_targets(root: Path) -> set[str]:
    """Return what both links point to now."""
    return {
        os.readlink(root / name) for name in ("current", "previous") if (root / name).is_symlink()
    }


def read_at(directory: int, name: str) -> str:
    """Read a file beneath an open directory."""
    file = os.open(name, os.O_RDONLY, dir_fd=directory)
    with os.fdopen(file, encoding="utf-8") as opened:
        return opened.read()
