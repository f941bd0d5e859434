"""Measures how long an automatic rollback takes, by the tool's own clock."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from harness.host.application import DEGRADED, MODULE
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

RUNS = 5
STEPS = ("restore", "restore-activate", "restore-health")
AT_MOST = 3.0
# The published time of a rollback that does not check the health of the old version.
CAPISTRANO = 1.4


@scenario("time", "the time that an automatic rollback takes")
def rollback_time(hosts: HostFactory, row: Row) -> None:
    """Deploy versions that are rolled back, and add the times of the steps."""
    with hosts.store() as store:
        store.deploy(hosts.application.archive("steady"))
        store.configure(timeout="3s")
        times: list[list[float]] = []
        for number in range(RUNS):
            archive = hosts.application.archive(f"degraded{number}", {MODULE: DEGRADED})
            run = store.deploy(archive, "--json")
            row.expect(run.status == 10, f"status 10, was {run.status}: {run.errors}")
            times.append([run.step(name) for name in STEPS])
        totals = [sum(steps) for steps in times]
        median = statistics.median(totals)
        row.expect(median < AT_MOST, f"under {AT_MOST} s, was {median:.2f}")
        row.saw(f"{median:.2f} s")
        parts = [statistics.median(column) for column in zip(*times)]
        row.table(
            "The time is that from the end of the failing health check until the old version is "
            f"healthy, with the restart of `uvicorn`: medians of {RUNS} runs, from the steps in "
            "the JSON. The first attempt of the health check comes at once, when nothing listens "
            "yet, and the next after 0.1, 0.2, 0.4, 0.8 and 1 s. Capistrano's rollback takes "
            f"{CAPISTRANO} s, and checks no health.",
            [*STEPS, "together", "min-max"],
            [[*parts, median, f"{min(totals):.2f}-{max(totals):.2f}"]],
        )
