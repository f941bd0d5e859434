"""Compares the alerts and the dashboard with the metrics that the binary writes.

Each expression uses only metrics and labels that exist, every panel can be narrowed to hosts and
stores, and every alert names its store. Where promtool(1) is installed, it parses each expression,
and evaluates it with the metrics of three stores on two hosts: each gives a result.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import yaml

from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.monitoring.dashboard import OF_NODE_EXPORTER, Dashboard, Query
from harness.monitoring.metrics import LEGEND, Sample, groupings, samples, selectors
from harness.page.stores import crowded_store, new_store, troubled_store
from harness.processes import must_run
from harness.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RULES = ROOT / "Integrations/prometheus/releases.rules.yml"
HOSTS = ("web-1", "web-2")
# The labels of the host come from Prometheus, and that of the file from node_exporter.
OF_SCRAPE = {"instance", "job"}
OF_FILE = {"file"}
# What Grafana puts in place of its variables.
VARIABLES = {"$instance": ".*", "$store": ".*", "$__interval": "1h"}
VARIABLE_QUERY = re.compile(r"label_values\((.*), ([a-z]+)\)")


# The instances of a service that no host of the tests runs.
INSTANCES = "service: {unit: app@, socket: '/run/app/{id}.sock', live: /run/app/live.sock}\n"


def stores_metrics(binary: Path, work: Path) -> list[Sample]:
    """Return the metrics of stores: new, with a history, with problems, with instances."""
    stores = [
        new_store(binary, work),
        crowded_store(binary, work),
        troubled_store(binary, work / "more"),
        crowded_store(binary, work / "instances"),
    ]
    stores[-1].write("releases.yaml", INSTANCES)
    return [one for store in stores for one in samples(store.must("metrics").output)]


def labels_of_metrics(found: list[Sample]) -> dict[str, set[str]]:
    """Return the metrics with their labels."""
    labels: dict[str, set[str]] = {OF_NODE_EXPORTER: OF_SCRAPE | OF_FILE}
    for sample in found:
        labels.setdefault(sample.name, set(OF_SCRAPE)).update(sample.label_names)
    return labels


def expect_names(query: Query, labels: dict[str, set[str]]) -> None:
    """Each metric and label of an expression exists."""
    known = set()
    for name, matched in selectors(query.expression):
        expect(name in labels, f"{query.where}: there is a metric {name}")
        unknown = matched - labels[name]
        expect(not unknown, f"{query.where}: {name} has the labels {unknown}")
        known |= labels[name]
    unknown = (groupings(query.expression) | set(LEGEND.findall(query.legend))) - known
    expect(not unknown, f"{query.where}: the result has the labels {unknown}")


def expect_choice(query: Query) -> None:
    """An expression is about the chosen hosts and stores only."""
    for name, matched in selectors(query.expression):
        wanted = {"instance"} if name == OF_NODE_EXPORTER else {"instance", "store"}
        expect(wanted <= matched, f"{query.where}: {name} is selected by {wanted}")


def alerts() -> list[Query]:
    """Return the expressions of the alerts."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    for rule in rules:
        summary = rule["annotations"]["summary"]
        named = "$labels.file" if OF_NODE_EXPORTER in rule["expr"] else "$labels.store"
        expect(named in summary and "$labels.instance" in summary, f"{rule['alert']}: {summary}")
    return [Query(rule["alert"], rule["expr"]) for rule in rules]


def without_variables(expression: str) -> str:
    """Return an expression as Grafana sends it when everything is chosen."""
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression


def series(found: list[Sample]) -> list[dict[str, str]]:
    """Return the metrics as promtool(1) gets them, which stay the same for two hours."""
    lines = []
    for host in HOSTS:
        own = f'instance="{host}",job="node"'
        lines += [
            {"series": f"{one.name}{{{own},{one.labels}}}", "values": f"{one.value}x120"}
            for one in found
        ]
        file = 'file="/var/lib/prometheus/node-exporter/releases-srv-app.prom"'
        lines.append({"series": f"{OF_NODE_EXPORTER}{{{own},{file}}}", "values": "60x120"})
    return lines


def evaluate(queries: list[Query], found: list[Sample], work: Path) -> None:
    """Let promtool(1) parse each expression, and expect that it gives a result."""
    expressions = [without_variables(query.expression) for query in queries]
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, expression in enumerate(expressions)
    ]
    (work / "rules.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]})
    )
    must_run("promtool", "check", "rules", work / "rules.yml")
    tests = [
        {
            "expr": f"count({expression}) >= bool 1",
            "eval_time": "90m",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for expression in expressions
    ]
    test = {"interval": "1m", "input_series": series(found), "promql_expr_test": tests}
    document = {"rule_files": [], "evaluation_interval": "1m", "tests": [test]}
    (work / "test.yml").write_text(yaml.safe_dump(document))
    must_run("promtool", "test", "rules", work / "test.yml")


def main() -> int:
    """Run the suite."""
    arguments = suite_parser(__doc__).parse_args()
    dashboard = Dashboard()
    dashboard.expect_form()
    with empty_directory(arguments.work) as work:
        found = stores_metrics(arguments.binary, work)
        labels = labels_of_metrics(found)
        dashboard.expect_columns(set().union(*labels.values()))
        for variable in dashboard.variables():
            match = VARIABLE_QUERY.fullmatch(variable.expression)
            expect(match is not None, f"{variable.where}: {variable.expression}")
            if match:
                expect_names(Query(variable.where, match[1], f"{{{{{match[2]}}}}}"), labels)
        queries = list(dashboard.queries())
        for query in queries:
            expect_names(query, labels)
            expect_choice(query)
        for alert in alerts():
            expect_names(alert, labels)
        used = {name for query in queries for name, _ in selectors(query.expression)}
        unused = set(labels) - used
        expect(not unused, f"the dashboard shows each metric: {unused}")
        has_promtool = shutil.which("promtool") is not None
        if has_promtool:
            evaluate(queries, found, work)
    parser = "" if has_promtool else "; promtool is not installed, so that none was evaluated"
    print(f"monitoring: {len(queries)} expressions and {len(alerts())} alerts fit{parser}")
    return 0


if __name__ == "__main__":
    run_suite(main)
