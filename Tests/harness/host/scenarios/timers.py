"""The shipped timers, and the services that they start."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.host.installation import unit
from harness.host.scenario import scenario
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

METRICS = "/var/lib/node_exporter"


def start(row: Row, store: HostStore, job: str) -> str:
    """Start a shipped service as its timer does, and return what it logged."""
    name = unit(store.host, job, store.place)
    run = store.host.inside("systemctl", "start", name)
    logged = store.host.journal(name)
    result = store.host.property(name, "Result")
    row.expect(run.status == 0 and result == "success", f"{name} succeeds, was {result}: {logged}")
    row.expect("skipped" not in logged, f"{name} is not skipped: {logged}")
    return logged


@scenario("verify", "the verify service on a whole store, and on a modified one", in_slice=True)
def verify(hosts: HostFactory, row: Row) -> None:
    """Start the service before and after a file is modified."""
    with hosts.store() as store:
        store.deploy(hosts.application.archive("good"))
        start(row, store, "verify")
        (store.directory / "current/VERSION").write_text("other\n")
        name = unit(store.host, "verify")
        run = store.host.inside("systemctl", "start", name)
        logged = store.host.journal(name)
        row.expect(run.status != 0, "the service fails where a file was modified")
        row.expect("VERSION" in logged, f"the log names the file: {logged}")
        row.saw(logged.strip().splitlines()[0])


@scenario("prune", "the prune service frees what it reports", in_slice=True)
def prune(hosts: HostFactory, row: Row) -> None:
    """Start the service on a store with releases to prune."""
    with hosts.store() as store:
        store.write("releases.yaml", "keep: {count: 1, age: 1s}\n")
        for number in range(4):
            run = store.releases(
                "unpack",
                store.host.copy_in(
                    hosts.application.archive(f"v{number}"), f"/srv/in/v{number}.tar.gz"
                ),
            )
            row.expect(run.status == 0, f"unpack is done: {run.text}")
        store.releases("activate", "latest")
        time.sleep(1.2)
        logged = start(row, store, "prune")
        trash, left = store.entries(".releases/trash"), store.entries("releases")
        row.expect(not trash, f"the trash is empty, was {trash}")
        row.expect(len(left) < 4, f"releases were removed, left are {left}")
        row.saw(f"{len(left)} of 4 releases left, trash: {len(trash)}; {logged.strip()}")


@scenario("metrics", "the metrics timer fires within a minute, and its service writes the file")
def metrics(hosts: HostFactory, row: Row) -> None:
    """Wait for the timer, and read the file."""
    with hosts.store() as store:
        store.deploy(hosts.application.archive("good"))
        timer, service = unit(store.host, "metrics", kind="timer"), unit(store.host, "metrics")
        store.host.must("systemctl", "start", timer)

        def fired() -> bool:
            return store.host.property(service, "ExecMainExitTimestampMonotonic") != "0"

        row.expect(wait_until(fired, 75, 0.5), f"{timer} fires")
        result = store.host.property(service, "Result")
        row.expect(
            result == "success", f"{service} succeeds, was {result}: {store.host.journal(service)}"
        )
        files = sorted(store.host.path(METRICS).glob("*.prom"))
        row.expect(len(files) == 1, f"one file is written, were {files}")
        text = "".join(file.read_text() for file in files)
        row.expect("releases_" in text, f"it has metrics: {text}")
        row.expect('store="/opt/diting"' in text, "the metrics carry a `store` label")
        row.saw(
            f"{len(text.splitlines())} lines, mode {files[0].stat().st_mode & 0o777:o}"
            if files
            else "no file"
        )


@scenario("timers", "all shipped timers are armed once they are enabled, also after a boot")
def armed(hosts: HostFactory, row: Row) -> None:
    """Enable the timers, and look at them before and after a boot."""
    with hosts.store() as store:
        names = [unit(store.host, job, kind="timer") for job in ("prune", "verify", "metrics")]
        store.host.must("systemctl", "enable", "--now", *names)
        for when in ("at once", "after a boot"):
            for name in names:
                due = store.host.property(name, "NextElapseUSecRealtime")
                row.expect(
                    store.host.state(name) == "active" and due not in ("", "0"),
                    f"{name} is armed {when}, was {store.host.state(name)}, {due}",
                )
                row.saw(f"{name} {when}: {due}")
            if when == "at once":
                store.host.power_cut()
                store.host.boot()
