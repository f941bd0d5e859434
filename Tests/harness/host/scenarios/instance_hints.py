"""The hints about instances are followed on a host, while requests are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.host_store import PLACE
from harness.host.instances.instance_store import LIVE, observed
from harness.host.instances.quick import QuickStore, expect_only, expect_status, quick_store
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row


def hint(store: QuickStore, code: str) -> str:
    """Return the hint of the finding with a code."""
    findings = store.releases("status", "--json").json["findings"]
    return next((str(one["hint"]) for one in findings if one["code"] == code), "")


def expect_open_journal(row: Row, store: QuickStore) -> None:
    """Close the journal to the owner, and follow the hint."""
    store.host.must("gpasswd", "--delete", "deploy", "systemd-journal")
    run = store.releases("logs", "bad")
    expect_status(row, run, 1, "the journal is closed", "usermod --append")
    store.host.shell(run.errors.split("sudo ")[-1])
    run = store.releases("logs", "bad")
    expect_status(row, run, 0, "the hint is followed", "missing_module")


@scenario("instance-hints", "instances: hints are followed under load", for_old=False)
def hints(hosts: HostFactory, row: Row) -> None:
    """Move `current` by hand, and put something else in the place of the link."""
    with quick_store(hosts, "systemd-socket-proxyd") as store:
        for version in ("a", "b"):
            store.put(version)
        # With journals of users, the owner could always read what their own units print.
        store.host.write(
            "/etc/systemd/journald.conf.d/volatile.conf", "[Journal]\nStorage=volatile\n"
        )
        store.host.shell("rm -rf /var/log/journal; systemctl restart systemd-journald")
        store.releases("activate", "a")
        with observed(store.host, hosts.rate) as seen:
            store.put("bad", "import missing_module\n")
            run = store.releases("activate", "bad")
            expect_status(row, run, 10, "a release that can't start", "releases logs bad")
            run = store.releases("logs", "bad")
            expect_status(row, run, 0, "the log of its unit", "missing_module")
            row.expect("diting@a" not in run.output, f"no other unit's log: {run}")
            expect_open_journal(row, store)
            store.host.must("ln", "-sfn", "releases/b", f"{PLACE}/current")
            for code in ("instanceNotServing", "instanceOrphaned"):
                found = hint(store, code)
                row.expect(found.endswith("restart"), f"{code}: restart, was {found!r}")
            refused = store.releases("remove", "a")
            expect_status(
                row, refused, 3, "a release that serves", "connections go to its instance"
            )
            expect_status(row, store.releases("restart"), 0, "the hint is followed")
            row.expect(store.ask() == "b", f"b serves: {store.state()}")
            found = hint(store, "instanceOrphaned")
            row.expect(found.endswith("recover"), f"a can be stopped: {found!r}")
            refused = store.releases("remove", "a")
            expect_status(row, refused, 3, "a release whose instance runs", "its instance runs")
            expect_status(row, store.releases("recover"), 0, "the second hint is followed")
            expect_only(row, store, "b", "afterwards")
        row.expect(seen.load["failed"] == 0, f"no request fails: {seen.load['failures']}")
        row.saw(seen.summary())
        store.host.shell(f"rm {LIVE}; mkdir {LIVE}; touch {LIVE}/x; chown -R deploy: {LIVE}")
        found = hint(store, "instanceNotServing")
        row.expect("rm -ri" in found, f"a directory has its own command: {found!r}")
        command = found.splitlines()[-1].strip()
        run = store.host.as_user(
            "deploy", "sh", "-c", f"yes | {command[command.index('rm -ri') :]}"
        )
        row.expect(run.status == 0, f"{command}: {run}")
        expect_status(row, store.releases("recover"), 0, "recover makes the link")
        expect_only(row, store, "b", "with the link")
