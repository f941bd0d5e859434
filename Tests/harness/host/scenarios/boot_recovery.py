"""A switch is interrupted and the host boots; the old version has to serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.application import HANGS, MODULE
from harness.host.installation import unit
from harness.host.scenario import scenario
from harness.processes import Run, wait_until
from harness.tool_messages import NOT_CONFIRMED

if TYPE_CHECKING:
    import subprocess

    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row


def live_and_enabled(hosts: HostFactory, row: Row, store: HostStore) -> None:
    """Enable the service and deploy a version; recovery at boot is enabled already."""
    store.host.must("systemctl", "enable", "diting")
    run = store.deploy(hosts.application.archive("good"))
    row.expect(run.status == 0, f"the first deploy is done, was {run.status}: {run.text}")


def begin_unconfirmed(
    hosts: HostFactory,
    row: Row,
    store: HostStore,
    version: str = "hangs",
) -> subprocess.Popen[str]:
    """Start a deploy that waits for a health check which never succeeds."""
    store.configure(timeout="60s")
    archive = hosts.application.archive(version, {MODULE: HANGS})
    process = store.host.begin(
        store.command("deploy", store.host.copy_in(archive, f"/srv/in/{version}.tar.gz"))
    )

    def unconfirmed() -> bool:
        pid = store.host.property("diting", "MainPID")
        return store.live_version() == version and pid != "0"

    row.expect(wait_until(unconfirmed, 30), "the new version is live and unconfirmed")
    return process


def expect_recovered(row: Row, store: HostStore, version: str = "good") -> None:
    """Expect that the version serves after a boot, and that everything is in order."""
    row.expect(store.serves(version, 30), f"{version} serves, was {store.version()}")
    row.expect(store.live_version() == version, f"{version} is live, was {store.live_version()}")
    history = store.releases("history", "--limit", "3").output
    row.expect(NOT_CONFIRMED in history, f"history says why: {history}")
    recover = unit(store.host, "recover")
    state, result = store.host.state(recover), store.host.property(recover, "Result")
    row.expect(result == "success", f"{recover} succeeds, was {state}, {result}")
    again = store.releases("recover")
    row.expect(again.status == 0 and not again.output, f"nothing is left to recover: {again.text}")
    _expect_whole(row, store.releases("verify", "--all"), store.releases("status"))
    row.expect(store.entries(".releases/staging") == [], "no stage is left")
    row.saw(f"{version} serves; {history.splitlines()[1].split(maxsplit=1)[1].strip()}")


def _expect_whole(row: Row, verify: Run, status: Run) -> None:
    row.expect(verify.status == 0, f"verify --all is 0, was {verify.status}: {verify.text}")
    row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")


@scenario("cut", "power cut in an unconfirmed switch, then a boot", in_slice=True)
def power_cut(hosts: HostFactory, row: Row) -> None:
    """Cut the power in an unconfirmed switch."""
    with hosts.store() as store:
        live_and_enabled(hosts, row, store)
        begin_unconfirmed(hosts, row, store)
        store.host.power_cut()
        seconds = store.host.boot()
        expect_recovered(row, store)
        row.saw(f"booted in {seconds:.1f} s")
        row.saw(store.host.journal(unit(store.host, "recover")).strip())


@scenario("cut-twice", "power cut in an unconfirmed switch, and again while the host boots")
def power_cut_twice(hosts: HostFactory, row: Row) -> None:
    """Cut the power again after the first boot."""
    with hosts.store() as store:
        live_and_enabled(hosts, row, store)
        begin_unconfirmed(hosts, row, store)
        store.host.power_cut()
        store.host.boot()
        store.host.power_cut()
        store.host.boot()
        expect_recovered(row, store)


@scenario("off", "clean power-off during an unconfirmed switch, then a boot")
def power_off(hosts: HostFactory, row: Row) -> None:
    """Shut the host down in an unconfirmed switch."""
    with hosts.store() as store:
        live_and_enabled(hosts, row, store)
        begin_unconfirmed(hosts, row, store)
        seconds = store.host.power_off()
        store.host.boot()
        row.expect(store.serves("good", 30), f"good serves, was {store.version()}")
        _expect_whole(row, store.releases("verify", "--all"), store.releases("status"))
        row.saw(f"off in {seconds:.1f} s; afterwards {store.version()} serves")


@scenario("cut-new", "power cut right after a deploy has reported success, then a boot")
def power_cut_after(hosts: HostFactory, row: Row) -> None:
    """Cut the power as soon as a deploy has reported success."""
    with hosts.store() as store:
        live_and_enabled(hosts, row, store)
        run = store.deploy(hosts.application.archive("next"))
        store.host.power_cut()
        row.expect(run.status == 0, f"the deploy is done, was {run.status}: {run.text}")
        store.host.boot()
        row.expect(store.serves("next", 30), f"next serves, was {store.version()}")
        _expect_whole(row, store.releases("verify", "--all"), store.releases("status"))
        row.saw(f"{store.version()} serves")


@scenario("log", "the system log has a line for each transaction")
def system_log(hosts: HostFactory, row: Row) -> None:
    """Deploy and roll back, and read the log."""
    with hosts.store() as store:
        live_and_enabled(hosts, row, store)
        store.deploy(hosts.application.archive("next"))
        store.releases("rollback")
        lines = store.host.must(
            "journalctl", "--identifier", "releases", "--output", "cat", "--no-pager"
        )
        for word in ("publish", "activate", "rollback"):
            row.expect(word in lines, f"the log has a line of {word}: {lines}")
        row.saw(lines.strip())
