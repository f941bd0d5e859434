"""Scenario 7: what people do by hand today, and what they type instead."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from application import DEGRADED, MODULE, Application
from host import Host
from oracle import expect_live_serves
from processes import wait_until
from report import Report


Action = Callable[[Host], None]


def nothing(host: Host) -> None:
    """Most rows find the host as the row before left it."""


def emergency_by_hand(host: Host) -> None:
    """Exactly what the guide says: `current` then leads to the link `previous`."""
    subprocess.run(["ln", "-sfn", host.store / "previous", host.store / "current"], check=True)
    host.service("restart")
    wait_until(lambda: host.version() != "-", 10)


@dataclass(frozen=True)
class Row:
    """One row of the runbook; `{…}` is filled in from the store."""

    situation: str
    old: str
    new: str
    status: int = 0
    says: str = ""
    before: Action = nothing
    after: Action = nothing


ROWS = [
    Row("list versions", "ls -lh /opt/diting/releases/", "list", says="rollback"),
    Row(
        "dependency failure", "uv --version; uv sync --frozen again inside current",
        "prepare {unprepared}", says="ready"),
    Row(
        "roll back to a version",
        "sudo ln -sfn /opt/diting/releases/TS /opt/diting/current; "
        "sudo systemctl restart diting; curl …/health", "activate {older}", says="activated"),
    Row(
        "emergency", "sudo ln -sfn /opt/diting/previous /opt/diting/current; restart", "rollback",
        says="rolled back"),
    Row(
        "automatic rollback", "steps of the Deploy workflow: links, restart, an issue",
        "deploy {degraded}", 10, "is live again and healthy"),
    Row(
        "what happened", "the logs of the workflow", "history --limit 4",
        says="not healthy within"),
    Row(
        "port taken, stale process, start by hand: the service does not answer",
        "ss -tlnp; kill; cd current && source .venv/bin/activate && uvicorn …", "status", 7,
        "nothing takes connections", lambda host: host.service("stop"),
        lambda host: host.service("start")),
    Row(
        "the emergency was done by hand all the same: what is live",
        "ls -l (current -> /opt/diting/previous -> releases/…)", "status", 7,
        "moved by hand", emergency_by_hand),
    Row(
        "and the next deploy", "previous would lead to itself", "deploy {good}", says="activated"),
    Row(
        "disk full", "df -h; du -sh releases/*; ls -t | tail -n +4 | xargs -r rm -rf",
        "prune --keep 2 --keep-within 0d", says="freed"),
    Row(
        "retention change", "edit the step in .github/workflows/deploy.yml",
        "prune --dry-run --keep 1 --keep-within 0d", says="keep"),
    Row("is it whole", "nothing", "verify --all", says="whole"),
    Row("what would go wrong", "uv --version; ls; df", "check", says="ok"),
    Row(
        "report a problem", "a script with uname, df, systemctl, journalctl, ls, curl",
        "diagnose --archive {report}", says="wrote"),
]
LONGEST = 900


def ready_releases(host: Host) -> list[str]:
    listed = host.releases("list", "--json").json["releases"]
    return [release["id"] for release in listed if release["state"] == "ready"]


def unprepared(host: Host, application: Application) -> str:
    """A release that its prepare hook failed for, for a reason that has gone since."""
    host.configure("false")
    run = host.releases("unpack", application.archive("unprepared"), "--json")
    host.configure()
    return run.json["id"]


def hands(host: Host, application: Application, report: Report) -> None:
    for version in ("hand1", "hand2"):
        host.releases("deploy", application.archive(version))
    names = {
        "older": ready_releases(host)[1],
        "degraded": str(application.archive("hand3", {MODULE: DEGRADED})),
        "good": str(application.archive("hand4")),
        "unprepared": unprepared(host, application),
        "report": str(host.work / "report.tar.gz"),
    }
    rows: list[list[object]] = []
    for row in ROWS:
        command = row.new.format(**names)
        row.before(host)
        run = host.releases(*command.split())
        row.after(host)
        printed = run.output + (run.message or "")
        report.expect(
            run.status == row.status,
            f"{row.situation}: status {row.status}, was {run.status}: {run.errors}")
        report.expect(row.says in printed, f"{row.situation}: says '{row.says}': {printed}")
        short = printed if len(printed) < LONGEST else f"{printed[:LONGEST]} …"
        rows.append([row.situation, f"`{row.old}`", f"`releases {command}`", run.status, short])
    expect_live_serves(host, report, "after all by hand")
    report.section(
        "By hand, before and after",
        "The rows of the runbook in an order that makes sense on one store. Logs need no row: "
        "those of the application are in `shared/logs`, those of hooks are kept short by the tool. "
        "What the guide lists as failures of the application is above.")
    report.table(["situation", "before", "now", "status", "printed"], rows)
