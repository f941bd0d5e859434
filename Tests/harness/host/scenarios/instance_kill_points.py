"""Switches between instances are killed, or a call of them fails, at every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances.courses import courses, start_again
from harness.host.instances.interruption import HEAD, KILL, Interruptions
from harness.host.instances.quick import quick_store
from harness.host.instances.stopped_switch import Place, spread
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

# From this number of deploys on, every place is tried.
ALL_PLACES = 100
ERRORS = ("EIO", "ENOSPC", "EACCES", "EINTR")
SIGNALS = ("TERM", "INT", "HUP")

Chosen = list[tuple[Place, str]]


def kills(found: list[Place]) -> Chosen:
    """Return a kill at each place."""
    return [(place, KILL) for place in found]


def faults(found: list[Place]) -> Chosen:
    """Return an error at each place; each call of one name gets another one."""
    return [(place, f"error={ERRORS[number % len(ERRORS)]}") for number, place in enumerate(found)]


def signals(found: list[Place]) -> Chosen:
    """Return a signal that asks the tool to end at each place."""
    return [
        (place, f"signal={SIGNALS[number % len(SIGNALS)]}") for number, place in enumerate(found)
    ]


def interrupt(hosts: HostFactory, row: Row, how: Callable[[list[Place]], Chosen]) -> None:
    """Try places of each course."""
    chosen_courses = [
        course for course in courses() if not hosts.courses or course.name in hosts.courses
    ]
    with quick_store(hosts, "nginx") as store:
        start_again(store)
        rows = []
        for course in chosen_courses:
            course.set_up(store)
            points = Interruptions(row, store, course, hosts.ends_early)
            rows.append(points.run(_share(hosts, how(points.places())), hosts.rate).cells())
        row.table("Each place of each course.", HEAD, rows)


def _share(hosts: HostFactory, points: Chosen) -> Chosen:
    if hosts.deploys >= ALL_PLACES:
        return points
    places = spread([place for place, _ in points], hosts.deploys)
    return [point for point in points if point[0] in places]


@scenario(
    "instance-kill-points",
    "instances: killed at every call that changes something, with load",
    for_old=False,
)
def kill_points(hosts: HostFactory, row: Row) -> None:
    """Kill each command at each of its places, and recover."""
    interrupt(hosts, row, kills)


@scenario(
    "instance-fault-points",
    "instances: every call that changes something fails, with load",
    for_old=False,
)
def fault_points(hosts: HostFactory, row: Row) -> None:
    """Let each call fail once."""
    interrupt(hosts, row, faults)


@scenario(
    "instance-signal-points",
    "instances: a signal at every call that changes something, with load",
    for_old=False,
)
def signal_points(hosts: HostFactory, row: Row) -> None:
    """Send a signal at each place."""
    interrupt(hosts, row, signals)
