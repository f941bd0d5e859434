"""Deploys while the recovery service is in each of its states; they never wait for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.assertions import expect
from harness.host.application import HANGS, MODULE
from harness.host.installation import unit
from harness.host.scenario import scenario
from harness.host.scenarios.boot_recovery import begin_unconfirmed
from harness.processes import wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

# A third of the 30 s that such a wait takes.
AT_MOST = 10.0


def never_ran(store: HostStore, recover: str) -> None:
    """Stop the service, as it is between the installation and the first boot."""
    store.host.must("systemctl", "stop", recover)


def disabled(store: HostStore, recover: str) -> None:
    """Disable the service."""
    store.host.must("systemctl", "disable", "--now", recover)


def ran_by_hand(store: HostStore, recover: str) -> None:
    """Start the service by hand."""
    store.host.must("systemctl", "restart", recover)


def ran_at_boot(store: HostStore, _: str) -> None:
    """Cut the power and boot."""
    store.host.power_cut()
    store.host.boot()


def failed(store: HostStore, recover: str) -> None:
    """Make the service fail, since it cannot open the lock."""
    lock = store.directory / ".releases/lock"
    mode = lock.stat().st_mode & 0o777
    lock.chmod(0)
    store.host.inside("systemctl", "restart", recover)
    lock.chmod(mode)
    expect(store.host.state(recover) == "failed", f"{recover} fails")


STATES: dict[str, tuple[str, Callable[[HostStore, str], None]]] = {
    "disabled": ("not enabled", disabled),
    "inactive": ("enabled and inactive", never_ran),
    "by-hand": ("enabled and started by hand", ran_by_hand),
    "boot": ("enabled, after a boot", ran_at_boot),
    "failed": ("enabled and failed", failed),
}


def deploy_in_state(
    hosts: HostFactory, row: Row, prepare: Callable[[HostStore, str], None]
) -> None:
    """Deploy two versions, each with the service in this state."""
    with hosts.store() as store:
        recover = unit(store.host, "recover")
        store.host.must("systemctl", "enable", "diting")
        for version in ("good1", "good2"):
            prepare(store, recover)
            run = store.deploy(hosts.application.archive(version), "--json")
            row.expect(run.status == 0, f"{version} is deployed: {run.status}: {run.text}")
            took = run.step("activate")
            row.expect(took < AT_MOST, f"the restart takes {AT_MOST} s at most, took {took}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            row.saw(f"{version}: {took:.2f} s")


for name, (title, before) in STATES.items():
    scenario(
        f"deploy-{name}",
        f"deploys with recovery {title}",
        in_slice=name == "inactive",
    )(partial(deploy_in_state, prepare=before))


@scenario("recover-beside", "recovery at boot does not wait for a running deploy", in_slice=True)
def recovery_during_deploy(hosts: HostFactory, row: Row) -> None:
    """Start the service while a deploy holds the lock, and again after the deploy was killed."""
    with hosts.store() as store:
        recover = unit(store.host, "recover")
        store.host.must("systemctl", "enable", "diting")
        store.deploy(hosts.application.archive("good"))
        process = begin_unconfirmed(hosts, row, store)
        run = store.host.inside("systemctl", "restart", recover)
        row.expect(run.status == 0, f"{recover} starts, was {run.status}: {run.text}")
        row.expect(run.seconds < 5, f"it does not wait, took {run.seconds:.1f} s")
        row.expect(process.poll() is None, "the deploy goes on")
        row.expect(store.live_version() == "hangs", "its switch is left alone")
        state = store.host.state(recover)
        row.expect(state == "inactive", f"{recover} does not stay active, was {state}")
        row.saw(f"{run.seconds:.2f} s: {store.host.journal(recover).strip()}")
        end_and_recover(row, store, recover, process)


def end_and_recover(
    row: Row,
    store: HostStore,
    recover: str,
    process: subprocess.Popen[str],
) -> None:
    """Kill the deploy, and expect that a later start of the same unit recovers."""
    store.host.inside("pkill", "-KILL", "-x", "releases")
    process.wait()
    store.host.must("systemctl", "restart", recover)
    row.expect(
        store.live_version() == "good", f"a later start recovers, live was {store.live_version()}"
    )


@scenario("recover-often", "recovery is started again and again while deploys run")
def repeated_recovery(hosts: HostFactory, row: Row) -> None:
    """Restart the service all the time while versions are deployed."""
    with hosts.store() as store:
        recover = unit(store.host, "recover")
        store.host.must("systemctl", "enable", "diting")
        store.deploy(hosts.application.archive("good0"))
        again = store.host.begin(
            store.host.command(
                "sh",
                "-c",
                f"while sleep 0.05; do systemctl restart {recover} || echo failed; "
                f"systemctl reset-failed {recover}; done",
            )
        )
        try:
            for number in (1, 2, 3):
                run = store.deploy(hosts.application.archive(f"good{number}"), "--json")
                row.expect(run.status == 0, f"deploy {number} is done: {run.status}: {run.text}")
                row.saw(f"{run.seconds:.2f} s")
                row.expect(run.seconds < AT_MOST, f"{AT_MOST} s at most, was {run.seconds:.2f}")
            bad = hosts.application.archive("bad", {MODULE: HANGS})
            run = store.deploy(bad)
            row.expect(run.status == 10, f"a bad one ends with 10, was {run.status}: {run.text}")
            serves = wait_until(lambda: store.version() == "good3", 5)
            row.expect(serves, f"good3 serves, was {store.version()}")
        finally:
            store.host.inside("pkill", "-f", "while sleep 0.05")
            again.kill()
            output = again.communicate()[0]
        row.expect("failed" not in output, "each start of the recovery service succeeds")
