"""The package of 0.1 and its stores: upgraded, and used by both binaries in turn."""

import subprocess
from pathlib import Path

from application import HANGS, MODULE
from boot_recovery import begin_unconfirmed
from report import Row
from scenario import scenario
from store import Store
from workshop import Workshop

OLD = "/usr/local/lib/releases-0.1"
REFUSED = 3
# The names that 0.1 installs.
TIMERS = ("releases-prune.timer", "releases-verify.timer", "releases-metrics.timer")
RECOVER = "releases-recover.service"


def old_package(shop: Workshop) -> Path:
    if not shop.old_package:
        raise RuntimeError("run with --old: the package of 0.1")
    return shop.old_package


@scenario(
    "upgrade", "0.1 with its units enabled is upgraded; power cut in an unconfirmed switch, boot",
    for_old=False)
def upgrade(shop: Workshop, row: Row) -> None:
    with shop.store(old_package(shop)) as store:
        host = store.host
        host.must("systemctl", "enable", "diting")
        host.must("systemctl", "enable", "--now", *TIMERS)
        host.copy_in(shop.package, "/root/new.deb")
        host.must("dpkg", "--install", "/root/new.deb")
        first = store.deploy(shop.application.archive("good"))
        row.expect(first.status == 0, f"a deploy is done, was {first.status}: {first.text}")
        begin_unconfirmed(shop, row, store)
        host.power_cut()
        host.boot_again()
        row.expect(store.serves("good", 30), f"good serves, was {store.version()}")
        history = store.releases("history", "--limit", "1").output
        row.expect("was not confirmed" in history, f"history says why: {history}")
        for name in TIMERS:
            row.expect(host.state(name) == "active", f"{name} is armed, was {host.state(name)}")
        for name in TIMERS:
            service = name.replace(".timer", ".service")
            run = host.inside("systemctl", "start", service)
            row.expect(run.status == 0, f"{service} succeeds: {host.journal(service)}")
        row.saw(f"{store.version()} serves; {host.journal(RECOVER).strip()}")


def with_both(shop: Workshop, store: Store) -> None:
    """Puts the binary of 0.1 beside the installed one."""
    tree = shop.place / "old-tree"
    if not tree.exists():
        subprocess.run(["dpkg-deb", "--extract", old_package(shop), tree], check=True)
    store.host.copy_in(tree / "usr/bin/releases", OLD, 0o755)


@scenario("both", "a store is used by the new binary, then by 0.1, then by the new one",
          for_old=False)
def both(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        with_both(shop, store)
        for version in ("a", "b", "c"):
            run = store.deploy(shop.application.archive(version), "--ref", version, "--json")
            row.expect(run.status == 0, f"{version} is deployed: {run.text}")
        pinned = store.releases("pin", run.json["id"], "--reason", "kept")
        row.expect(pinned.status == 0, f"pin is 0, was {pinned.status}: {pinned.text}")
        store.releases("rollback")
        live = store.link("current")
        for words in (("list",), ("history",), ("show", "current"), ("verify", "--all"),
                      ("status",), ("recover",)):
            run = store.host.as_user("deploy", OLD, *words)
            row.expect(run.status == 0, f"0.1 {words[0]} is 0, was {run.status}: {run.text}")
        row.expect(store.link("current") == live, "0.1 has not moved anything")
        archive = store.host.copy_in(shop.application.archive("d"), "/srv/in/d.tar.gz")
        for words, version in ((("deploy", archive), "d"), (("rollback",), "b")):
            run = store.host.as_user("deploy", OLD, *words)
            row.expect(run.status == 0, f"0.1 {words[0]} is 0, was {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            row.expect(store.releases("verify", "--all").status == 0, "verify --all is 0")
        status = store.releases("status")
        row.expect(status.status == 0, f"the new status is 0, was {status.status}: {status.text}")
        row.saw(f"{store.version()} serves")


def interrupt(shop: Workshop, row: Row, store: Store, binary: str) -> str:
    """A switch of that binary is killed unconfirmed; returns what was live before."""
    store.host.must("systemctl", "enable", "diting")
    store.deploy(shop.application.archive("good"))
    live = store.link("current")
    if binary == "releases":
        process = begin_unconfirmed(shop, row, store)
    else:
        store.configure(timeout="60s")
        archive = store.host.copy_in(
            shop.application.archive("hangs", {MODULE: HANGS}), "/srv/in/hangs.tar.gz")
        process = store.host.begin(store.host.command_as("deploy", binary, "deploy", archive))
        store.serves("never", 4)
        row.expect(store.link("current") != live, "the new version is live and unconfirmed")
    store.host.inside("pkill", "-KILL", "releases")
    process.wait()
    return live


@scenario("new-then-old", "the new binary is killed in a switch, and 0.1 recovers", for_old=False)
def new_then_old(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        with_both(shop, store)
        live = interrupt(shop, row, store, "releases")
        run = store.host.as_user("deploy", OLD, "recover")
        row.expect(run.status in (0, REFUSED), f"works or is refused, was {run.status}: {run.text}")
        if run.status == 0:
            row.expect(store.link("current") == live, "0.1 restores the old release")
        store.releases("recover")
        row.expect(store.link("current") == live, "the old release is live")
        row.saw(f"0.1 recover: status {run.status}: {run.text}")


@scenario("old-then-new", "0.1 is killed in a switch, and the new binary recovers", for_old=False)
def old_then_new(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        with_both(shop, store)
        live = interrupt(shop, row, store, OLD)
        run = store.releases("recover")
        row.expect(run.status == 0, f"recover is 0, was {run.status}: {run.text}")
        row.expect(store.link("current") == live, "the old release is live")
        row.saw(run.text)
