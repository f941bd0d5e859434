"""Switches between instances are killed, or a call of them fails, at every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances.all_courses import courses
from harness.host.instances.child_points import HOW, ChildPoints, replace_systemctl
from harness.host.instances.course_stores import start_again
from harness.host.instances.courses import ExclusiveRehearsal
from harness.host.instances.interruption import HEAD, KILL, Interruptions, Tally
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
# The courses that are enough for what ends as an error or a kill does.
SOME = ("activate", "deploy of an unhealthy release", ExclusiveRehearsal.name)
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


def children(found: list[Place]) -> Chosen:
    """Return each way to fail at each place."""
    return [(place, how) for place in found for how in HOW]


def interrupt(
    hosts: HostFactory,
    row: Row,
    how: Callable[[list[Place]], Chosen],
    names: tuple[str, ...] = (),
    kind: type[Interruptions] = Interruptions,
) -> None:
    """Try places of courses; in the slice, only some of the first one.

    names: of the courses; none for all.
    """
    tries_all = hosts.deploys >= ALL_PLACES
    chosen = [
        course for course in courses() if course.name in (hosts.courses or names or (course.name,))
    ]
    if not tries_all:
        del chosen[1:]
    tallies = []
    with quick_store(hosts, "nginx") as store:
        if kind is ChildPoints:
            replace_systemctl(store)
        for course in chosen:
            # The course begins with a run that is not interrupted, after which b has been live too.
            if store.live() not in ("a", "b"):
                start_again(store, "a")
            points = kind(row, store, course, hosts.ends_early)
            tallies.append(try_course(hosts, points, how, tries_all))
    row.saw(f"{sum(len(tally.points) for tally in tallies)} points")
    row.table("Each place of each course.", HEAD, [tally.cells() for tally in tallies])


def try_course(
    hosts: HostFactory,
    points: Interruptions,
    how: Callable[[list[Place]], Chosen],
    tries_all: bool,
) -> Tally:
    """Interrupt one course at all of its places, or at some."""
    points.course.set_up(points.store)
    chosen = how(points.places())
    if not tries_all:
        chosen = spread(chosen, hosts.deploys)
    if hosts.ends_early:
        # Most of what can be wrong shows in the second half.
        chosen.reverse()
    return points.run(chosen, hosts.rate)


@scenario(
    "instance-kill-points",
    "instances: killed at every call that changes something, with load",
    in_slice=True,
    for_old=False,
)
def kill_points(hosts: HostFactory, row: Row) -> None:
    """Kill each command at each of its places, and recover."""
    interrupt(hosts, row, kills)


@scenario(
    "instance-fault-points",
    "instances: every call that changes something fails, with load",
    in_slice=True,
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
    interrupt(hosts, row, signals, SOME)


@scenario(
    "instance-systemctl-points",
    "instances: every systemctl that the tool starts fails or is killed, with load",
    for_old=False,
)
def systemctl_points(hosts: HostFactory, row: Row) -> None:
    """Let each systemctl fail in each way."""
    interrupt(hosts, row, children, SOME, ChildPoints)
