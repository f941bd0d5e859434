"""The list of all courses, and those that begin with an interrupted switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances import stopped_switch
from harness.host.instances.courses import (
    Course,
    Exclusive,
    ExclusiveRehearsal,
    First,
    Rollback,
    RollbackToDraining,
    Situation,
    Unhealthy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.host.instances.quick import QuickStore
    from harness.host.instances.stopped_switch import Place


class Recovery(Course):
    """Recovers from a switch that was killed at one place."""

    def __init__(self, name: str, course: Course, at: Callable[[Place], bool]) -> None:
        """Keep the switch, and what chooses the place by its system call."""
        self.name, self.course, self.at = name, course, at
        self.more, self.timeout, self.drain = course.more, course.timeout, course.drain
        self.has_load = course.has_load
        self.found: list[Place] = []

    def set_up(self, store: QuickStore) -> None:
        """Find the places of the switch."""
        self.course.set_up(store)
        situation = self.course.prepare(store)
        self.found = stopped_switch.places(store, *situation.words, status=self.course.status)
        self.course.clean_up(store)

    def prepare(self, store: QuickStore) -> Situation:
        """Kill the switch."""
        situation = self.course.prepare(store)
        place = next(place for place in self.found if self.at(place))
        run = stopped_switch.run_at(store, place, "signal=KILL", *situation.words)
        if run.status == 0:
            raise RuntimeError(f"not killed at {place}: {run}")
        return Situation(("recover",), situation.before, situation.after)

    def clean_up(self, store: QuickStore) -> None:
        """End what belongs to the switch."""
        self.course.clean_up(store)


def is_removal_of_marker(place: Place) -> bool:
    """Whether the new instance is healthy, and no link has been moved."""
    return place.call == "unlinkat" and "confirmation.json" in place.line and "= 0" in place.line


def is_new_live(place: Place) -> bool:
    """Whether `current` has been moved, and `live` has not."""
    return place.call == "symlinkat" and ".live.sock." in place.line


def is_message_to_log(place: Place) -> bool:
    """Whether the switch is complete, and the old instance drains."""
    return place.call == "connect" and "/dev/log" in place.line


def courses() -> list[Course]:
    """Return all courses; those under load first."""
    return [
        Course(),
        Rollback(),
        RollbackToDraining(),
        Unhealthy(),
        Recovery("recover, the new instance is healthy", Course(), is_removal_of_marker),
        Recovery("recover, current was moved", Course(), is_new_live),
        Recovery("recover, the old instance drains", Course(), is_message_to_log),
        First(),
        Exclusive(),
        ExclusiveRehearsal(),
        Recovery("recover, the old instance was stopped", Exclusive(), is_removal_of_marker),
        Recovery("recover, a rehearsal runs", ExclusiveRehearsal(), is_rehearsal),
    ]


def is_rehearsal(place: Place) -> bool:
    """Whether a rehearsal runs: the first note of what is being confirmed is replaced."""
    return place.call == "renameat" and "confirmation.json" in place.line and place.number == 2
