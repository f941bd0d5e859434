"""Releases that do not work are deployed; the old version serves with any start limit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import DEAF, DIES, FLAPS, HANGS, MODULE
from harness.host.scenario import scenario
from harness.host.service_units import STRICT, USER_MADE, replace_unit

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

LIMIT = 5.0
# What restoring the old version, and the rest of a deploy, may take besides.
OVERHEAD = 6.0
# What systemd waits before it kills a service: TimeoutStopSec= of the shipped unit.
STOP_SECONDS = 30.0
WAYS = {"dies": ("dies at start", DIES), "hangs": ("hangs", HANGS), "flaps": ("flaps", FLAPS)}
UNITS = {
    "shipped": ("the shipped unit", None),
    "default": ("a user-made unit with systemd's start limits", USER_MADE),
    "strict": ("a unit that may start twice in an hour", STRICT),
}
NO_LIMIT = ("reset-failed", "diting")


def expect_restored(row: Row, store: HostStore, archive: str, overhead: float) -> None:
    """Deploy a release that does not work, and expect that the old version is healthy again."""
    run = store.releases("deploy", archive)
    row.expect(run.status == 10, f"status 10, was {run.status}: {run.errors[-500:]}")
    beyond = run.seconds - LIMIT
    row.expect(beyond < overhead, f"{overhead:.0f} s beyond the limit at most, was {beyond:.2f}")
    row.restorations.append(beyond)
    row.expect(store.version() == "good", f"good serves, was {store.version()}")
    row.expect(store.live_version() == "good", f"good is live, was {store.live_version()}")
    status = store.releases("status")
    row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
    row.saw(
        f"status {run.status} after {run.seconds:.1f} s of {LIMIT:.0f}, "
        f"{store.version()} serves; {run.message or run.text[-300:]}"
    )


def deploy_broken(
    hosts: HostFactory,
    row: Row,
    unit_text: str | None,
    app: str,
    overhead: float = OVERHEAD,
) -> None:
    """Deploy a version that works, and then twice one that does not."""
    with hosts.store() as store:
        if unit_text:
            replace_unit(store.host, unit_text)
        store.host.must("systemctl", "enable", "diting")
        first = store.deploy(hosts.application.archive("good"))
        row.expect(first.status == 0, f"the first deploy is done, was {first.status}: {first.text}")
        store.host.must("systemctl", *NO_LIMIT)
        archive = store.host.copy_in(
            hosts.application.archive("broken", {MODULE: app}), "/srv/in/broken.tar.gz"
        )
        # The second deploy must not fail because of the starts that the first one used up.
        for _ in range(2):
            expect_restored(row, store, archive, overhead)


for way, (what, application) in WAYS.items():
    for unit_name, (unit_title, text) in UNITS.items():
        scenario(
            f"{way}-{unit_name}",
            f"a release that {what}, {unit_title}",
            in_slice=(way, unit_name) in (("dies", "shipped"), ("dies", "default")),
        )(partial(deploy_broken, unit_text=text, app=application))


@scenario("hangs-deaf", "a release that hangs and ignores SIGTERM, the shipped unit")
def ignores_sigterm(hosts: HostFactory, row: Row) -> None:
    """Deploy an application that ignores SIGTERM."""
    deploy_broken(hosts, row, None, DEAF, OVERHEAD + STOP_SECONDS)
