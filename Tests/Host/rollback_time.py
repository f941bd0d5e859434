"""How long it takes to roll back, by the tool's own clock."""

import statistics

from application import DEGRADED, MODULE
from report import Row
from scenario import scenario
from workshop import Workshop

RUNS = 5
STEPS = ("restore", "restore-activate", "restore-health")
AT_MOST = 3.0
# A published figure for switching back without asking the old version whether it works.
CAPISTRANO = 1.4


@scenario("time", "the time that an automatic rollback takes")
def rollback_time(shop: Workshop, row: Row) -> None:
    with shop.store() as store:
        store.deploy(shop.application.archive("steady"))
        store.configure(timeout="3s")
        times: list[list[float]] = []
        for number in range(RUNS):
            archive = shop.application.archive(f"degraded{number}", {MODULE: DEGRADED})
            run = store.deploy(archive, "--json")
            row.expect(run.status == 10, f"status 10, was {run.status}: {run.errors}")
            times.append([run.step(name) for name in STEPS])
        totals = [sum(steps) for steps in times]
        median = statistics.median(totals)
        row.expect(median < AT_MOST, f"under {AT_MOST} s, was {median:.2f}")
        row.saw(f"{median:.2f} s")
        parts = [statistics.median(column) for column in zip(*times)]
        row.table(
            "From the end of the failing health check to the old version being healthy, the "
            f"restart of `uvicorn` included: medians of {RUNS}, from the JSON steps. The health "
            "check asks at once, when nothing listens yet, and again after 0.1, 0.2, 0.4, 0.8 and "
            f"1 s. Capistrano's rollback takes {CAPISTRANO} s, and checks no health.",
            [*STEPS, "together", "min-max"],
            [[*parts, median, f"{min(totals):.2f}-{max(totals):.2f}"]])
