"""Versions that work are deployed from a file and from standard input."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row


@scenario("good", "versions that work: from a file, and from standard input with `--sha256`")
def good_deploys(hosts: HostFactory, row: Row) -> None:
    """Deploy three versions."""
    with hosts.store() as store:
        for version in ("v1", "v2"):
            run = store.deploy(hosts.application.archive(version), "--ref", version)
            row.expect(run.status == 0, f"{version}: status 0, was {run.status}: {run.errors}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            row.saw(f"{version}: {run.seconds:.2f} s: {run.output.strip()}")
        archive = hosts.application.archive("v3")
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        with archive.open("rb") as stream:
            run = store.releases(
                "deploy", "-", "--sha256", digest, "--ref", "v3", "--json", stdin=stream
            )
        row.expect(run.status == 0, f"v3: status 0, was {run.status}: {run.errors}")
        row.expect(store.version() == "v3", f"v3 serves, was {store.version()}")
        row.expect(run.json["outcome"] == "activated", "the JSON says that it was activated")
        row.saw(f"v3: {run.seconds:.2f} s")
