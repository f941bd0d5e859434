"""Scenario 7: what people do by hand today, and what they type instead."""

from dataclasses import dataclass

from application import DEGRADED, MODULE, Application
from host import Host
from report import Report


@dataclass(frozen=True)
class Row:
    """One row of the runbook; `{…}` is filled in from the store."""

    situation: str
    old: str
    new: str
    status: int = 0
    says: str = ""


ROWS = [
    Row("list versions", "ls -lh /opt/diting/releases/", "list", says="live"),
    Row(
        "roll back to a version",
        "sudo ln -sfn /opt/diting/releases/TS /opt/diting/current; "
        "sudo systemctl restart diting; curl …/health", "activate {older}", says="activated"),
    Row(
        "emergency", "sudo ln -sfn /opt/diting/previous /opt/diting/current; restart", "rollback",
        says="rolled back"),
    Row(
        "automatic rollback", "steps of the Deploy workflow", "deploy {degraded}", 10, "restored"),
    Row("disk full", "df -h; du -sh releases/*; ls -t | tail -n +4 | xargs -r rm -rf", "prune"),
    Row(
        "retention change", "edit .github/workflows/deploy.yml",
        "prune --dry-run --keep 1 --keep-within 0d"),
    Row("dependency failure", "uv sync --frozen again inside current", "prepare {unprepared}"),
    Row(
        "service does not answer: port taken, start by hand",
        "ss -tlnp; cd current && uvicorn …", "status"),
    Row("what happened", "the logs of the workflow", "history --limit 3", says="activate"),
    Row("is it whole", "none", "verify --all"),
    Row("what would go wrong", "uv --version; ls; df", "check"),
    Row(
        "report a problem", "a script with uname, df, systemctl, journalctl, ls, curl",
        "diagnose --archive {report}"),
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
        "unprepared": unprepared(host, application),
        "report": str(host.work / "report.tar.gz"),
    }
    rows: list[list[object]] = []
    for row in ROWS:
        command = row.new.format(**names)
        run = host.releases(*command.split())
        printed = run.output + (run.message or "")
        report.expect(
            run.status == row.status,
            f"{row.situation}: status {row.status}, was {run.status}: {run.errors}")
        report.expect(row.says in printed, f"{row.situation}: says '{row.says}': {printed}")
        short = printed if len(printed) < LONGEST else f"{printed[:LONGEST]} …"
        rows.append([row.situation, f"`{row.old}`", f"`releases {command}`", run.status, short])
    report.expect(host.version() == host.live_version(), "by hand: the live version serves")
    report.section("By hand, before and after")
    report.table(["situation", "before", "now", "status", "printed"], rows)
