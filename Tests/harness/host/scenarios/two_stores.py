"""Two stores of two owners on one host, each with all shipped units as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.host_store import HostStore
from harness.host.installation import unit
from harness.host.scenario import scenario
from harness.host.scenarios.timers import METRICS, start
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

STORES = {"shop": "/srv/shop", "blog": "/home/blog/site"}
JOBS = ("prune", "verify", "metrics")
PLAIN = "keep: {count: 1, age: 1s}\n"
# An activation waits for a health check that never succeeds.
WAITS = PLAIN + 'health: {url: "http://127.0.0.1:1/health", timeout: 60s}\n'


def make(hosts: HostFactory, row: Row, store: HostStore) -> None:
    """Make a store with three releases, and its owner."""
    host, owner = store.host, store.owner
    host.must("useradd", "--create-home", owner)
    host.must("install", "--directory", f"--owner={owner}", f"--group={owner}", store.place)
    run = store.releases("init")
    row.expect(run.status == 0, f"init of {store.place}: {run.text}")
    store.write("releases.yaml", PLAIN)
    for number in range(3):
        archive = host.copy_in(
            hosts.application.archive(f"{owner}{number}"), f"/srv/in/{owner}{number}.tar.gz"
        )
        run = store.releases("deploy", archive)
        row.expect(run.status == 0, f"{owner}{number} is deployed: {run.text}")


def enable(row: Row, store: HostStore) -> None:
    """Enable all units of a store."""
    host = store.host
    timers = [unit(host, job, store.place, "timer") for job in JOBS]
    host.must("systemctl", "enable", "--now", *timers)
    host.must("systemctl", "enable", unit(host, "recover", store.place))
    for name in timers:
        row.expect(host.state(name) == "active", f"{name} is armed, was {host.state(name)}")


def expect_owned(row: Row, store: HostStore) -> None:
    """Expect that all files of a store belong to its owner."""
    others = store.host.shell(
        f"find {store.place} ! -user {store.owner} ! -name '*.yaml' | head -n 3"
    ).split()
    row.expect(not others, f"all of {store.place} is {store.owner}'s, but {others}")


@scenario("two-stores", "two stores of two owners on one host, both with all their timers")
def two_stores(hosts: HostFactory, row: Row) -> None:
    """Start the services of both stores."""
    with hosts.booted(hosts.installed(hosts.package)) as host:
        stores = [HostStore(host, place, owner) for owner, place in STORES.items()]
        for store in stores:
            make(hosts, row, store)
            enable(row, store)
        host.inside("sleep", "1.2")
        for store in stores:
            for job in JOBS:
                start(row, store, job)
            row.expect(store.entries(".releases/trash") == [], f"{store.place}: trash is empty")
            left = len(store.entries("releases"))
            row.expect(left == 2, f"{store.place}: two releases are left, were {left}")
            expect_owned(row, store)
        written = "".join(file.read_text() for file in host.path(METRICS).glob("*.prom"))
        for store in stores:
            row.expect(f'store="{store.place}"' in written, f"metrics of {store.place}")
        expect_separate(row, stores)
        row.saw(", ".join(unit(host, "prune", store.place, "timer") for store in stores))


def expect_separate(row: Row, stores: list[HostStore]) -> None:
    """Expect that a modified file makes the service of one store alone fail."""
    (stores[0].directory / "current/VERSION").write_text("other\n")
    states = [
        stores[0].host.inside("systemctl", "start", unit(store.host, "verify", store.place)).status
        for store in stores
    ]
    row.expect(states[0] != 0 and states[1] == 0, f"only one store is modified, were {states}")


@scenario("two-cut", "power cut in unconfirmed switches of two stores, then a boot")
def two_power_cuts(hosts: HostFactory, row: Row) -> None:
    """Cut the power in unconfirmed switches of both stores."""
    with hosts.booted(hosts.installed(hosts.package)) as host:
        stores = [HostStore(host, place, owner) for owner, place in STORES.items()]
        for store in stores:
            make(hosts, row, store)
            enable(row, store)
        live = [store.link("current") for store in stores]
        for store in stores:
            store.write("releases.yaml", WAITS)
            host.begin(store.command("activate", "previous"))
        moved = wait_until(
            lambda: all(store.link("current") != link for store, link in zip(stores, live)), 20
        )
        row.expect(moved, "both switches are unconfirmed")
        host.power_cut()
        host.boot()
        for store, link in zip(stores, live):
            now = store.link("current")
            row.expect(now == link, f"{store.place}: recovered to {link}, was {now}")
            expect_owned(row, store)
            row.saw(host.journal(unit(host, "recover", store.place)).strip())
