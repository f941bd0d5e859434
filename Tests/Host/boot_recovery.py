"""A switch is interrupted and the host boots: which version serves, and what is logged."""

import subprocess

from application import HANGS, MODULE
from ended import Run, wait_until
from report import Row
from scenario import scenario
from setting_up import unit
from store import Store
from workshop import Workshop


def live_and_enabled(shop: Workshop, row: Row, store: Store) -> None:
    """The service is enabled as recovery at boot is, and a version serves."""
    store.host.must("systemctl", "enable", "diting")
    run = store.deploy(shop.application.archive("good"))
    row.expect(run.status == 0, f"the first deploy is done, was {run.status}: {run.text}")


def begin_unconfirmed(
    shop: Workshop, row: Row, store: Store, version: str = "hangs",
) -> subprocess.Popen[str]:
    """A deploy that waits for a health check that will not come."""
    store.configure(timeout="60s")
    archive = shop.application.archive(version, {MODULE: HANGS})
    process = store.host.begin(
        store.command("deploy", store.host.copy_in(archive, f"/srv/in/{version}.tar.gz")))

    def unconfirmed() -> bool:
        pid = store.host.property("diting", "MainPID")
        return store.live_version() == version and pid != "0"

    row.expect(wait_until(unconfirmed, 30), "the new version is live and unconfirmed")
    return process


def expect_recovered(row: Row, store: Store, version: str = "good") -> None:
    """The version serves after a boot, `history` says why, and everything is whole."""
    row.expect(store.serves(version, 30), f"{version} serves, was {store.version()}")
    row.expect(store.live_version() == version, f"{version} is live, was {store.live_version()}")
    history = store.releases("history", "--limit", "3").output
    row.expect("was not confirmed" in history, f"history says why: {history}")
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
def power_cut(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        live_and_enabled(shop, row, store)
        begin_unconfirmed(shop, row, store)
        store.host.power_cut()
        seconds = store.host.boot_again()
        expect_recovered(row, store)
        row.saw(f"booted in {seconds:.1f} s")
        row.saw(store.host.journal(unit(store.host, "recover")).strip())


@scenario("cut-twice", "power cut in an unconfirmed switch, and again while the host boots")
def power_cut_twice(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        live_and_enabled(shop, row, store)
        begin_unconfirmed(shop, row, store)
        store.host.power_cut()
        store.host.boot_again()
        store.host.power_cut()
        store.host.boot_again()
        expect_recovered(row, store)


@scenario("off", "clean power-off during an unconfirmed switch, then a boot")
def power_off(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        live_and_enabled(shop, row, store)
        begin_unconfirmed(shop, row, store)
        seconds = store.host.power_off()
        store.host.boot_again()
        row.expect(store.serves("good", 30), f"good serves, was {store.version()}")
        _expect_whole(row, store.releases("verify", "--all"), store.releases("status"))
        row.saw(f"off in {seconds:.1f} s; afterwards {store.version()} serves")


@scenario("cut-new", "power cut right after a deploy was acknowledged, then a boot")
def power_cut_after(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        live_and_enabled(shop, row, store)
        run = store.deploy(shop.application.archive("next"))
        store.host.power_cut()
        row.expect(run.status == 0, f"the deploy is done, was {run.status}: {run.text}")
        store.host.boot_again()
        row.expect(store.serves("next", 30), f"next serves, was {store.version()}")
        _expect_whole(row, store.releases("verify", "--all"), store.releases("status"))
        row.saw(f"{store.version()} serves")


@scenario("log", "the system log has a line for each transaction")
def system_log(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        live_and_enabled(shop, row, store)
        store.deploy(shop.application.archive("next"))
        store.releases("rollback")
        lines = store.host.must(
            "journalctl", "--identifier", "releases", "--output", "cat", "--no-pager")
        for word in ("publish", "activate", "rollback"):
            row.expect(word in lines, f"the log has a line of {word}: {lines}")
        row.saw(lines.strip())
