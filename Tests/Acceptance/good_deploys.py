"""Scenario 1: versions that work, from a file and as CI sends them."""

import hashlib

from application import Application
from host import Host, Run
from report import Report


def good_deploys(host: Host, application: Application, report: Report) -> None:
    rows: list[list[object]] = []

    def note(name: str, run: Run, version: str) -> None:
        seen = host.version()
        report.expect(run.status == 0, f"{name}: status 0, was {run.status}: {run.errors}")
        report.expect(seen == version, f"{name}: {version} serves, was {seen}")
        rows.append([name, run.status, run.seconds, run.output, seen == version])

    note("the first one", host.releases("deploy", application.archive("v1"), "--ref", "v1"), "v1")
    note("the second one", host.releases("deploy", application.archive("v2"), "--ref", "v2"), "v2")
    archive = application.archive("v3")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    with archive.open("rb") as stream:
        run = host.releases(
            "deploy", "-", "--sha256", digest, "--ref", "v3", "--json", stdin=stream)
    note("the third one on standard input, with `--sha256` and `--json`", run, "v3")
    report.expect(run.json["outcome"] == "activated", "the JSON says that it was activated")
    report.section("Versions that work")
    report.table(["deploy", "status", "seconds", "printed", "it serves"], rows)
