"""The dashboard for Grafana, and what must hold of its panels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.assertions import expect
from harness.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = ROOT / "Integrations/prometheus/dashboard.json"
COLUMNS = 24
# The only metric that is not of releases, whose file names the store.
OF_NODE_EXPORTER = "node_textfile_mtime_seconds"


@dataclass(frozen=True)
class Query:
    """An expression of the dashboard."""

    where: str
    expression: str
    legend: str = ""


class Dashboard:
    """The file."""

    def __init__(self) -> None:
        """Read it."""
        self.content: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
        panels = self.content["panels"]
        self.panels = [panel for panel in panels if panel["type"] != "row"]

    def queries(self) -> Iterator[Query]:
        """Return the expressions of panels and annotations."""
        for panel in self.panels:
            for target in panel["targets"]:
                yield Query(panel["title"], target["expr"], target["legendFormat"])
        for note in self.content["annotations"]["list"]:
            if "expr" in note:
                legend = note["titleFormat"] + note["textFormat"]
                yield Query(note["name"], note["expr"], legend)

    def variables(self) -> Iterator[Query]:
        """Return the queries of the variables: `label_values(METRIC, LABEL)`."""
        for variable in self.content["templating"]["list"]:
            if variable["type"] == "query":
                query = variable["query"]["query"]
                expect(variable["definition"] == query, f"{variable['name']} has one query")
                yield Query(variable["name"], query)

    def expect_form(self) -> None:
        """Each panel has a place, a description, a unit, thresholds and the data source."""
        names = {variable["name"] for variable in self.content["templating"]["list"]}
        expect(names == {"datasource", "instance", "store"}, f"the variables are {names}")
        ids = [panel["id"] for panel in self.content["panels"]]
        expect(len(set(ids)) == len(ids), f"the IDs of the panels differ: {ids}")
        taken: set[tuple[int, int]] = set()
        for panel in self.content["panels"]:
            place = panel["gridPos"]
            cells = {
                (column, row)
                for column in range(place["x"], place["x"] + place["w"])
                for row in range(place["y"], place["y"] + place["h"])
            }
            expect(not cells & taken, f"{panel['title']} has a place of its own")
            expect(place["x"] + place["w"] <= COLUMNS, f"{panel['title']} fits in the grid")
            taken |= cells
        for panel in self.panels:
            defaults = panel["fieldConfig"]["defaults"]
            expect(panel["description"].endswith("."), f"{panel['title']} has a description")
            expect(bool(defaults["unit"]), f"{panel['title']} has a unit")
            expect(bool(defaults["thresholds"]["steps"]), f"{panel['title']} has thresholds")
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            chosen = {"type": "prometheus", "uid": "${datasource}"}
            expect(all(source == chosen for source in sources), f"{panel['title']}: {sources}")

    def expect_columns(self, labels: set[str]) -> None:
        """The columns of tables are labels, or values of queries of the same table."""
        for panel in self.panels:
            values = {f"Value #{target['refId']}" for target in panel["targets"]}
            known = labels | values | {"Value", "Time", "__name__", "job"}
            titles = set()
            for change in panel.get("transformations", []):
                options = change["options"]
                for key in ("excludeByName", "indexByName", "renameByName"):
                    unknown = set(options.get(key, {})) - known
                    expect(not unknown, f"{panel['title']}: there is no column {unknown}")
                titles |= set(options.get("renameByName", {}).values())
            for override in panel["fieldConfig"]["overrides"]:
                title = override["matcher"]["options"]
                expect(title in titles, f"{panel['title']}: {title} is the title of a column")
