"""Releases run as instances: deploys, bad releases, rollbacks and `abort` fail no request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from harness.host.application import MODULE
from harness.host.instances.applications import APP, BAD, CLOSING, OOM_KILLED
from harness.host.instances.instance_store import (
    FRONTS,
    InstanceStore,
    Observed,
    expect_live_only,
    instance_store,
    observed,
)
from harness.host.instances.memory_limit import MemoryLimit, memory_limit
from harness.host.scenario import scenario
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

# How long an old instance may drain with kept connections, and the rest of a deploy, in seconds.
DRAIN = "15s"


def application(front: str) -> str:
    """Return the application for a front.

    systemd-socket-proxyd keeps the connections of its clients, so the application must close them
    itself when another release is live: see the guide.
    """
    return CLOSING if front == "systemd-socket-proxyd" else APP


def expect_no_failure(row: Row, seen: Observed) -> None:
    """Expect that no request has failed, and that the link always pointed to a listening socket."""
    row.expect(seen.load["failed"] == 0, f"no request fails: {seen.load['failures']}")
    row.expect(not seen.watch["gaps"], f"the link always works: {seen.watch['gaps'][:5]}")
    row.saw(seen.summary())
    print(row.seen[-1], seen.load["failedAt"][:10], flush=True)


def good_deploys(hosts: HostFactory, row: Row, front: str) -> None:
    """Deploy versions that work."""
    with instance_store(hosts, front) as store:
        store.configure_instances(drain=DRAIN)
        first = store.deploy(hosts.application.archive("v0", {MODULE: application(front)}))
        row.expect(first.status == 0, f"the first deploy is done, was {first.status}: {first.text}")
        seconds = []
        with observed(store.host, hosts.rate) as seen:
            for number in range(1, hosts.deploys + 1):
                run = store.deploy(
                    hosts.application.archive(f"v{number}", {MODULE: application(front)})
                )
                seconds.append(run.seconds)
                row.expect(run.status == 0, f"v{number} is deployed, was {run.status}: {run.text}")
                live = store.version()
                row.expect(live == f"v{number}", f"v{number} serves at the end, was {live}")
        row.saw(f"{hosts.deploys} deploys in {sum(seconds) / len(seconds):.2f} s each")
        expect_no_failure(row, seen)
        expect_live_only(row, store, "afterwards")
        status = store.releases("status")
        row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")


def bad_deploys(hosts: HostFactory, row: Row, front: str) -> None:
    """Deploy versions of each kind that does not work; the old instance is not touched."""
    with instance_store(hosts, front) as store:
        store.configure_instances(timeout="4s", drain=DRAIN)
        store.deploy(hosts.application.archive("good", {MODULE: application(front)}))
        live = store.live()
        before = store.process(live)
        rows: list[list[Any]] = []
        rounds = -(-hosts.deploys // len(BAD))
        with memory_limit(store.host) as limit, observed(store.host, hosts.rate) as seen:
            for number in range(rounds):
                for kind, app in BAD.items():
                    version = f"bad{number}-{kind.replace(' ', '-')}"
                    run = store.deploy(hosts.application.archive(version, {MODULE: app}))
                    what = f"{kind}, {number + 1}"
                    row.expect(run.status == 10, f"{what}: 10, was {run.status}: {run.errors}")
                    words = "was never live"
                    row.expect(words in run.errors, f"{what}: '{words}' in {run.errors[-600:]}")
                    row.expect(
                        store.version() == "good", f"{what}: good serves, was {store.version()}"
                    )
                    if kind == OOM_KILLED:
                        expect_kill(row, limit, number + 1, run.errors)
                    if number == 0:
                        rows.append([kind, run.status, run.seconds, run.message])
        expect_no_failure(row, seen)
        row.expect(expect_live_only(row, store, "afterwards") == live, "the same release is live")
        row.expect(store.process(live) == before, "the old instance was never restarted")
        states = {one["state"] for one in store.releases("list", "--json").json["releases"]}
        row.expect(states == {"ready", "bad"}, f"all other releases are bad, were {states}")
        row.saw(f"{rounds * len(BAD)} bad deploys")
        row.table(
            "Each bad release is started beside the live one. Its health check may take 4 s.",
            ["the new version", "status", "seconds", "the error"],
            rows,
        )


def expect_kill(row: Row, limit: MemoryLimit, number: int, errors: str) -> None:
    """Expect that the kernel has killed at least this number, and that the error says how."""
    kills = limit.kills()
    row.expect(kills == -1 or kills >= number, f"the kernel has killed {number}, was {kills}")
    row.expect("KILL" in errors or "oom" in errors.lower(), f"the error says so: {errors}")


def rollbacks(hosts: HostFactory, row: Row, front: str) -> None:
    """Roll back and forth, also while the old instance drains, and stop deploys with `abort`."""
    with instance_store(hosts, front) as store:
        store.configure_instances(timeout="60s", drain=DRAIN)
        for version in ("v1", "v2"):
            store.deploy(hosts.application.archive(version, {MODULE: application(front)}))
        archive = hosts.application.archive("hangs", {MODULE: BAD["hang"]})
        hangs = store.host.copy_in(archive, "/srv/in/hangs.tar.gz")
        with observed(store.host, hosts.rate) as seen:
            for number in range(hosts.deploys):
                target = store.link("previous").removeprefix("releases/")
                run = store.releases("activate", target)
                row.expect(run.status == 0, f"switch {number}: 0, was {run.status}: {run.text}")
                row.expect(
                    store.link("current") == f"releases/{target}", f"switch {number}: {target}"
                )
            rolled = store.releases("rollback")
            row.expect(rolled.status == 0, f"rollback is 0, was {rolled.status}: {rolled.text}")
            live = store.live()
            for number in range(max(hosts.deploys // 10, 1)):
                abort(row, store, hangs, live, number)
        expect_no_failure(row, seen)
        row.expect(expect_live_only(row, store, "afterwards") == live, "the same release is live")
        row.saw(f"{hosts.deploys} switches, a rollback, {max(hosts.deploys // 10, 1)} aborts")


def abort(row: Row, store: InstanceStore, archive: str, live: str, number: int) -> None:
    """Stop a deploy that waits for its health check."""
    deploy = store.host.begin(store.command("deploy", archive))
    started = wait_until(lambda: len(store.instances()) == 2, 30)
    row.expect(started, f"abort {number}: the new instance starts, were {store.instances()}")
    stopped = store.releases("abort", "--reason", "wrong")
    row.expect(stopped.status == 0, f"abort {number}: 0, was {stopped.status}: {stopped.text}")
    _, errors = deploy.communicate(timeout=60)
    row.expect(deploy.returncode == 10, f"abort {number}: 10, was {deploy.returncode}: {errors}")
    row.expect(expect_live_only(row, store, f"abort {number}") == live, f"{live} stays live")


def exclusive(hosts: HostFactory, row: Row) -> None:
    """Rehearse releases with `overlap: false`: a bad one fails no request."""
    with instance_store(hosts, "nginx") as store:
        store.configure_instances(timeout="4s", drain=DRAIN, more="overlap: false")
        store.deploy(hosts.application.archive("good", {MODULE: APP}))
        live = store.live()
        before = store.process(live)
        with memory_limit(store.host), observed(store.host, hosts.rate) as seen:
            for kind, app in BAD.items():
                version = f"bad-{kind.replace(' ', '-')}"
                run = store.deploy(hosts.application.archive(version, {MODULE: app}))
                row.expect(run.status == 10, f"{kind}: 10, was {run.status}: {run.errors}")
        expect_no_failure(row, seen)
        row.expect(store.process(live) == before, "the old instance was never restarted")
        with observed(store.host, hosts.rate) as switched:
            run = store.deploy(hosts.application.archive("next", {MODULE: APP}))
        row.expect(run.status == 0, f"next is deployed, was {run.status}: {run.text}")
        row.expect(store.serves("next"), f"next serves, was {store.version()}")
        expect_live_only(row, store, "afterwards")
        row.saw(f"a good one: {switched.summary()}")


RUNS = {
    "good": ("good deploys", good_deploys),
    "bad": ("bad deploys of seven kinds", bad_deploys),
    "rollback": ("switches, rollbacks and aborts", rollbacks),
}
for a_front in FRONTS:
    for name, (title, run_it) in RUNS.items():
        scenario(
            f"instance-{name}-{a_front.replace(' ', '-')}",
            f"instances: {title} under load through {a_front}",
            in_slice=a_front == "nginx",
            for_old=False,
        )(partial(run_it, front=a_front))
scenario(
    "instance-exclusive",
    "instances: a rehearsal under load, where two releases must not run",
    for_old=False,
)(exclusive)
