"""Runs the steps of GitHub workflows on this machine, as a runner of GitHub does.

Only GitHub's own services are replaced: the runner, and `gh`, which records what it is called with.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from harness.assertions import expect
from harness.processes import must_run, shortened
from harness.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = ROOT / "Integrations/github"
GH = """\
#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
case "$1 $2" in
  'issue list') cat "$GH_OPEN" ;;
  'issue create' | 'issue comment') while [ $# -gt 0 ]; do
    if [ "$1" = --body-file ]; then cp "$2" "$GH_LOG.body"; fi; shift; done ;;
esac
"""
IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@t")
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]


@dataclass
class Step:
    """A step that has ended: its status, log and summary, and the outputs that it set."""

    status: int
    log: str
    summary: str
    outputs: dict[str, str]

    def __str__(self) -> str:
        """Return what a person needs to see of a failure."""
        return f"status {self.status}, log {shortened(self.log)}, summary {self.summary}"


class Runner:
    """A checkout of a repository, and the steps of a workflow's job that run in it."""

    def __init__(self, work: Path, secrets: dict[str, str], *, shows: bool = False) -> None:
        """Make a repository with the workflows and one commit.

        secrets: the values of `secrets.NAME` and `vars.NAME`.
        shows: whether the summaries and logs are printed.
        """
        self.work, self.secrets, self.shows = work, secrets, shows
        self.checkout, self.temporary = work / "checkout", work / "temp"
        tools = work / "tools"
        for directory in (self.checkout, self.temporary, tools):
            directory.mkdir()
        (tools / "gh").write_text(GH)
        (tools / "gh").chmod(0o755)
        self.open_issue = work / "open-issue"
        self.open_issue.write_text("")
        self.issue_commands, self.issue_body = work / "gh", work / "gh.body"
        self.variables = {
            "PATH": f"{tools}:/usr/bin:/bin",
            "HOME": str(work),
            "LANG": "C.UTF-8",
            "RUNNER_TEMP": str(self.temporary),
            "GH_LOG": str(self.issue_commands),
            "GH_OPEN": str(self.open_issue),
            "GITHUB_SHA": "0123abcd",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "team/diting",
            "GITHUB_RUN_ID": "42",
            "RETRY_DELAY": "1",
        }
        self.commit({"VERSION": "1\n"})

    def show(self, *texts: str) -> None:
        """Print what a person sees in GitHub's pages, if that was asked for."""
        if self.shows:
            print(*texts, sep="\n")

    def git(self, *words: str) -> None:
        """Run git in the checkout."""
        must_run("git", *IDENTITY, *words, directory=self.checkout)

    def commit(self, files: dict[str, str | None]) -> None:
        """Write files, or remove those that are None, and commit the change."""
        place = self.checkout / ".github/workflows"
        if not place.exists():
            shutil.copytree(WORKFLOWS, place)
            self.git("init", "-q")
        for name, text in files.items():
            if text is None:
                (self.checkout / name).unlink()
            else:
                (self.checkout / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def steps(self, workflow: str, job: str) -> dict[str, dict[str, Any]]:
        """Return the steps of a job that run a script, by name, with their whole environment."""
        text = (WORKFLOWS / f"{workflow}.yml").read_text()
        parsed = yaml.safe_load(text)["jobs"][job]
        return {
            step["name"]: {**step, "env": {**parsed.get("env", {}), **step.get("env", {})}}
            for step in parsed["steps"]
            if "run" in step
        }

    def step_after(self, workflow: str, job: str, condition: str) -> str:
        """Return the name of the step that runs under this condition."""
        return next(
            name for name, step in self.steps(workflow, job).items() if step.get("if") == condition
        )

    def start(self, workflow: str, job: str, name: str, **inputs: str) -> subprocess.Popen[str]:
        """Start a step without waiting for it."""
        step = self.steps(workflow, job)[name]
        for file in ("summary", "output"):
            (self.work / file).write_text("")
        known = {
            **self.secrets,
            "github.token": "t",
            **{f"inputs.{key}": value for key, value in inputs.items()},
        }
        environment = {
            key: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: known[match[1]], str(value))
            for key, value in step["env"].items()
        }
        script = self.work / "step.sh"
        script.write_text(step["run"])
        return subprocess.Popen(
            [*SHELL, script],
            cwd=self.checkout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={
                **self.variables,
                **environment,
                "GITHUB_STEP_SUMMARY": str(self.work / "summary"),
                "GITHUB_OUTPUT": str(self.work / "output"),
            },
        )

    def finish(self, process: subprocess.Popen[str]) -> Step:
        """Wait for a step."""
        log, _ = process.communicate(timeout=120)
        lines = (self.work / "output").read_text().splitlines()
        outputs = {key: value for key, _, value in (line.partition("=") for line in lines)}
        return Step(process.returncode, log, (self.work / "summary").read_text(), outputs)

    def run(self, workflow: str, job: str, name: str, **inputs: str) -> Step:
        """Run a step to its end."""
        return self.finish(self.start(workflow, job, name, **inputs))

    def deploy(self) -> Step:
        """Run the steps of a deployment, and return the last one."""
        for name in ("Connect", "Pack"):
            step = self.run("deploy", "deploy", name)
            expect(step.status == 0 and not step.log, f"the step {name} succeeds: {step}")
        return self.run("deploy", "deploy", "Deploy")
