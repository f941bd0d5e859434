"""The old instance drains: it is used again, killed, interrupted, or one of several."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from harness.host.instances.instance_store import observed
from harness.host.instances.quick import (
    APP,
    Held,
    QuickStore,
    expect_only,
    expect_status,
    quick_store,
)
from harness.host.scenario import scenario
from harness.host.scenarios.instance_deploys import expect_no_failure
from harness.processes import children, wait_until

if TYPE_CHECKING:
    import subprocess

    from harness.host.host_factory import HostFactory
    from harness.host.report import Row


def two(store: QuickStore, drain: str) -> None:
    """Make a live, and unpack b."""
    store.set_up(drain=drain)
    for version in ("a", "b"):
        store.put(version)
    run = store.releases("activate", "a")
    if run.status != 0:
        raise RuntimeError(str(run))


def switch_and_drain(store: QuickStore, new: str) -> subprocess.Popen[str]:
    """Begin a switch, and return when it is done and the old instance drains."""
    process = store.begin("activate", new)
    if not wait_until(lambda: store.live() == new and f"/{new}/" in store.live_socket(), 20):
        process.kill()
        raise RuntimeError(f"{new}: {process.communicate()}")
    # The entry of the journal.
    wait_until(lambda: store.releases("list").status == 0, 2)
    return process


@scenario(
    "instance-drain-reuse",
    "instances: rollback under load uses the instance that drains again",
    for_old=False,
)
def reuse(hosts: HostFactory, row: Row) -> None:
    """Roll back while the old instance drains."""
    with quick_store(hosts, "nginx") as store:
        two(store, "8s")
        before = store.process("a")
        with observed(store.host, hosts.rate) as seen:
            kept = Held(store.host)
            first = switch_and_drain(store, "b")
            start = time.monotonic()
            back = store.releases("rollback")
            row.expect(back.status == 0, f"rollback is done: {back}")
            row.expect(store.live() == "a", f"a is live: {store.state()}")
            first.communicate(timeout=30)
            row.expect(first.returncode == 0, f"the first switch ends with 0: {first.returncode}")
            row.saw(f"rollback and both drains {time.monotonic() - start:.1f} s")
            kept.end()
        expect_no_failure(row, seen)
        expect_only(row, store, "a", "after the rollback")
        row.expect(store.process("a") == before, f"a was not restarted: {before}")
        again = store.releases("recover")
        row.expect(again.status == 0 and not again.output, f"nothing to recover: {again}")


@scenario(
    "instance-drain-many", "instances: seven deploys while all older ones drain", for_old=False
)
def many(hosts: HostFactory, row: Row) -> None:
    """Keep a connection to each old instance."""
    with quick_store(hosts, "nginx") as store:
        two(store, "60s")
        clients, switches = [], []
        with observed(store.host, hosts.rate) as seen:
            for number in range(7):
                client = Held(store.host)
                clients.append(client)
                store.put(f"n{number}")
                switches.append(switch_and_drain(store, f"n{number}"))
                row.expect(
                    store.ask() == f"n{number}", f"n{number} serves after it: {store.state()}"
                )
            running = store.instances()
            row.saw(f"running: {sorted(running)}")
            row.expect(
                sorted(running) == ["n2", "n3", "n4", "n5", "n6"],
                f"the live one and four that drain run: {running}",
            )
            status = store.releases("status")
            row.expect(status.status == 0, f"status: {status}")
            for number, client in enumerate(clients):
                lines = client.end()
                row.saw(f"client {number}: {len(lines)} lines, last {lines[-1]}")
        for number, process in enumerate(switches):
            start = time.monotonic()
            out, errors = process.communicate(timeout=90)
            row.expect(process.returncode == 0, f"switch {number}: {process.returncode}, {errors}")
            row.saw(f"switch {number} ended after {time.monotonic() - start:.1f} s: {out[-200:]}")
        expect_no_failure(row, seen)
        expect_only(row, store, "n6", "at the end")


@scenario("instance-drain-signals", "instances: signals end the drain early", for_old=False)
def signals(hosts: HostFactory, row: Row) -> None:
    """Send each signal that asks a process to end to the one that waits, also to one with a ref."""
    with quick_store(hosts) as store:
        two(store, "40s")
        new, old = "b", "a"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            kept = Held(store.host)
            process = switch_and_drain(store, new)
            time.sleep(0.5)
            start = time.monotonic()
            for child in children(process.pid) or [process.pid]:
                os.kill(child, number)
            out, errors = process.communicate(timeout=60)
            seconds = time.monotonic() - start
            name = signal.Signals(number).name
            row.saw(f"{name}: {process.returncode} after {seconds:.1f} s: {out} {errors}")
            row.expect(seconds < 8, f"{name} ends the drain early: {seconds:.1f} s")
            expect_only(row, store, new, name)
            again = store.releases("recover")
            row.expect(again.status == 0 and not again.output, f"{name}: nothing left: {again}")
            row.saw(f"client: {kept.end()[-2:]}")
            new, old = old, new
        kept = Held(store.host)
        archive = hosts.application.archive("c", {"app.py": APP})
        inside = store.host.copy_in(archive, f"/srv/in/{archive.name}")
        process = store.begin("deploy", inside, "--id", "c", "--ref", "r1")
        serves = wait_until(lambda: store.ask() == "c", 30)
        row.expect(serves, f"c serves: {store.state()}")
        time.sleep(0.5)
        start = time.monotonic()
        for child in children(process.pid) or [process.pid]:
            os.kill(child, signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
        seconds = time.monotonic() - start
        row.expect(
            process.returncode == 0 and seconds < 8,
            f"with a ref: 0 in under 8 s, was {process.returncode} in {seconds:.1f} s: {errors}",
        )
        expect_only(row, store, "c", "with a ref")
        waited = store.releases("wait", "--ref", "r1")
        expect_status(row, waited, 0, "its end is recorded")
        kept.end()


@scenario("instance-drain-killed", "instances: SIGKILL of the process that waits", for_old=False)
def killed(hosts: HostFactory, row: Row) -> None:
    """Kill the drainer; the next command stops the old instance and does not hang."""
    with quick_store(hosts) as store:
        two(store, "60s")
        new = "b"
        for words in (
            ("recover",),
            ("pin", "a", "--reason", "x"),
            ("prune",),
            ("mark", "a", "good"),
            ("status",),
        ):
            old = store.live()
            kept = Held(store.host)
            process = switch_and_drain(store, new)
            time.sleep(0.4)
            for child in children(process.pid) or [process.pid]:
                os.kill(child, signal.SIGKILL)
            process.communicate()
            run = store.releases(*words)
            row.saw(f"{words}: {run.status} in {run.seconds:.2f} s: {run.text[:300]}")
            row.expect(run.status == 0, f"{words}: 0, was {run}")
            row.expect(run.seconds < 8, f"{words} does not hang: {run.seconds:.1f}")
            if words == ("status",):
                row.saw(f"dry: {store.releases('recover', '--dry-run')}")
                store.releases("recover")
            expect_only(row, store, new, f"killed, then {words}")
            kept.end()
            second = store.releases("recover")
            row.expect(not second.output, f"nothing is left: {second}")
            dry = store.releases("recover", "--dry-run")
            row.expect(not dry.output, f"nothing is planned: {dry}")
            new = old


@scenario(
    "instance-drain-limit",
    "instances: connections that never end, and long requests",
    for_old=False,
)
def limit(hosts: HostFactory, row: Row) -> None:
    """Keep a connection for ever, and have a request of 10 s in flight across the switch."""
    with quick_store(hosts, "nginx") as store:
        two(store, "4s")
        kept = Held(store.host)
        start = time.monotonic()
        run = store.releases("activate", "b")
        seconds = time.monotonic() - start
        row.expect(run.status == 0, f"b is live: {run}")
        row.expect(4 <= seconds < 9, f"the drain ends at its limit: {seconds:.1f} s")
        row.saw(f"limit: {seconds:.1f} s, client {kept.end()[-2:]}: {run.text}")
        expect_only(row, store, "b", "after the limit")
        for drain, slow in (("15s", "10"), ("2s", "10")):
            store.set_up(drain=drain)
            old = store.live()
            new = "a" if old == "b" else "b"
            request = store.host.begin(
                store.host.command_on_network(
                    "curl", "--silent", "--max-time", "30", f"http://127.0.0.1:17999/slow/{slow}"
                )
            )
            time.sleep(0.5)
            start = time.monotonic()
            run = store.releases("activate", new)
            out, _ = request.communicate()
            row.expect(old in out, f"drain {drain}: the request of {slow} s is answered: {out}")
            row.saw(f"drain {drain}: {run.seconds:.1f} s, request {out}")
            row.expect(run.status == 0, f"switch: {run}")
            expect_only(row, store, new, f"drain {drain}")
