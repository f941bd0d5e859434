"""A host with instances loses its power: while it drains or recovers, and with broken units."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.host.installation import unit
from harness.host.instances import stopped_switch
from harness.host.instances.quick import (
    DIES,
    Held,
    QuickStore,
    expect_only,
    expect_status,
    quick_store,
)
from harness.host.scenario import scenario
from harness.host.scenarios.instance_drains import switch_and_drain
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

LONGEST_START = 20


def reboot(row: Row, store: QuickStore, when: str) -> None:
    """Cut the power and boot."""
    store.host.power_cut()
    start = time.monotonic()
    store.host.boot()
    booted = time.monotonic() - start
    live = store.live()
    wait_until(lambda: store.ask() == live, LONGEST_START)
    row.saw(f"{when}: booted {booted:.1f} s, serves {time.monotonic() - start:.1f} s")


def expect_recovered(row: Row, store: QuickStore, when: str, allowed: tuple[str, ...]) -> None:
    """Expect that one of the releases serves alone, and that nothing is left to recover."""
    live = store.live()
    row.expect(live in allowed, f"{when}: one of {allowed} is live: {store.state()}")
    expect_only(row, store, live, f"{when}: {store.host.journal(unit(store.host, 'recover'))}")
    again = store.releases("recover")
    row.expect(again.status == 0 and not again.output, f"{when}: nothing is left: {again}")
    status = store.releases("status")
    row.expect(status.status == 0, f"{when}: status: {status}")


@scenario("instance-boot-exclusive", "instances: power cuts with overlap: false", for_old=False)
def exclusive(hosts: HostFactory, row: Row) -> None:
    """Cut the power at places of a switch in which the old instance is stopped first."""
    with quick_store(hosts) as store:
        store.set_up(drain="1s", more="  overlap: false\n")
        for version in ("a", "b"):
            store.put(version)
        store.releases("activate", "a")
        found = stopped_switch.places(store, "activate", "b")
        chosen = stopped_switch.spread(found, 10 if hosts.deploys > 3 else 5)
        for number, place in enumerate(chosen):
            old, new = store.live(), f"r{number}"
            store.put(new)
            run = stopped_switch.Interrupted(store, place, "STOP", "activate", new)
            row.expect(wait_until(run.is_stopped, 60), f"it stops at {place}")
            reboot(row, store, f"{place}")
            expect_recovered(row, store, f"power cut at {place}", (old, new))


@scenario("instance-boot-drain", "instances: a power cut while the old one drains", for_old=False)
def drains(hosts: HostFactory, row: Row) -> None:
    """Cut the power during the drain, and during a recovery."""
    with quick_store(hosts) as store:
        store.set_up(drain="60s")
        for version in ("a", "b", "c"):
            store.put(version)
        store.releases("activate", "a")
        Held(store.host)
        switch_and_drain(store, "b")
        reboot(row, store, "drain")
        expect_recovered(row, store, "power cut during the drain", ("b",))
        place = next(
            place
            for place in stopped_switch.places(store, "activate", "c")
            if "live.sock" in place.line and place.call.startswith("rename")
        )
        for number in range(3):
            old, new = store.live(), f"d{number}"
            store.put(new)
            killed = stopped_switch.Interrupted(store, place, "KILL", "activate", new)
            killed.process.communicate(timeout=60)
            line = ("pwrite64", "rename", "clone")[number]
            stopped = stopped_switch.Interrupted(
                store, stopped_switch.Place(line, 1, ""), "STOP", "recover"
            )
            wait_until(stopped.is_stopped, 20)
            reboot(row, store, f"recover at {line}")
            expect_recovered(row, store, f"power cut in recover at {line}", (old, new))


@scenario("instance-boot-broken", "instances: a boot with a broken live release", for_old=False)
def broken(hosts: HostFactory, row: Row) -> None:
    """Boot when the live release fails, when it is gone, and without the right to start it."""
    with quick_store(hosts) as store:
        store.set_up(drain="1s")
        for version in ("a", "b"):
            store.put(version)
            store.releases("activate", version)
        app = store.directory / "releases/b/app.py"
        text = app.read_text()
        app.write_text(DIES)
        store.host.must("sync")
        reboot(row, store, "broken app")
        status = store.releases("status")
        expect_status(row, status, 7, "the unit of the live release fails")
        row.saw(f"unit fails: {status}")
        run = store.releases("rollback")
        expect_status(row, run, 0, "rollback from it")
        expect_only(row, store, "a", "rolled back")
        app.write_text(text)
        expect_status(row, store.releases("activate", "b", "--force"), 0, "b again")
        rule = "/etc/polkit-1/rules.d/50-diting.rules"
        store.host.must("mv", rule, "/root/")
        store.host.must("sync")
        reboot(row, store, "no rule")
        row.saw(f"no rule: {store.host.journal(unit(store.host, 'recover'))}")
        status = store.releases("status")
        expect_status(row, status, 7, "no rule")
        row.saw(f"no rule: {status}")
        store.host.must("mv", "/root/50-diting.rules", rule)
        store.host.must("systemctl", "restart", "polkit")
        run = store.releases("recover")
        row.saw(f"rule again: {run}")
        expect_recovered(row, store, "rule again", ("b",))
        store.host.must("rm", "-r", "/opt/diting/releases/b")
        store.host.must("sync")
        reboot(row, store, "release gone")
        row.saw(f"release gone: {store.host.journal(unit(store.host, 'recover'))}")
        status = store.releases("status")
        expect_status(row, status, 7, "release gone")
        row.saw(f"release gone: {status}")
        run = store.releases("activate", "a")
        row.saw(f"activate a: {run}")
        expect_status(row, run, 0, "activate a")
        expect_only(row, store, "a", "afterwards")
