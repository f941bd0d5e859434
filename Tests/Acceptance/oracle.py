"""What must hold of a store after an interruption and a recovery."""

import re
from dataclasses import dataclass

from host import Host
from processes import wait_until
from report import Report

LINK = re.compile(r"releases/[0-9A-Za-z][0-9A-Za-z._-]*")


@dataclass(frozen=True)
class Settled:
    """How a recovery went."""

    said: str
    seconds: float
    live: str


def expect_settled(host: Host, report: Report, when: str, *recover: str) -> Settled:
    """Recovers, and holds the store against all that was promised."""
    run = host.releases("recover", *recover)
    report.expect(run.status == 0, f"{when}: recover ends with 0, was {run.status}: {run.errors}")
    again = host.releases("recover", *recover)
    silent = again.status == 0 and not again.output and not again.errors
    report.expect(silent, f"{when}: a second recovery has nothing to say, said {again.output}")
    releases = host.releases("list", "--json").json["releases"]
    states = {release["id"]: release["state"] for release in releases}
    current, previous = host.link("current"), host.link("previous")
    for name, target in (("current", current), ("previous", previous)):
        legal = target is not None and LINK.fullmatch(target) is not None
        state = states.get((target or "").removeprefix("releases/"))
        report.expect(
            legal and state == "ready",
            f"{when}: {name} leads to a ready release, was {target}, {state}")
    report.expect(current != previous, f"{when}: current and previous differ")
    stages = list((host.store / ".releases/staging").iterdir())
    report.expect(not stages, f"{when}: no stage is left, were {stages}")
    verify = host.releases("verify", "--all")
    report.expect(
        verify.status == 0, f"{when}: verify --all is 0, was {verify.status}: {verify.output}")
    return Settled(run.output + run.errors, run.seconds, current or "none")


def expect_live_serves(host: Host, report: Report, when: str) -> str:
    """The service answers with the version in the live release; returns that version."""
    live = host.live_version()
    # A hook may have restarted it a moment ago.
    serves = wait_until(lambda: host.version() == live, 5)
    report.expect(serves, f"{when}: {live} serves, was {host.version()}")
    status = host.releases("status", "--json")
    current = (host.link("current") or "").removeprefix("releases/")
    told = status.json["current"]
    report.expect(told == current, f"{when}: status names {current}, was {told}")
    report.expect(status.status == 0, f"{when}: status is 0, was {status.status}: {status.output}")
    return live
