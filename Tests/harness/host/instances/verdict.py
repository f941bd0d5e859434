"""Checks what must hold of a store with instances after any interruption of any command."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from harness import oracle, store_files
from harness.assertions import expect
from harness.host.instances.course_stores import REHEARSAL, links
from harness.host.instances.instance_store import LIVE, RUN
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.instances.courses import Course, Situation
    from harness.host.instances.quick import QuickStore
    from harness.processes import Run

# The table of DESIGN.md, without `usage` and what only other commands end with.
STATUSES = {0, 1, 3, 5, 8, 10, 11}
UNCHANGED = {1, 3, 5, 8, 10}
SIGNALS = {"HUP": 1, "INT": 2, "TERM": 15}
KILLED = 128 + 9
INTERRUPTED = 11


def in_host(store: QuickStore, path: str) -> Path:
    """Return the path of a file in memory of the host, on the machine."""
    return Path(f"/proc/{store.host.leader}/root{path}")


def served(store: QuickStore) -> str:
    """Return the release whose socket the live link points to; an empty text for none."""
    try:
        target = os.readlink(in_host(store, LIVE))
    except FileNotFoundError:
        return ""
    return target.removeprefix(f"{RUN}/").removesuffix("/http.sock")


def bad_releases(store: QuickStore) -> frozenset[str]:
    """Return the releases that are marked bad."""
    return frozenset(
        release
        for release, state in oracle.state(store.directory).releases
        if state.startswith("bad")
    )


def rehearsals(store: QuickStore) -> list[str]:
    """Return the units of rehearsals that are not inactive."""
    words = ["list-units", "--all", "--plain", "--no-legend", f"{REHEARSAL}*.service"]
    lines = [line.split() for line in store.host.must("systemctl", *words).splitlines()]
    return [words[0] for words in lines if words[2] != "inactive"]


def expect_alone(store: QuickStore, release: str, when: str) -> None:
    """Expect that one release serves, and that nothing else runs or is left."""
    wanted = {release: "active"} if release else {}
    alone = wait_until(lambda: store.instances() == wanted, 5)
    expect(alone, f"{when}, only {release or 'nothing'} runs: {store.state()}")
    expect(not rehearsals(store), f"{when}, no rehearsal runs: {rehearsals(store)}")
    expect(served(store) == release, f"{when}, live points to {release}: {store.state()}")
    names = sorted((release, "live.sock")) if release else []
    expect(store.sockets() == names, f"{when}, no directory is left: {store.sockets()}")
    if release:
        expect(store.ask() == release, f"{when}, {release} answers: {store.ask()}")


def expect_live_only(store: QuickStore, situation: Situation, when: str) -> None:
    """Expect that everything agrees, and that nothing is left to recover."""
    pair = links(store)
    legal = {situation.before, situation.after}
    expect(pair in legal, f"{when}, the links are {legal}: {pair}")
    expect_alone(store, pair[0], when)
    found = oracle.expect_in_order(store.directory)
    for release, state in found.releases:
        # A switch that was interrupted before the first release was confirmed proves nothing.
        may_be_bad = set(situation.bad)
        if situation.words[0] == "rollback" and pair == situation.after:
            may_be_bad.add(situation.before[0])
        is_known = "bad" not in state or release in may_be_bad
        expect(is_known, f"{when}, {release} was not marked bad: {found}")
    again = store.releases("recover")
    silent = again.status == 0 and not again.text
    expect(silent, f"{when}, a second recovery has nothing to do: {again}")
    overall = store.releases("status")
    expect(overall.status == (0 if pair[0] else 7), f"{when}, status is in order: {overall}")


def expect_recovers(store: QuickStore, course: Course, situation: Situation) -> None:
    """Recover, and expect that everything is in order then."""
    last = store_files.journal(store.directory)
    is_done = last["phase"] == "done" and last["operation"] in ("activate", "rollback")
    run = store.releases(*situation.recovery)
    expect(run.status == 0, f"{situation.recovery[0]} ends with 0: {run}")
    course.clean_up(store)
    expect_live_only(store, situation, "after the recovery")
    if is_done and last.get("outcome") == "done" and last.get("id") == situation.after[0]:
        pair = links(store)
        expect(pair == situation.after, f"what the journal has as done stays: {pair}, {last}")


def status(run: Run) -> int:
    """Return the exit status; nsenter(1) ends by the same signal as the command."""
    return run.status if run.status >= 0 else 128 - run.status


def judge_kill(store: QuickStore, course: Course, situation: Situation, run: Run) -> None:
    """Judge a command that was killed; one that was not must have done everything."""
    if status(run) != KILLED:
        expect(
            run.status == course.usual(situation), f"the command is killed or ends as usual: {run}"
        )
    expect_links_in_order(store, course, situation)
    expect_rejected(store, situation, run)
    expect_recovers(store, course, situation)
    if run.status == 0 and situation.words[0] != "recover":
        expect(links(store) == situation.after, f"what was reported is so: {links(store)}")


def expect_links_in_order(store: QuickStore, course: Course, situation: Situation) -> None:
    """Expect that the links are right at this moment, also before a recovery."""
    legal = situation.legal_links()
    expect(links(store) in legal, f"previous moves before current: {links(store)}, not {legal}")
    if course.has_load:
        live, old = served(store), situation.before[0]
        is_early = links(store)[0] == old and live != old and situation.words[0] != "recover"
        expect(not is_early, f"live moves after current: {store.state()}")
        expect(listens(store, live), f"the front can connect at any moment: {store.state()}")


def expect_rejected(store: QuickStore, situation: Situation, run: Run) -> None:
    """Expect that a release that was not healthy is bad, and that its instance was stopped."""
    candidate = situation.candidate
    if status(run) == 10 and candidate and "warning:" not in run.errors:
        bad = bad_releases(store)
        expect(candidate in bad, f"{candidate} is marked bad: {bad}, {run}")
        expect(candidate not in store.instances(), f"{candidate} is stopped: {store.state()}")


def listens(store: QuickStore, release: str) -> bool:
    """Return whether the instance of a release accepts a connection."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(in_host(store, f"{RUN}/{release}/http.sock")))
        except OSError:
            return False
    return True


