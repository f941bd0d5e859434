"""What people do by hand today, and what they type instead."""

from collections.abc import Callable
from dataclasses import dataclass

from application import DEGRADED, MODULE
from report import Row
from scenario import scenario
from settled import expect_live_serves
from store import PLACE, Store
from workshop import Workshop

Action = Callable[[Store], object]


def nothing(store: Store) -> None:
    """Most rows find the host as the row before left it."""


def emergency_by_hand(store: Store) -> None:
    """Exactly what the guide says: `current` then points to the link `previous`."""
    store.host.must("ln", "-sfn", f"{PLACE}/previous", f"{PLACE}/current")
    store.host.must("systemctl", "restart", "diting")
    store.serves("none", 2)


@dataclass(frozen=True)
class Situation:
    """One row of the runbook; `{…}` is filled in from the store."""

    situation: str
    old: str
    new: str
    status: int = 0
    says: str = ""
    before: Action = nothing
    after: Action = nothing


SITUATIONS = [
    Situation("list versions", "ls -lh /opt/diting/releases/", "list", says="rollback"),
    Situation(
        "dependency failure", "uv --version; uv sync --frozen again inside current",
        "prepare {unprepared}", says="ready"),
    Situation(
        "roll back to a version",
        "sudo ln -sfn /opt/diting/releases/TS /opt/diting/current; "
        "sudo systemctl restart diting; curl …/health", "activate {older}", says="activated"),
    Situation(
        "emergency", "sudo ln -sfn /opt/diting/previous /opt/diting/current; restart", "rollback",
        says="rolled back"),
    Situation(
        "automatic rollback", "steps of the Deploy workflow: links, restart, an issue",
        "deploy {degraded}", 10, "is live again and healthy"),
    Situation(
        "what happened", "the logs of the workflow", "history --limit 4", says="degraded"),
    Situation(
        "port taken, stale process, start by hand: the service does not answer",
        "ss -tlnp; kill; cd current && source .venv/bin/activate && uvicorn …", "status", 7,
        "diting", lambda store: store.host.must("systemctl", "stop", "diting"),
        lambda store: store.host.must("systemctl", "start", "diting")),
    Situation(
        "the emergency was done by hand all the same: what is live",
        "ls -l (current -> /opt/diting/previous -> releases/…)", "history --limit 1",
        says="drift", before=emergency_by_hand),
    Situation(
        "and the next deploy", "previous would point to itself", "deploy {good}", says="activated"),
    Situation(
        "disk full", "df -h; du -sh releases/*; ls -t | tail -n +4 | xargs -r rm -rf",
        "prune --keep 2 --keep-within 0d", says="freed"),
    Situation(
        "retention change", "edit the step in .github/workflows/deploy.yml",
        "prune --dry-run --keep 1 --keep-within 0d", says="keep"),
    Situation("is it whole", "nothing", "verify --all", says="whole"),
    Situation("what would go wrong", "uv --version; ls; df", "check", says="ok"),
    Situation(
        "logs", "journalctl -u diting; journalctl --vacuum-time=7d; rm -rf logs/*.log.*",
        "history", says="activate"),
    Situation(
        "report a problem", "a script with uname, df, systemctl, journalctl, ls, curl",
        "diagnose --archive /tmp/report.tar.gz", says="wrote"),
]


def ready_releases(store: Store) -> list[str]:
    listed = store.releases("list", "--json").json["releases"]
    return [release["id"] for release in listed if release["state"] == "ready"]


def unprepared(shop: Workshop, store: Store) -> str:
    """A release that its prepare hook failed for, for a reason that has gone since."""
    store.configure("false")
    made = shop.application.archive("unprepared")
    archive = store.host.copy_in(made, "/srv/in/unprepared.tar.gz")
    run = store.releases("unpack", archive, "--json")
    store.configure()
    return run.json["id"]


@scenario("by-hand", "the rows of the runbook, by hand before and with the tool now")
def by_hand(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        store.host.must("systemctl", "enable", "diting")
        for version in ("hand0", "hand1", "hand2"):
            store.deploy(shop.application.archive(version))

        def archive(name: str, changes: dict[str, str] | None = None) -> str:
            made = shop.application.archive(name, changes)
            return store.host.copy_in(made, f"/srv/in/{name}.tar.gz")

        names = {
            "older": ready_releases(store)[1], "unprepared": unprepared(shop, store),
            "degraded": archive("hand3", {MODULE: DEGRADED}), "good": archive("hand4"),
        }
        rows = [do(store, row, one, names) for one in SITUATIONS]
        expect_live_serves(store, row, "after all by hand")
        expect_report(row, store)
        row.saw(f"{len(rows)} situations")
        row.table(
            "In an order that makes sense on one store. What the guide lists as failures of the "
            "application is in a table of its own.",
            ["situation", "before", "now", "status", "printed"], rows)


def do(store: Store, row: Row, one: Situation, names: dict[str, str]) -> list[object]:
    """A row of the table."""
    command = one.new.format(**names)
    one.before(store)
    run = store.releases(*command.split())
    one.after(store)
    printed = run.output + (run.message or "")
    row.expect(
        run.status == one.status,
        f"{one.situation}: status {one.status}, was {run.status}: {run.text}")
    row.expect(one.says in printed, f"{one.situation}: says '{one.says}': {printed}")
    return [one.situation, f"`{one.old}`", f"`releases {command}`", run.status, printed]


def expect_report(row: Row, store: Store) -> None:
    """The diagnosis has what the guide's script gathers, the unit's journal included."""
    told = store.host.must("tar", "--extract", "--to-stdout", "--file", "/tmp/report.tar.gz")
    for word in ("Uvicorn running on", "Linux", "healthy", "releases/"):
        row.expect(word in told, f"the report says '{word}': {told[-1000:]}")
