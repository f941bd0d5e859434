"""The rows of the runbook: what people did by hand, and what they type instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.host.application import DEGRADED, MODULE
from harness.host.host_store import PLACE, HostStore
from harness.host.recovery_checks import expect_live_serves
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

Action = Callable[[HostStore], object]


def nothing(store: HostStore) -> None:
    """Do nothing: most rows find the host as the row before left it."""


def roll_back_by_hand(store: HostStore) -> None:
    """Do what the old guide says, after which `current` points to the link `previous`."""
    store.host.must("ln", "-sfn", f"{PLACE}/previous", f"{PLACE}/current")
    store.host.must("systemctl", "restart", "diting")
    store.serves("none", 2)


@dataclass(frozen=True)
class RunbookRow:
    """One row of the runbook; a name in braces stands for a release or archive."""

    situation: str
    old: str
    new: str
    status: int = 0
    says: str = ""
    before: Action = nothing
    after: Action = nothing


ROWS = [
    RunbookRow("list versions", "ls -lh /opt/diting/releases/", "list", says="rollback"),
    RunbookRow(
        "dependency failure",
        "uv --version; uv sync --frozen again inside current",
        "prepare {unprepared}",
        says="ready",
    ),
    RunbookRow(
        "roll back to a version",
        "sudo ln -sfn /opt/diting/releases/TS /opt/diting/current; "
        "sudo systemctl restart diting; curl …/health",
        "activate {older}",
        says="activated",
    ),
    RunbookRow(
        "emergency",
        "sudo ln -sfn /opt/diting/previous /opt/diting/current; restart",
        "rollback",
        says="rolled back",
    ),
    RunbookRow(
        "automatic rollback",
        "steps of the Deploy workflow: links, restart, an issue",
        "deploy {degraded}",
        10,
        "is live again and healthy",
    ),
    RunbookRow("what happened", "the logs of the workflow", "history --limit 4", says="degraded"),
    RunbookRow(
        "the service does not answer: port taken, stale process, start by hand",
        "ss -tlnp; kill; cd current && source .venv/bin/activate && uvicorn …",
        "status",
        7,
        "diting",
        lambda store: store.host.must("systemctl", "stop", "diting"),
        lambda store: store.host.must("systemctl", "start", "diting"),
    ),
    RunbookRow(
        "the emergency was done by hand: what is live",
        "ls -l (current -> /opt/diting/previous -> releases/…)",
        "history --limit 1",
        says="drift",
        before=roll_back_by_hand,
    ),
    RunbookRow(
        "and the next deploy", "previous would point to itself", "deploy {good}", says="activated"
    ),
    RunbookRow(
        "disk full",
        "df -h; du -sh releases/*; ls -t | tail -n +4 | xargs -r rm -rf",
        "prune --keep 2 --keep-within 0d",
        says="freed",
    ),
    RunbookRow(
        "retention change",
        "edit the step in .github/workflows/deploy.yml",
        "prune --dry-run --keep 1 --keep-within 0d",
        says="retain",
    ),
    RunbookRow("is a release whole", "nothing", "verify --all", says="ok"),
    RunbookRow("what would fail", "uv --version; ls; df", "check", says="ok"),
    RunbookRow(
        "logs",
        "journalctl -u diting; journalctl --vacuum-time=7d; rm -rf logs/*.log.*",
        "history",
        says="activate",
    ),
    RunbookRow(
        "report a problem",
        "a script with uname, df, systemctl, journalctl, ls, curl",
        "diagnose --archive /tmp/report.tar.gz",
        says="wrote",
    ),
]


def ready_releases(store: HostStore) -> list[str]:
    """Return the releases that are ready, newest first."""
    listed = store.releases("list", "--json").json["releases"]
    return [release["id"] for release in listed if release["state"] == "ready"]


def unprepared(hosts: HostFactory, store: HostStore) -> str:
    """Make a release whose prepare hook failed, and remove the cause; return its ID."""
    store.configure("false")
    made = hosts.application.archive("unprepared")
    archive = store.host.copy_in(made, "/srv/in/unprepared.tar.gz")
    run = store.releases("unpack", archive, "--json")
    store.configure()
    return str(run.json["id"])


@scenario("by-hand", "the rows of the runbook, by hand and with the tool")
def runbook_rows(hosts: HostFactory, row: Row) -> None:
    """Try all rows of the runbook on one store."""
    with hosts.store() as store:
        store.host.must("systemctl", "enable", "diting")
        for version in ("hand0", "hand1", "hand2"):
            store.deploy(hosts.application.archive(version))

        def archive(name: str, changes: dict[str, str] | None = None) -> str:
            made = hosts.application.archive(name, changes)
            return store.host.copy_in(made, f"/srv/in/{name}.tar.gz")

        names = {
            "older": ready_releases(store)[1],
            "unprepared": unprepared(hosts, store),
            "degraded": archive("hand3", {MODULE: DEGRADED}),
            "good": archive("hand4"),
        }
        rows = [try_row(store, row, one, names) for one in ROWS]
        expect_live_serves(store, row, "after all by hand")
        expect_report(row, store)
        row.saw(f"{len(rows)} situations")
        row.table(
            "The rows are in an order that makes sense on one store. The guide's failures of the "
            "application are in a table of their own.",
            ["situation", "by hand", "with the tool", "status", "printed"],
            rows,
        )


def try_row(store: HostStore, row: Row, one: RunbookRow, names: dict[str, str]) -> list[object]:
    """Run the command of a row, and return a row of the table."""
    command = one.new.format(**names)
    one.before(store)
    run = store.releases(*command.split())
    one.after(store)
    printed = run.output + (run.message or "")
    row.expect(
        run.status == one.status,
        f"{one.situation}: status {one.status}, was {run.status}: {run.text}",
    )
    row.expect(one.says in printed, f"{one.situation}: says '{one.says}': {printed}")
    return [one.situation, f"`{one.old}`", f"`releases {command}`", run.status, printed]


def expect_report(row: Row, store: HostStore) -> None:
    """Expect that the diagnosis has what the guide's script collects, and the unit's journal."""
    report = store.host.must("tar", "--extract", "--to-stdout", "--file", "/tmp/report.tar.gz")
    for word in ("Uvicorn running on", "Linux", "healthy", "releases/"):
        row.expect(word in report, f"the report has '{word}': {report[-1000:]}")
