"""Runs the command of each shipped unit in its sandbox and without, and compares the results."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.host.host_store import PLACE, HostStore
from harness.host.installation import unit
from harness.host.scenario import scenario
from harness.host.scenarios.boot_recovery import begin_unconfirmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

JOBS = {
    "recover": ("recover", "--boot"),
    "prune": ("prune", "--wait", "10m", "--no-hooks"),
    "verify": ("verify", "--all"),
    "metrics": ("metrics",),
}
KEPT = "/opt/kept"
METRICS = "/var/lib/node_exporter"
# The lock and the history have times and process IDs, so only their presence is compared.
LISTING = f"""
cd {PLACE}
find . ! -path './.releases/lock' ! -path './.releases/history.jsonl' ! -type d \
  -printf '%p %y %m %U:%G %s %l\\n' | sort
find . -type d -printf '%p %y %m %U:%G\\n' | sort
"""
MOST_EXPOSED = 2.5


def empty(_hosts: HostFactory, _row: Row, _store: HostStore) -> None:
    """Leave the store as `init` makes it."""


def whole(hosts: HostFactory, row: Row, store: HostStore) -> None:
    """Deploy four releases, of which one can be pruned, and one is in use."""
    for number in range(4):
        run = store.deploy(hosts.application.archive(f"v{number}"))
        row.expect(run.status == 0, f"v{number} is deployed: {run.text}")
    store.write("releases.yaml", "keep: {count: 1, age: 1s}\n")
    store.host.inside("sleep", "1.2")


def trash(hosts: HostFactory, row: Row, store: HostStore) -> None:
    """Make a store whose trash has a release, as after an interrupted removal."""
    whole(hosts, row, store)
    store.write(".releases/trash/1762147685.cut/deep/file", "left\n")


def interrupted(hosts: HostFactory, row: Row, store: HostStore) -> None:
    """Kill a deploy in an unconfirmed switch."""
    store.host.must("systemctl", "enable", "diting")
    store.deploy(hosts.application.archive("good"))
    process = begin_unconfirmed(hosts, row, store)
    # A restart that goes on would recover the store.
    store.host.shell('while [ -n "$(systemctl list-jobs --no-legend)" ]; do sleep 0.1; done')
    store.host.inside("pkill", "-KILL", "-x", "releases")
    process.wait()


STATES: dict[str, Callable[[HostFactory, Row, HostStore], None]] = {
    "empty": empty,
    "whole": whole,
    "with trash": trash,
    "interrupted": interrupted,
}


@contextmanager
def in_use(store: HostStore) -> Iterator[None]:
    """Let a process of the owner work in the oldest release."""
    oldest = [f"releases/{name}" for name in store.entries("releases")[:1]]
    process = store.host.begin(
        store.host.command_as(
            "deploy", "sh", "-c", f"cd {PLACE}/{''.join(oldest)} && exec sleep 600"
        )
    )
    store.host.inside("sleep", "0.2")
    try:
        yield
    finally:
        store.host.inside("pkill", "-f", "sleep 600")
        process.wait()


def comparable(text: str) -> list[str]:
    """Return the lines without what differs in each run."""
    return sorted(re.sub(r"\d[\d.:TZ-]*", "#", line) for line in text.splitlines() if line)


def run_unit(store: HostStore, job: str) -> tuple[bool, list[str]]:
    """Start a unit; return whether it succeeded, and what it logged."""
    name = unit(store.host, job)
    store.host.inside("systemctl", "reset-failed", name)
    before = store.host.must("journalctl", "--lines", "0", "--show-cursor").split("cursor: ")[1]
    done = store.host.inside("systemctl", "start", name).status == 0
    if job == "metrics":
        files = sorted(store.host.path(METRICS).glob("*.prom"))
        return done, comparable("".join(file.read_text() for file in files))
    store.host.must("journalctl", "--sync")
    lines = store.host.must(
        "journalctl", "--output", "json", "--no-pager", "--after-cursor", before.strip()
    )
    logged = map(json.loads, lines.splitlines())
    return done, comparable(
        "\n".join(
            entry["MESSAGE"]
            for entry in logged
            if entry.get("_TRANSPORT") == "stdout" and entry.get("_SYSTEMD_UNIT") == name
        )
    )


def compare(row: Row, store: HostStore, state: str, job: str) -> list[object]:
    """Run a unit, and its command without a sandbox; return a row of the table."""
    # If the service started, it would recover the store.
    store.host.must("systemctl", "stop", "diting")
    store.host.shell(f"rm -rf {KEPT}; cp -a {PLACE} {KEPT}")
    with in_use(store):
        done, logged = run_unit(store, job)
    after_unit = store.host.shell(LISTING)
    store.host.must("systemctl", "stop", "diting")
    store.host.shell(f"find {PLACE} -mindepth 1 -delete; cp -a {KEPT}/. {PLACE}/")
    with in_use(store):
        run = store.releases(*JOBS[job])
    after_command = store.host.shell(LISTING)
    changed = set(after_unit.splitlines()) ^ set(after_command.splitlines())
    words = comparable(run.output + run.errors)
    what = f"{job}, {state} store"
    row.expect(done == (run.status == 0), f"{what}: {run.status} outside, succeeds inside: {done}")
    row.expect(not changed, f"{what}: the same store afterwards: {sorted(changed)[:4]}")
    row.expect(logged == words, f"{what}: the same words: {logged} / {words}")
    store.host.must("systemctl", "stop", "diting")
    store.host.shell(f"find {PLACE} -mindepth 1 -delete; cp -a {KEPT}/. {PLACE}/")
    return [
        unit(store.host, job),
        state,
        done,
        run.status,
        len(changed),
        logged == words,
        "\n".join(logged[:3]),
    ]


@scenario("sandbox", "every shipped unit does what its command does outside of its sandbox")
def sandbox(hosts: HostFactory, row: Row) -> None:
    """Compare all units on stores in all states."""
    rows: list[list[object]] = []
    for state, make in STATES.items():
        with hosts.store() as store:
            make(hosts, row, store)
            rows += [compare(row, store, state, job) for job in JOBS]
    row.saw(f"{len(rows)} pairs of runs")
    row.table(
        "Each unit is started on a store in each state. Its command is run as the owner, without a "
        "sandbox, on a copy of the same store.",
        [
            "unit",
            "store",
            "unit succeeds",
            "status without sandbox",
            "files that differ",
            "the same words",
            "it printed",
        ],
        rows,
    )


@scenario("exposure", "how exposed the shipped units are, by `systemd-analyze security`")
def exposure(hosts: HostFactory, row: Row) -> None:
    """Read the exposure level of each unit."""
    with hosts.store() as store:
        for name in [unit(store.host, job) for job in JOBS] + ["diting.service"]:
            analysis = store.host.must("systemd-analyze", "security", "--no-pager", name)
            found = re.search(r"exposure level for \S+: ([\d.]+)", analysis)
            level = float(found[1]) if found else 10.0
            row.expect(level < MOST_EXPOSED, f"{name}: under {MOST_EXPOSED}, was {level}")
            row.saw(f"{name} {level}")
