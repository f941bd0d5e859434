"""A switch between instances is killed, or the host loses its power, at places spread over it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.installation import unit
from harness.host.instances import stopped_switch
from harness.host.instances.applications import APP
from harness.host.instances.instance_store import (
    InstanceStore,
    expect_live_only,
    instance_store,
    observed,
)
from harness.host.scenario import scenario
from harness.host.scenarios.instance_deploys import expect_no_failure
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

REBOOTS = 10
# Until the application answers after a boot, in seconds.
LONGEST_START = 30.0


def unpack(hosts: HostFactory, row: Row, store: InstanceStore, version: str) -> None:
    """Unpack a release that has its version as ID."""
    archive = hosts.application.archive(version, {MODULE: APP})
    inside = store.host.copy_in(archive, f"/srv/in/{archive.name}")
    run = store.releases("unpack", inside, "--id", version)
    row.expect(run.status == 0, f"{version} is unpacked, was {run.status}: {run.text}")


def two_live(hosts: HostFactory, row: Row, store: InstanceStore) -> list[stopped_switch.Place]:
    """Deploy a version and switch to a second one; return the places of that switch."""
    store.configure_instances(timeout="20s", drain="3s")
    for version in ("v1", "v2"):
        unpack(hosts, row, store, version)
    run = store.releases("activate", "v1")
    row.expect(run.status == 0, f"v1 is live, was {run.status}: {run.text}")
    found = stopped_switch.places(store, "activate", "v2")
    row.saw(f"{len(found)} places")
    return found


def expect_consistent(row: Row, store: InstanceStore, when: str, allowed: tuple[str, ...]) -> str:
    """Expect that one of the releases is live and serves alone, and that nothing is left to do."""
    live = expect_live_only(row, store, when)
    row.expect(live in allowed, f"{when}: one of {allowed} is live, was {live}")
    row.expect(store.serves(live, LONGEST_START), f"{when}: {live} serves, was {store.version()}")
    again = store.releases("recover")
    row.expect(again.status == 0 and not again.output, f"{when}: nothing is left: {again.text}")
    status = store.releases("status")
    row.expect(status.status == 0, f"{when}: status is 0, was {status.status}: {status.text}")
    return live


def kills(hosts: HostFactory, row: Row, front: str) -> None:
    """Kill the tool at places of a switch, and recover."""
    with instance_store(hosts, front) as store:
        chosen = stopped_switch.spread(two_live(hosts, row, store), max(hosts.deploys, 3))
        rows: list[list[object]] = []
        with observed(store.host, hosts.rate) as seen:
            for number, place in enumerate(chosen):
                old, new = store.live(), f"k{number}"
                unpack(hosts, row, store, new)
                run = stopped_switch.Interrupted(store, place, "KILL", "activate", new)
                run.process.communicate(timeout=90)
                where = run.last_call()
                recovered = store.releases("recover")
                when = f"killed at {where}"
                row.expect(recovered.status == 0, f"{when}: recover: {recovered.text}")
                live = expect_consistent(row, store, when, (old, new))
                rows.append([where, live == new, recovered.text])
        expect_no_failure(row, seen)
        row.saw(f"killed at {len(rows)} places")
        row.table(
            "SIGKILL at a system call of `releases activate`, then `releases recover`.",
            ["killed at", "the new release is live", "`recover` printed"],
            rows,
        )


def reboots(hosts: HostFactory, row: Row, front: str) -> None:
    """Cut the power at places of a switch, and boot."""
    with instance_store(hosts, front) as store:
        count = REBOOTS if hosts.deploys >= REBOOTS else hosts.deploys
        chosen = stopped_switch.spread(two_live(hosts, row, store), count)
        rows: list[list[object]] = []
        for number, place in enumerate(chosen):
            old, new = store.live(), f"r{number}"
            unpack(hosts, row, store, new)
            run = stopped_switch.Interrupted(store, place, "STOP", "activate", new)
            stops = wait_until(run.is_stopped, 60)
            where = run.last_call()
            when = f"power cut at {where}"
            row.expect(stops, f"{when}: the switch stops there")
            store.host.power_cut()
            start = time.monotonic()
            store.host.boot()
            booted = time.monotonic() - start
            serves = wait_until(lambda: store.version() != "-", LONGEST_START)
            row.expect(serves, f"{when}: it serves after the boot")
            serving = time.monotonic() - start
            live = expect_consistent(row, store, when, (old, new))
            entry = store.last()
            row.expect(
                entry["outcome"] in ("done", "undone", "finished"),
                f"{when}: the history says how it ended: {entry}",
            )
            log = store.host.journal(unit(store.host, "recover")).strip()
            words = f"{entry['operation']} {entry['outcome']}: {entry.get('note', '')}"
            rows.append([where, booted, serving, live == new, words, log])
        row.saw(f"power cuts at {len(rows)} places")
        row.table(
            "The switch is stopped at a system call, the power is cut, and the host boots.",
            [
                "stopped at",
                "booted s",
                "serves s",
                "the new release is live",
                "history",
                "recovery",
            ],
            rows,
        )


for name, (title, run_it, front_used) in {
    "instance-kills": ("killed and recovered under load", kills, "nginx"),
    "instance-reboots": ("power cuts and boots", reboots, "nginx"),
    "instance-reboots-proxyd": (
        "power cuts and boots, with systemd-socket-proxyd",
        reboots,
        "systemd-socket-proxyd",
    ),
}.items():
    scenario(
        name,
        f"instances: a switch is interrupted at places spread over it: {title}",
        for_old=False,
    )(partial(run_it, front=front_used))
