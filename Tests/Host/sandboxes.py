"""A unit's sandbox permits what its command needs: the command runs with and without it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from boot_recovery import begin_unconfirmed
from report import Row
from scenario import scenario
from setting_up import unit
from store import PLACE, Store
from workshop import Workshop

JOBS = {
    "recover": ("recover", "--boot"), "prune": ("prune", "--wait", "10m", "--no-hooks"),
    "verify": ("verify", "--all"), "metrics": ("metrics",),
}
KEPT = "/opt/kept"
METRICS = "/var/lib/node_exporter"
# Times and process ids are in the lock and in the history; their presence counts, not their bytes.
LISTING = f"""
cd {PLACE}
find . ! -path './.releases/lock' ! -path './.releases/history.jsonl' ! -type d \
  -printf '%p %y %m %U:%G %s %l\\n' | sort
find . -type d -printf '%p %y %m %U:%G\\n' | sort
"""
MOST_EXPOSED = 2.5


def empty(shop: Workshop, row: Row, store: Store) -> None:
    """As `init` makes it."""


def whole(shop: Workshop, row: Row, store: Store) -> None:
    """Four releases, of which one can be pruned, and one not: a process works in it."""
    for number in range(4):
        run = store.deploy(shop.application.archive(f"v{number}"))
        row.expect(run.status == 0, f"v{number} is deployed: {run.text}")
    store.write("releases.yaml", "keep: {count: 1, age: 1s}\n")
    store.host.inside("sleep", "1.2")


def trash(shop: Workshop, row: Row, store: Store) -> None:
    """A removal was interrupted: the release that it moved to the trash is still there."""
    whole(shop, row, store)
    store.write(".releases/trash/1762147685.cut/deep/file", "left\n")


def interrupted(shop: Workshop, row: Row, store: Store) -> None:
    """A deploy was killed in an unconfirmed switch."""
    store.host.must("systemctl", "enable", "diting")
    store.deploy(shop.application.archive("good"))
    process = begin_unconfirmed(shop, row, store)
    # The restart that the hook asked for would go on, and recover the store on its way.
    store.host.shell('while [ -n "$(systemctl list-jobs --no-legend)" ]; do sleep 0.1; done')
    store.host.inside("pkill", "-KILL", "-x", "releases")
    process.wait()


STATES: dict[str, Callable[[Workshop, Row, Store], None]] = {
    "empty": empty, "whole": whole, "with trash": trash, "interrupted": interrupted}


@contextmanager
def in_use(store: Store) -> Iterator[None]:
    """A process of the owner works in the oldest release."""
    oldest = [f"releases/{name}" for name in store.entries("releases")[:1]]
    process = store.host.begin(store.host.command_as(
        "deploy", "sh", "-c", f"cd {PLACE}/{''.join(oldest)} && exec sleep 600"))
    store.host.inside("sleep", "0.2")
    try:
        yield
    finally:
        store.host.inside("pkill", "-f", "sleep 600")
        process.wait()


def told(text: str) -> list[str]:
    """Lines without what differs from run to run."""
    return sorted(re.sub(r"\d[\d.:TZ-]*", "#", line) for line in text.splitlines() if line)


def run_unit(store: Store, job: str) -> tuple[bool, list[str]]:
    name = unit(store.host, job)
    store.host.inside("systemctl", "reset-failed", name)
    before = store.host.must("journalctl", "--lines", "0", "--show-cursor").split("cursor: ")[1]
    done = store.host.inside("systemctl", "start", name).status == 0
    if job == "metrics":
        files = sorted(store.host.path(METRICS).glob("*.prom"))
        return done, told("".join(file.read_text() for file in files))
    store.host.must("journalctl", "--sync")
    lines = store.host.must(
        "journalctl", "--output", "json", "--no-pager", "--after-cursor", before.strip())
    logged = map(json.loads, lines.splitlines())
    return done, told("\n".join(
        entry["MESSAGE"] for entry in logged
        if entry.get("_TRANSPORT") == "stdout" and entry.get("_SYSTEMD_UNIT") == name))


def compare(row: Row, store: Store, state: str, job: str) -> list[object]:
    """A row of the table: the unit, and the same command without its sandbox."""
    # A start of the service would recover the store.
    store.host.must("systemctl", "stop", "diting")
    store.host.shell(f"rm -rf {KEPT}; cp -a {PLACE} {KEPT}")
    with in_use(store):
        done, said = run_unit(store, job)
    after_unit = store.host.shell(LISTING)
    store.host.must("systemctl", "stop", "diting")
    store.host.shell(f"find {PLACE} -mindepth 1 -delete; cp -a {KEPT}/. {PLACE}/")
    with in_use(store):
        run = store.releases(*JOBS[job])
    after_command = store.host.shell(LISTING)
    changed = set(after_unit.splitlines()) ^ set(after_command.splitlines())
    words = told(run.output + run.errors)
    what = f"{job}, {state} store"
    row.expect(done == (run.status == 0), f"{what}: {run.status} outside, succeeds inside: {done}")
    row.expect(not changed, f"{what}: the same store afterwards: {sorted(changed)[:4]}")
    row.expect(said == words, f"{what}: the same words: {said} / {words}")
    store.host.must("systemctl", "stop", "diting")
    store.host.shell(f"find {PLACE} -mindepth 1 -delete; cp -a {KEPT}/. {PLACE}/")
    return [unit(store.host, job), state, done, run.status, len(changed), said == words,
            "\n".join(said[:3])]


@scenario("sandbox", "every shipped unit does what its command does outside of its sandbox")
def sandbox(shop: Workshop, row: Row) -> None:
    rows: list[list[object]] = []
    for state, make in STATES.items():
        with shop.store() as store:
            make(shop, row, store)
            rows += [compare(row, store, state, job) for job in JOBS]
    row.saw(f"{len(rows)} pairs of runs")
    row.table(
        "Each unit is started on a store in each state, and so is its command as the owner, "
        "without a sandbox, on a copy of the same store.",
        ["unit", "store", "unit succeeds", "status outside", "files that differ",
         "the same words", "it said"], rows)


@scenario("exposure", "how exposed the shipped units are, by `systemd-analyze security`")
def exposure(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        for name in [unit(store.host, job) for job in JOBS] + ["diting.service"]:
            told_of = store.host.must("systemd-analyze", "security", "--no-pager", name)
            found = re.search(r"exposure level for \S+: ([\d.]+)", told_of)
            level = float(found[1]) if found else 10.0
            row.expect(level < MOST_EXPOSED, f"{name}: under {MOST_EXPOSED}, was {level}")
            row.saw(f"{name} {level}")
