"""Checks a store on a host after an interruption and a recovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.host.host_store import LINK, HostStore
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.report import Row


@dataclass(frozen=True)
class Recovered:
    """What a recovery printed, and how long it took."""

    text: str
    seconds: float


def expect_recovers(store: HostStore, row: Row, when: str) -> Recovered:
    """Recover, and expect everything that is promised of a store."""
    run = store.releases("recover")
    row.expect(run.status == 0, f"{when}: recover ends with 0, was {run.status}: {run.errors}")
    again = store.releases("recover")
    row.expect(
        again.status == 0 and not again.text,
        f"{when}: a second recovery has nothing to do, printed {again.text}",
    )
    releases = store.releases("list", "--json").json["releases"]
    states = {release["id"]: release["state"] for release in releases}
    for name in ("current", "previous"):
        target = store.link(name)
        state = states.get(target.removeprefix("releases/"))
        row.expect(
            LINK.fullmatch(target) is not None and state == "ready",
            f"{when}: {name} points to a ready release, was {target}, {state}",
        )
    row.expect(
        store.link("current") != store.link("previous"), f"{when}: current and previous differ"
    )
    stages = store.entries(".releases/staging")
    row.expect(not stages, f"{when}: no stage is left, were {stages}")
    verify = store.releases("verify", "--all")
    row.expect(verify.status == 0, f"{when}: verify --all is 0, was {verify.status}: {verify.text}")
    return Recovered(run.text, run.seconds)


def expect_live_serves(store: HostStore, row: Row, when: str) -> str:
    """Expect that the version in the live release answers, and return that version."""
    live = store.live_version()
    # A hook may have restarted the service a moment ago.
    row.expect(store.serves(live, 5), f"{when}: {live} serves, was {store.version()}")

    def status_agrees() -> bool:
        status = store.releases("status", "--json")
        current = store.link("current").removeprefix("releases/")
        return status.status == 0 and status.json["current"] == current

    row.expect(
        wait_until(status_agrees, 3, 0.3),
        f"{when}: status is 0 and has {live}: {store.releases('status').text}",
    )
    return live
