"""Instances are switched by hand under load, which tries the shipped units and fronts alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.host_store import UV_SYNC
from harness.host.instances.applications import APP, CLOSING
from harness.host.instances.instance_store import (
    FRONTS,
    HERE,
    InstanceStore,
    instance_store,
    observed,
)
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

RELEASES = ("a", "b")
DRAIN = 15


def unpack(
    hosts: HostFactory, row: Row, store: InstanceStore, version: str, app: str = APP
) -> None:
    """Unpack and prepare a release that has its version as ID."""
    archive = hosts.application.archive(version, {MODULE: app})
    inside = store.host.copy_in(archive, f"/srv/in/{archive.name}")
    run = store.releases("unpack", inside, "--id", version)
    row.expect(run.status == 0, f"{version} is unpacked, was {run.status}: {run.text}")


def switch(row: Row, store: InstanceStore, script: str, *words: str) -> list[float]:
    """Switch by hand; return the seconds of draining and stopping, and what was not drained."""
    run = store.host.as_user("deploy", script, *words)
    row.expect(run.status == 0, f"switch to {words[0]}: {run}")
    return [float(word) for word in run.output.split()]


def by_hand(hosts: HostFactory, row: Row, front: str, app: str = APP) -> None:
    """Switch between two releases again and again, while requests come through a front."""
    with instance_store(hosts, front) as store:
        store.configure(prepare=UV_SYNC)
        for version in RELEASES:
            unpack(hosts, row, store, version, app)
        script = store.host.copy_in(HERE / "switch_by_hand.sh", "/srv/harness/switch", 0o755)
        switch(row, store, script, "a")
        times = []
        # In the end, the first release is live.
        count = -(-hosts.deploys // 2) * 2
        with observed(store.host, hosts.rate) as seen:
            for number in range(1, count + 1):
                new, old = RELEASES[number % 2], RELEASES[(number + 1) % 2]
                times.append(switch(row, store, script, new, old, str(DRAIN)))
        row.expect(seen.load["failed"] == 0, f"no request fails: {seen.load['failures']}")
        row.expect(not seen.watch["gaps"], f"the link always works: {seen.watch['gaps']}")
        changes = len(seen.load["versions"])
        row.expect(changes > count, f"the answers change with the link, {changes} times")
        drained = [one[0] for one in times]
        row.saw(
            f"{count} switches; {seen.summary()}; drained in {sum(drained) / len(drained):.2f} s,"
            f" at most {max(drained):.2f} s, left {sum(one[2] for one in times):.0f}; stopped in "
            f"at most {max(one[1] for one in times):.2f} s"
        )
        row.expect(store.sockets() == ["a", "live.sock"], f"nothing is left: {store.sockets()}")
        print(row.seen[-1], seen.load["failedAt"][:10], flush=True)


APPLICATIONS = {"": APP, ", and close kept connections": CLOSING}
for a_front in FRONTS:
    for words, an_app in APPLICATIONS.items():
        scenario(
            f"by-hand-{a_front.replace(' ', '-')}{'-closing' if words else ''}",
            f"instances are switched by hand under load through {a_front}{words}",
            for_old=False,
        )(partial(by_hand, front=a_front, app=an_app))