def judge_failure(
    store: QuickStore, course: Course, situation: Situation, run: Run, is_harmless: bool
) -> None:
    """Judge a command of which a call has failed, or which got a signal.

    is_harmless: whether the call only has to be made again.
    """
    ended = status(run)
    usual = course.usual(situation)
    expect(not is_harmless or ended == usual, f"an interrupted call is made again: {run}")
    signals = {128 + number for number in SIGNALS.values()}
    expect(ended in STATUSES | signals, f"the status is one of the table: {run}")
    if ended != 0:
        honest = "error:" in run.errors or ended in signals
        expect(honest, f"a failure prints an error: {run}")
    pair = links(store)
    expect_links_in_order(store, course, situation)
    expect_rejected(store, situation, run)
    if situation.words[0] != "recover":
        if ended in UNCHANGED:
            expect(pair == situation.before, f"what is live is unchanged: {pair}, {run}")
            expect(served(store) == pair[0], f"live, too, is unchanged: {store.state()}, {run}")
        if ended == 0:
            expect(pair == situation.after, f"what was reported is so: {pair}, {run}")
            expect(served(store) == pair[0], f"the front connects to it: {store.state()}, {run}")
        if ended in UNCHANGED | {0} and pair[0]:
            expect(store.ask() == pair[0], f"{pair[0]} answers: {store.state()}, {run}")
    expect_recovers(store, course, situation)
    if ended in UNCHANGED | {0} and situation.words[0] != "recover":
        expect(links(store) == pair, f"recovery does not change what was reported: {run}")
