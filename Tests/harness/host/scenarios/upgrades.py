"""The package of 0.1 is upgraded, and both binaries use one store in turn."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.host.application import HANGS, MODULE
from harness.host.scenario import scenario
from harness.host.scenarios.boot_recovery import begin_unconfirmed
from harness.tool_messages import NOT_CONFIRMED

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

OLD = "/usr/local/lib/releases-0.1"
REFUSED = 3
# These are the names that 0.1 installs.
TIMERS = ("releases-prune.timer", "releases-verify.timer", "releases-metrics.timer")
RECOVER = "releases-recover.service"


def old_package(hosts: HostFactory) -> Path:
    """Return the package of 0.1."""
    if not hosts.old_package:
        raise RuntimeError("run with --old: the package of 0.1")
    return hosts.old_package


@scenario(
    "upgrade",
    "0.1 with its units enabled is upgraded; power cut in an unconfirmed switch, boot",
    for_old=False,
)
def upgrade(hosts: HostFactory, row: Row) -> None:
    """Upgrade the package, and cut the power in a switch of the new binary."""
    with hosts.store(old_package(hosts)) as store:
        host = store.host
        host.must("systemctl", "enable", "diting")
        host.must("systemctl", "enable", "--now", *TIMERS)
        host.copy_in(hosts.package, "/root/new.deb")
        host.must("dpkg", "--install", "/root/new.deb")
        first = store.deploy(hosts.application.archive("good"))
        row.expect(first.status == 0, f"a deploy is done, was {first.status}: {first.text}")
        begin_unconfirmed(hosts, row, store)
        host.power_cut()
        host.boot()
        row.expect(store.serves("good", 30), f"good serves, was {store.version()}")
        history = store.releases("history", "--limit", "1").output
        row.expect(NOT_CONFIRMED in history, f"history says why: {history}")
        for name in TIMERS:
            row.expect(host.state(name) == "active", f"{name} is armed, was {host.state(name)}")
        for name in TIMERS:
            service = name.replace(".timer", ".service")
            run = host.inside("systemctl", "start", service)
            row.expect(run.status == 0, f"{service} succeeds: {host.journal(service)}")
        row.saw(f"{store.version()} serves; {host.journal(RECOVER).strip()}")


def with_both(hosts: HostFactory, store: HostStore) -> None:
    """Install the binary of 0.1 beside the new one."""
    tree = hosts.place / "old-tree"
    if not tree.exists():
        subprocess.run(["dpkg-deb", "--extract", old_package(hosts), tree], check=True)
    store.host.copy_in(tree / "usr/bin/releases", OLD, 0o755)


@scenario(
    "both", "a store is used by the new binary, then by 0.1, then by the new one", for_old=False
)
def both(hosts: HostFactory, row: Row) -> None:
    """Use a store with the new binary, then with 0.1, then with the new one."""
    with hosts.store() as store:
        with_both(hosts, store)
        for version in ("a", "b", "c"):
            run = store.deploy(hosts.application.archive(version), "--ref", version, "--json")
            row.expect(run.status == 0, f"{version} is deployed: {run.text}")
        pinned = store.releases("pin", run.json["id"], "--reason", "kept")
        row.expect(pinned.status == 0, f"pin is 0, was {pinned.status}: {pinned.text}")
        store.releases("rollback")
        live = store.link("current")
        for words in (
            ("list",),
            ("history",),
            ("show", "current"),
            ("verify", "--all"),
            ("status",),
            ("recover",),
        ):
            run = store.host.as_user("deploy", OLD, *words)
            row.expect(run.status == 0, f"0.1 {words[0]} is 0, was {run.status}: {run.text}")
        row.expect(store.link("current") == live, "0.1 has not moved anything")
        archive = store.host.copy_in(hosts.application.archive("d"), "/srv/in/d.tar.gz")
        for words, version in ((("deploy", archive), "d"), (("rollback",), "b")):
            run = store.host.as_user("deploy", OLD, *words)
            row.expect(run.status == 0, f"0.1 {words[0]} is 0, was {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            row.expect(store.releases("verify", "--all").status == 0, "verify --all is 0")
        status = store.releases("status")
        row.expect(status.status == 0, f"the new status is 0, was {status.status}: {status.text}")
        row.saw(f"{store.version()} serves")


def interrupt(hosts: HostFactory, row: Row, store: HostStore, binary: str) -> str:
    """Kill a binary in an unconfirmed switch; return the link `current` from before."""
    store.host.must("systemctl", "enable", "diting")
    store.deploy(hosts.application.archive("good"))
    live = store.link("current")
    if binary == "releases":
        process = begin_unconfirmed(hosts, row, store)
    else:
        store.configure(timeout="60s")
        archive = store.host.copy_in(
            hosts.application.archive("hangs", {MODULE: HANGS}), "/srv/in/hangs.tar.gz"
        )
        process = store.host.begin(store.host.command_as("deploy", binary, "deploy", archive))
        store.serves("never", 4)
        row.expect(store.link("current") != live, "the new version is live and unconfirmed")
    store.host.inside("pkill", "-KILL", "releases")
    process.wait()
    return live


@scenario("new-then-old", "the new binary is killed in a switch, and 0.1 recovers", for_old=False)
def new_then_old(hosts: HostFactory, row: Row) -> None:
    """Recover with 0.1 what the new binary has begun."""
    with hosts.store() as store:
        with_both(hosts, store)
        live = interrupt(hosts, row, store, "releases")
        run = store.host.as_user("deploy", OLD, "recover")
        row.expect(
            run.status in (0, REFUSED), f"0.1 recovers or refuses, was {run.status}: {run.text}"
        )
        if run.status == 0:
            row.expect(store.link("current") == live, "0.1 restores the old release")
        store.releases("recover")
        row.expect(store.link("current") == live, "the old release is live")
        row.saw(f"0.1 recover: status {run.status}: {run.text}")


@scenario("old-then-new", "0.1 is killed in a switch, and the new binary recovers", for_old=False)
def old_then_new(hosts: HostFactory, row: Row) -> None:
    """Recover with the new binary what 0.1 has begun."""
    with hosts.store() as store:
        with_both(hosts, store)
        live = interrupt(hosts, row, store, OLD)
        run = store.releases("recover")
        row.expect(run.status == 0, f"recover is 0, was {run.status}: {run.text}")
        row.expect(store.link("current") == live, "the old release is live")
        row.saw(run.text)
