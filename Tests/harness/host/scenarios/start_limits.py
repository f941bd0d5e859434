"""Many good starts of a service, which the start limit must not stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.scenario import scenario
from harness.host.service_units import USER_MADE, replace_unit

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

SWITCHES = 10


@scenario("first", "`enable --now` before the first deploy", in_slice=True)
def enabled_before(hosts: HostFactory, row: Row) -> None:
    """The service is enabled and fails to start before the first deploy."""
    with hosts.store() as store:
        store.host.inside("systemctl", "enable", "--now", "diting")
        # All starts up to the limit take less.
        store.host.inside("sleep", "16")
        row.saw(f"before: {store.host.state('diting')}, {store.host.property('diting', 'Result')}")
        run = store.deploy(hosts.application.archive("good"))
        row.expect(run.status == 0, f"the first deploy is done, was {run.status}: {run.text}")
        row.expect(store.version() == "good", f"good serves, was {store.version()}")
        row.saw(f"afterwards {store.version()} serves")


def ten_switches(hosts: HostFactory, row: Row, unit_text: str | None) -> None:
    """Switch ten times between two versions."""
    with hosts.store() as store:
        if unit_text:
            replace_unit(store.host, unit_text)
        store.host.must("systemctl", "enable", "diting")
        ids = {}
        for version in ("one", "two"):
            ids[version] = store.deploy(hosts.application.archive(version), "--json").json["id"]
        seconds = 0.0
        for number in range(SWITCHES):
            version = ("one", "two")[number % 2]
            run = store.releases("activate", ids[version])
            seconds += run.seconds
            row.expect(run.status == 0, f"switch {number + 1} is done: {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
        row.expect(seconds < 120, f"all in two minutes, took {seconds:.0f} s")
        bad = [
            one["id"]
            for one in store.releases("list", "--json").json["releases"]
            if one["state"] == "bad"
        ]
        row.expect(not bad, f"no release is marked bad, were {bad}")
        row.saw(f"{SWITCHES} switches in {seconds:.1f} s, {store.version()} serves")


@scenario("ten-shipped", "ten healthy switches within two minutes, the shipped unit")
def ten_shipped(hosts: HostFactory, row: Row) -> None:
    """Switch with the shipped unit."""
    ten_switches(hosts, row, None)


@scenario("ten-default", "ten healthy switches within two minutes, systemd's start limits")
def ten_default(hosts: HostFactory, row: Row) -> None:
    """Switch with a short unit."""
    ten_switches(hosts, row, USER_MADE)
