"""The courses of the crash suite for instances: commands that are interrupted again and again.

Before each point, a course prepares its situation from what the last point has left, mostly by
switching to the release that is not live. So a course is also a long history of one store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.host.host_store import PLACE
from harness.host.instances.course_stores import (
    DRAIN,
    REHEARSAL,
    Pair,
    initialize,
    links,
    live_and_other,
    must,
    stop_all,
)
from harness.host.instances.instance_store import LIVE
from harness.host.instances.quick import UNHEALTHY, Held
from harness.processes import wait_until

if TYPE_CHECKING:
    import subprocess

    from harness.host.instances.quick import QuickStore
    from harness.host.instances.stopped_switch import Place


@dataclass(frozen=True)
class Situation:
    """A store before a command: what is live and its rollback target, and the same afterwards."""

    words: tuple[str, ...]
    before: Pair
    after: Pair
    # The release whose instance is unhealthy; empty for none.
    candidate: str = ""
    # The releases that may be marked bad in the end, however the command ends.
    bad: frozenset[str] = frozenset()
    # The command that recovers after the interruption.
    recovery: tuple[str, ...] = ("recover",)

    def may_be_bad(self, is_interrupted: bool) -> frozenset[str]:
        """Return the releases that the command, or the recovery from it, may mark bad."""
        # A release whose first switch was interrupted is marked bad, since it may be the cause.
        unproven = self.after[0] if is_interrupted and not self.before[0] else ""
        return frozenset({self.candidate, unproven})

    def legal_links(self) -> list[Pair]:
        """Return what the links may be at any moment: `previous` moves first."""
        return [self.before, (self.before[0], self.after[1]), self.after]


class Course:
    """Switches to the release that is not live, while the old instance serves."""

    name = "activate"
    status = 0
    more = ""
    timeout = "5s"
    drain = DRAIN
    # Whether no release is live at a moment that the course makes itself.
    has_load = True

    def set_up(self, store: QuickStore) -> None:
        """Configure the store, in which a is live and b has been live."""
        store.set_up(drain=self.drain, timeout=self.timeout, more=self.more)

    def prepare(self, store: QuickStore) -> Situation:
        """Make the situation before a point."""
        old, new = live_and_other(store)
        return Situation(("activate", new, "--force"), links(store), (new, old))

    def clean_up(self, store: QuickStore) -> None:
        """End what belongs to the situation, after the recovery and before the verdict."""

    def usual(self, situation: Situation) -> int:
        """Return the status that the command ends with if it is not interrupted."""
        return 0 if situation.words[0] == "recover" else self.status

    def choose(self, found: list[Place]) -> list[Place]:
        """Return the places that are the course's own."""
        return found


class Exclusive(Course):
    """Switches with `overlap: false`: a rehearsal, then a stop and a start."""

    name = "activate, overlap: false"
    more = "  overlap: false\n"
    has_load = False


class ExclusiveRehearsal(Exclusive):
    """The rehearsal has a unit of its own."""

    name = "activate, overlap: false, unit for rehearsals"
    more = f"  overlap: false\n  rehearsal: {REHEARSAL}\n"

    def set_up(self, store: QuickStore) -> None:
        """Make the unit."""
        units = "/etc/systemd/system"
        store.host.shell(f"""
            cp {units}/diting@.service {units}/{REHEARSAL}.service
            cp -r {units}/diting@.service.d {units}/{REHEARSAL}.service.d
            systemctl daemon-reload""")
        super().set_up(store)


class First(Course):
    """Switches to the first release of a store."""

    name = "activate, nothing live"
    has_load = False

    def prepare(self, store: QuickStore) -> Situation:
        """Make a store without a live release; no instance runs."""
        stop_all(store)
        store.host.shell(
            f"cd {PLACE} && rm -rf .releases current previous releases/* && rm -f {LIVE}"
        )
        initialize(store, "a", "b")
        return Situation(("activate", "a"), ("", ""), ("a", ""))


class Rollback(Course):
    """Rolls back to a release whose instance was stopped."""

    name = "rollback"

    def prepare(self, store: QuickStore) -> Situation:
        """Switch once more if there is no rollback target."""
        if not store.link("previous"):
            must(store, "activate", live_and_other(store)[1], "--force")
        return Situation(("rollback",), links(store), (live_and_other(store)[1], ""))


class RollbackToDraining(Course):
    """Rolls back to the release whose instance still drains, while its process waits."""

    name = "rollback to an instance that drains"
    drain = "60s"

    def __init__(self) -> None:
        self.client: Held | None = None
        self.drainer: subprocess.Popen[str] | None = None

    def prepare(self, store: QuickStore) -> Situation:
        """Begin a switch whose old instance has a connection."""
        old, new = live_and_other(store)
        self.client = Held(store.host, pause=0.05)
        self.drainer = store.begin("activate", new, "--force")
        if not wait_until(lambda: store.live() == new and f"/{new}/" in store.live_socket(), 30):
            raise RuntimeError(f"{new} is not live: {store.state()}")
        wait_until(lambda: store.releases("list").status == 0, 5)
        return Situation(("rollback",), links(store), (old, ""))

    def clean_up(self, store: QuickStore) -> None:  # noqa: ARG002
        """Close the connection, and wait for the process that drains."""
        if self.client:
            self.client.end()
        if self.drainer:
            _, errors = self.drainer.communicate(timeout=90)
            if self.drainer.returncode != 0 or "error:" in errors:
                raise RuntimeError(f"the first switch: {self.drainer.returncode}, {errors}")
        self.client = self.drainer = None


class Unhealthy(Course):
    """Deploys a release that is not healthy; its instance was never live."""

    name = "deploy of an unhealthy release"
    status = 10
    timeout = "1s"

    def __init__(self) -> None:
        self.number = 0

    def prepare(self, store: QuickStore) -> Situation:
        """Make the archive."""
        self.number += 1
        release = f"u{self.number}"
        inside = store.archive(release, UNHEALTHY, {"bin/run": release})
        before = links(store)
        return Situation(("deploy", inside, "--id", release), before, before, release)

    def clean_up(self, store: QuickStore) -> None:
        """Remove the releases, which the verdict would read again and again."""
        # An instance that still runs is for the verdict.
        kept = {"a", "b", *store.instances()}
        for name in store.entries("releases"):
            if name not in kept:
                must(store, "remove", name)

    def choose(self, found: list[Place]) -> list[Place]:
        """Return the places of the switch, since the crash suite has those of unpacking."""
        first = next(
            number
            for number, place in enumerate(found)
            if place.call == "pwrite64" and "confirm" in place.line
        )
        return found[first:]
