"""Checks the texts of the workflows and of the action for GitHub without running them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from harness.assertions import expect
from harness.callers.workflow_runner import ACTION, REUSABLE, WORKFLOWS
from harness.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANGELOG = ROOT / "Integrations/packages/changelog"
MARK = "# EDIT: "


def version() -> str:
    """Return the version of the project without what marks it as unfinished."""
    found = re.match(r"releases \(([0-9.]+)", CHANGELOG.read_text())
    expect(found is not None, "the changelog names a version")
    return found[1] if found else ""


def steps(parsed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a workflow or an action."""
    yield from parsed.get("runs", {}).get("steps", [])
    for job in parsed.get("jobs", {}).values():
        yield from job.get("steps", [])


def expect_safe_steps(path: Path) -> None:
    """No script has an input in its text, and no action is named without a commit or a version."""
    own = f"{ACTION}v{version()}"
    for step in steps(yaml.safe_load(path.read_text())):
        where = f"{path.name}: {step.get('name') or step.get('uses')}"
        expect("${{" not in step.get("run", ""), f"{where} gets inputs as variables")
        uses = step.get("uses", own)
        pinned = uses == own or re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", uses)
        expect(bool(pinned), f"{where} is pinned to a commit, or to this version: {uses}")


def expect_edits_are_marked(path: Path) -> None:
    """What a team must edit is marked, and comments name this version."""
    for line in path.read_text().splitlines():
        if "OWNER/" in line and not line.lstrip().startswith("#"):
            expect(MARK in line, f"{path.name} marks what must be edited: {line}")
        for found in re.findall(r"@v([0-9][0-9.]*)", line):
            expect(found == version(), f"{path.name} names this version: {line}")


def expect_readme_agrees() -> None:
    """What README.md says of settings and messages is in the workflows and the script."""
    readme = (WORKFLOWS / "README.md").read_text()
    workflow = (WORKFLOWS / "deploy.yml").read_text()
    script = (WORKFLOWS / "connection.sh").read_text()
    settings = re.findall(r"^\| `([A-Z_]+)` \| (variable|secret) \|", readme, re.MULTILINE)
    expect(len(settings) == 4, f"README.md lists the settings: {settings}")
    for name, kind in settings:
        where = f"{'vars' if kind == 'variable' else 'secrets'}.{name}"
        expect(where in workflow, f"deploy.yml uses {where}")
    for name in re.findall(r"`(ALIYUN_[A-Z_]+)`", readme):
        expect(f"secrets.{name}" in workflow, f"deploy.yml uses {name}")
    *_, table = readme.split("| message | row of the runbook |\n|---|---|\n")
    rows = re.findall(r"^\| (.*) \| (.*) \|$", table, re.MULTILINE)
    expect(len(rows) == 6, f"README.md lists the messages: {rows}")
    for message, row in rows:
        known = f"'{row}'" in script or row.startswith("none")
        expect(known, f"connection.sh names the row {row!r} for {message!r}")


def expect_safe_texts() -> None:
    """Workflows have bounded permissions, and nothing in them can be misused or overlooked."""
    workflows = [*sorted(WORKFLOWS.glob("*.yml")), *sorted(REUSABLE.glob("*.yml"))]
    for path in workflows:
        parsed = yaml.safe_load(path.read_text())
        if path.name != "action.yml":
            for key in ("permissions", "concurrency"):
                expect(key in parsed, f"{path.name} sets {key}")
        expect_safe_steps(path)
    for path in (*workflows, WORKFLOWS / "README.md"):
        expect_edits_are_marked(path)
    expect_readme_agrees()
