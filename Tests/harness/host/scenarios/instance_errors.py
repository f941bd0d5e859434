"""System calls of a switch fail: something always serves, and the exit status says what is live."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from harness.host.instances import stopped_switch
from harness.host.instances.quick import Held, QuickStore, expect_only, quick_store
from harness.host.scenario import scenario
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

DRAIN = 4.0
# The error with which each call fails: that of a full, a read-only and a broken disk.
ERRORS = {
    **dict.fromkeys(("symlink", "symlinkat"), "ENOSPC"),
    **dict.fromkeys(("rename", "renameat", "renameat2"), "EROFS"),
    **dict.fromkeys(("fsync", "fdatasync", "pwrite64"), "EIO"),
}
# What the exit status says: 1, 3 and 8 that the old release is live; 11 that a person is needed.
UNCHANGED, NEEDS_PERSON = (1, 3, 8), 11


def links_of(store: QuickStore) -> tuple[str, str]:
    """Return the release to which `current` points, and that to which the live link does."""
    return store.live(), store.live_socket().split("/")[-2]


def cases(store: QuickStore, *, overlap: bool) -> list[tuple[stopped_switch.Place, str]]:
    """Return the calls that fail, and whether all further calls of that name fail too."""
    store.set_up(drain="1s", more=f"  overlap: {str(overlap).lower()}\n")
    for version in ("a", "b"):
        store.put(version)
    store.releases("activate", "a")
    found = stopped_switch.places(store, "activate", "b")
    first = next(number for number, place in enumerate(found) if place.call == "pwrite64")
    # After the intent, so that something has to be undone or finished.
    places = [place for place in found[first + 1 :] if place.call in ERRORS]
    store.set_up(drain=f"{DRAIN:.0f}s", more=f"  overlap: {str(overlap).lower()}\n")
    forever = [(place, "+") for place in places if place.call.startswith(("symlink", "rename"))]
    return [(place, "") for place in places] + forever


def errors(hosts: HostFactory, row: Row, *, overlap: bool) -> None:
    """Let each call of a switch fail."""
    with quick_store(hosts) as store:
        rows: list[list[object]] = []
        for number, (place, count) in enumerate(cases(store, overlap=overlap)):
            old, new = store.live(), f"e{number}"
            store.put(new)
            kept = Held(store.host)
            start = time.time()
            run = stopped_switch.failing(store, place, ERRORS[place.call], count, "activate", new)
            ended = time.time()
            when = f"{ERRORS[place.call]}{count} at {place}"
            links = links_of(store)
            answers = store.ask()
            expected = {0: new, **dict.fromkeys(UNCHANGED, old)}.get(run.status)
            row.expect(
                expected is not None or run.status == NEEDS_PERSON,
                f"{when}: 0, 1, 3, 8 or 11, was {run}",
            )
            row.expect(answers != "-", f"{when}: something serves: {store.state()} {run}")
            if expected:
                row.expect(
                    links == (expected, expected) and answers == expected,
                    f"{when}: {run.status}, so {expected} serves: {answers} {store.state()} {run}",
                )
            if not overlap:
                running = store.instances()
                row.expect(len(running) == 1, f"{when}: one instance runs: {running}")
            recovered = store.releases("recover")
            row.expect(recovered.status == 0, f"{when}: recover: {recovered}")
            live = store.live()
            expect_only(row, store, live, f"{when}, then recover")
            if overlap and live == new:
                # The connection is never idle, so it is closed when the drain ends. The new one
                # is watched for 1.5 s before the links move.
                closed = kept.closed()
                # The command may have waited, and left only the stop to recovery.
                waited = "finishes its connections" in run.errors
                by_recover = run.status != 0 and closed > ended and not waited
                least = ended + DRAIN - 0.5 if by_recover else start + DRAIN + 1
                row.expect(
                    closed >= least, f"{when}: {old} drains: {closed - start:.1f} s after {run}"
                )
            elif overlap:
                closed = kept.closed()
                row.expect(closed == float("inf"), f"{when}: {old} was not touched: {closed}")
            else:
                kept.end()
            rows.append([when, run.status, live == new, run.errors.strip(), recovered.text])
        row.saw(f"{len(rows)} errors")
        row.table(
            "A system call of `releases activate` fails, and `releases recover` follows.",
            ["error", "status", "the new release is live", "said", "`recover` printed"],
            rows,
        )


for name, with_overlap in {"instance-errors": True, "instance-errors-exclusive": False}.items():
    title = "" if with_overlap else ", with overlap: false"
    scenario(name, f"instances: system calls of a switch fail{title}", for_old=False)(
        partial(errors, overlap=with_overlap)
    )


@scenario(
    "instance-kill-drains",
    "instances: a switch is killed after its rename, and the old instance still drains",
    for_old=False,
)
def kill_drains(hosts: HostFactory, row: Row) -> None:
    """Kill a switch that has moved the links; the next command lets the old instance drain."""
    with quick_store(hosts) as store:
        found = cases(store, overlap=True)
        # The end in the journal. How often links are renamed depends on the health check.
        after = [place for place, _ in found if place.call == "pwrite64"][-1]
        for number, words in enumerate((("recover",), ("pin", "a", "--reason", "x"))):
            new = f"k{number}"
            store.put(new)
            kept = Held(store.host)
            killed = stopped_switch.Interrupted(store, after, "KILL", "activate", new)
            killed.process.communicate(timeout=60)
            row.expect(links_of(store) == (new, new), f"both links have moved: {store.state()}")
            start = time.time()
            run = store.releases(*words)
            row.expect(run.status == 0, f"{words}: {run}")
            closed = kept.closed() - start
            row.expect(closed >= DRAIN - 0.5, f"{words}: the old one drains: {closed:.1f} s, {run}")
            expect_only(row, store, new, f"killed, then {words}")
            status = store.releases("status")
            row.expect(status.status == 0, f"status: {status}")


@scenario(
    "instance-rehearsal-left",
    "instances: a rehearsal that was left over is reported and stopped",
    for_old=False,
)
def rehearsal_left(hosts: HostFactory, row: Row) -> None:
    """Leave a rehearsal running, of another release and of the live one."""
    with quick_store(hosts) as store:
        host = store.host
        unit = "/etc/systemd/system/diting-rehearsal@.service"
        host.shell(f"""
            sed 's,RuntimeDirectory=diting/,RuntimeDirectory=diting-rehearsal/,' \\
              /etc/systemd/system/diting@.service > {unit}
            mkdir {unit}.d
            sed 's,/run/diting/%i,/run/diting-rehearsal/%i,' \\
              /etc/systemd/system/diting@.service.d/quick.conf > {unit}.d/quick.conf
            sed -i 's/-worker/-worker|-rehearsal/' /etc/polkit-1/rules.d/50-diting.rules
            systemctl daemon-reload""")
        store.set_up(more="  overlap: false\n  rehearsal: diting-rehearsal@\n")
        for version in ("a", "b"):
            store.put(version)
        # Started by hand, so that the release need not pass its rehearsal.
        store.set_up()
        run = store.releases("activate", "a")
        row.expect(run.status == 0, f"a is live: {run}")
        store.set_up(more="  overlap: false\n  rehearsal: diting-rehearsal@\n")
        for left in ("b", "a"):
            name = f"diting-rehearsal@{left}.service"
            host.must("systemctl", "start", name)
            status = store.releases("status", "--json")
            findings = [one for one in status.json["findings"] if one["code"] == "instanceOrphaned"]
            row.expect(
                len(findings) == 1 and name in findings[0]["message"],
                f"status reports the rehearsal of {left}: {status}",
            )
            dry = store.releases("recover", "--dry-run")
            row.expect(f"stop the rehearsal of {left}" in dry.text, f"it is planned: {dry}")
            run = store.releases("recover")
            row.expect(run.status == 0 and "rehearsal" in run.text, f"recover says it: {run}")
            ends = wait_until(lambda unit=name: host.state(unit) == "inactive", 5)  # type: ignore[misc]
            row.expect(ends, f"the rehearsal of {left} is stopped: {host.state(name)}")
            expect_only(row, store, "a", f"after the rehearsal of {left}")
            again = store.releases("recover")
            row.expect(not again.output, f"nothing is left: {again}")
            status = store.releases("status")
            row.expect(status.status == 0, f"status: {status}")
