"""Scenario 6: how long the way back takes, by the tool's own clock."""

import statistics

from application import DEGRADED, MODULE, Application
from host import Host
from report import Report

RUNS = 5
STEPS = ("restore", "restore-activate", "restore-health")
AT_MOST = 3.0
# A published figure for switching back without asking the old version whether it works.
CAPISTRANO = 1.4


def rollback_time(host: Host, application: Application, report: Report) -> None:
    host.releases("deploy", application.archive("steady"))
    host.configure(timeout="3s")
    times: list[list[float]] = []
    for number in range(RUNS):
        archive = application.archive(f"degraded{number}", {MODULE: DEGRADED})
        run = host.releases("deploy", archive, "--json")
        report.expect(run.status == 10, f"rollback: status 10, was {run.status}: {run.errors}")
        times.append([run.step(name) for name in STEPS])
    host.configure()
    totals = [sum(steps) for steps in times]
    median = statistics.median(totals)
    report.expect(median < AT_MOST, f"rollback: under {AT_MOST} s, was {median:.2f}")
    report.section(
        "The way back, timed",
        "From the end of the failing health check to the old version being healthy, the restart of "
        f"`uvicorn` included: medians of {RUNS}, from the JSON steps. The health check asks at "
        "once, when nothing listens yet, and again after 0.1, 0.2, 0.4, 0.8 and 1 s. Quoted beside "
        f"it: Capistrano's rollback takes {CAPISTRANO} s, and checks no health.")
    parts = [statistics.median(column) for column in zip(*times)]
    report.table(
        [*STEPS, "together", "min-max"],
        [[*parts, median, f"{min(totals):.2f}-{max(totals):.2f}"]])
