"""A deploy while the recovery service is in each of its states: it never has to wait."""

import subprocess
from collections.abc import Callable

from application import HANGS, MODULE
from boot_recovery import begin_unconfirmed
from ended import wait_until
from report import Row
from scenario import scenario
from setting_up import unit
from store import Store
from workshop import Workshop

# A third of the 30 s that such a wait takes.
AT_MOST = 10.0


def never_ran(store: Store, recover: str) -> None:
    """As it is after the installation, until the first boot."""
    store.host.must("systemctl", "stop", recover)


def disabled(store: Store, recover: str) -> None:
    store.host.must("systemctl", "disable", "--now", recover)


def ran_by_hand(store: Store, recover: str) -> None:
    store.host.must("systemctl", "restart", recover)


def ran_at_boot(store: Store, recover: str) -> None:
    store.host.power_cut()
    store.host.boot_again()


def failed(store: Store, recover: str) -> None:
    """The store could not be locked for a while."""
    lock = store.directory / ".releases/lock"
    mode = lock.stat().st_mode & 0o777
    lock.chmod(0)
    store.host.inside("systemctl", "restart", recover)
    lock.chmod(mode)
    assert store.host.state(recover) == "failed", store.host.state(recover)


STATES: dict[str, tuple[str, Callable[[Store, str], None]]] = {
    "disabled": ("not enabled", disabled),
    "inactive": ("enabled and inactive", never_ran),
    "by-hand": ("enabled and started by hand", ran_by_hand),
    "boot": ("enabled, after a boot", ran_at_boot),
    "failed": ("enabled and failed", failed),
}


def beside(shop: Workshop, row: Row, prepare: Callable[[Store, str], None]) -> None:
    with shop.store() as store:
        recover = unit(store.host, "recover")
        store.host.must("systemctl", "enable", "diting")
        for version in ("good1", "good2"):
            prepare(store, recover)
            run = store.deploy(shop.application.archive(version), "--json")
            row.expect(run.status == 0, f"{version} is deployed: {run.status}: {run.text}")
            took = run.step("activate")
            row.expect(took < AT_MOST, f"the restart takes {AT_MOST} s at most, took {took}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            row.saw(f"{version}: {took:.2f} s")


for name, (title, before) in STATES.items():
    scenario(
        f"deploy-{name}", f"deploys with recovery {title}", in_slice=name == "inactive",
    )(lambda shop, row, before=before: beside(shop, row, before))


@scenario("recover-beside", "recovery at boot beside a living deploy does not wait", in_slice=True)
def recover_beside(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        recover = unit(store.host, "recover")
        store.host.must("systemctl", "enable", "diting")
        store.deploy(shop.application.archive("good"))
        process = begin_unconfirmed(shop, row, store)
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
    row: Row, store: Store, recover: str, process: subprocess.Popen[str],
) -> None:
    """The deploy is killed: a later start of the same unit recovers."""
    store.host.inside("pkill", "-KILL", "-x", "releases")
    process.wait()
    store.host.must("systemctl", "restart", recover)
    row.expect(
        store.live_version() == "good",
        f"a later start recovers, live was {store.live_version()}")


@scenario("recover-often", "recovery is started again and again while deploys run")
def recover_often(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        recover = unit(store.host, "recover")
        store.host.must("systemctl", "enable", "diting")
        store.deploy(shop.application.archive("good0"))
        again = store.host.begin(store.host.command(
            "sh", "-c", f"while sleep 0.05; do systemctl restart {recover} || echo failed; "
            f"systemctl reset-failed {recover}; done"))
        try:
            for number in (1, 2, 3):
                run = store.deploy(shop.application.archive(f"good{number}"), "--json")
                row.expect(run.status == 0, f"deploy {number} is done: {run.status}: {run.text}")
                row.saw(f"{run.seconds:.2f} s")
                row.expect(run.seconds < AT_MOST, f"{AT_MOST} s at most, was {run.seconds:.2f}")
            bad = shop.application.archive("bad", {MODULE: HANGS})
            run = store.deploy(bad)
            row.expect(run.status == 10, f"a bad one ends with 10, was {run.status}: {run.text}")
            serves = wait_until(lambda: store.version() == "good3", 5)
            row.expect(serves, f"good3 serves, was {store.version()}")
        finally:
            store.host.inside("pkill", "-f", "while sleep 0.05")
            again.kill()
            output = again.communicate()[0]
        row.expect("failed" not in output, "each start of the recovery service succeeds")
