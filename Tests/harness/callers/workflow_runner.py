"""Runs workflows and actions of GitHub on this machine, as a runner of GitHub does.

Only GitHub's own services are replaced: the runner, its actions, and `gh`, which records what it is
called with. The action of this repository runs from its own directory; in the checkout of the
application there is nothing of it.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from harness.assertions import expect
from harness.callers.expressions import Context, as_text
from harness.callers.workflow_steps import Job, Leaf, Step
from harness.processes import must_run
from harness.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOWS = ROOT / "Integrations/github"
REUSABLE = ROOT / ".github/workflows"
# How a workflow names the action of this repository, up to its version.
ACTION = "OWNER/releases/Integrations/github@"
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


class Runner:
    """A checkout of a repository, and the steps of a workflow's job that run in it."""

    def __init__(self, work: Path, secrets: dict[str, str], *, shows: bool = False) -> None:
        """Make a repository with the workflows and one commit.

        secrets: the values of `secrets.NAME` and `vars.NAME`.
        shows: whether the summaries and logs are printed.
        """
        self.work, self.secrets, self.shows = work, secrets, shows
        self.checkout, self.temporary = work / "checkout", work / "temp"
        # Where a job works before it checks anything out, and the artifacts that jobs can download.
        self.workspace, self.artifacts = work / "workspace", work / "artifacts"
        tools = work / "tools"
        for directory in (self.checkout, self.temporary, self.workspace, self.artifacts, tools):
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
            # This repository is around the work directory.
            "GIT_CEILING_DIRECTORIES": str(work),
            "GH_LOG": str(self.issue_commands),
            "GH_OPEN": str(self.open_issue),
            "GITHUB_SHA": "0123abcd",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "team/diting",
            "GITHUB_RUN_ID": "42",
            "RETRY_DELAY": "1",
            "CONNECT_TIMEOUT": "2",
        }
        # Variables that replace those of a workflow.
        self.overrides: dict[str, str] = {}
        self.commit({"VERSION": "1\n"})

    def show(self, *texts: str) -> None:
        """Print what a person sees in GitHub's pages, if that was asked for."""
        if self.shows:
            print(*texts, sep="\n")

    @contextmanager
    def changed(self, name: str, value: str) -> Iterator[None]:
        """Change a secret or variable for a while."""
        before = self.secrets.get(name, "")
        self.secrets[name] = value
        try:
            yield
        finally:
            self.secrets[name] = before

    def git(self, *words: str) -> None:
        """Run git in the checkout."""
        must_run("git", *IDENTITY, *words, directory=self.checkout)

    def commit(self, files: dict[str, str | None]) -> None:
        """Write files, or remove those that are None, and commit the change."""
        if not (self.checkout / ".git").exists():
            self.git("init", "-q")
        for name, text in files.items():
            if text is None:
                (self.checkout / name).unlink()
            else:
                (self.checkout / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def context(self, **inputs: str) -> Context:
        """Return what the expressions of a workflow can name."""
        values = {
            **self.secrets,
            "github.token": "t",
            "github.sha": self.variables["GITHUB_SHA"],
            "github.repository": self.variables["GITHUB_REPOSITORY"],
            "github.event_name": "push",
            "github.ref": "refs/heads/main",
            "runner.temp": str(self.temporary),
            **{f"inputs.{name}": value for name, value in inputs.items()},
        }
        return Context(values)

    def workflow(self, name: str) -> dict[Any, Any]:
        """Return a workflow; `reusable/NAME` is one that other repositories call."""
        folder = REUSABLE if name.startswith("reusable/") else WORKFLOWS
        file = folder / f"{name.removeprefix('reusable/')}.yml"
        parsed: dict[Any, Any] = yaml.safe_load(file.read_text())
        return parsed

    def job(self, workflow: str, job: str, **inputs: str) -> tuple[list[dict[str, Any]], Job]:
        """Return the steps of a job, and the job before its first step."""
        parsed = self.workflow(workflow)
        # YAML reads the key `on` as a boolean.
        declared = next(parsed[key] for key in parsed if key in (True, "on"))
        declared = declared.get("workflow_call") or {}
        defaults = {
            name: given["default"]
            for name, given in declared.get("inputs", {}).items()
            if "default" in given
        }
        found = parsed["jobs"][job]
        context = self.context(**{**defaults, **inputs})
        variables = {**parsed.get("env", {}), **found.get("env", {})}
        return found["steps"], Job(context, variables, self.workspace)

    def expand(self, step: dict[str, Any], job: Job) -> tuple[Context, list[dict[str, Any]]]:
        """Return the context and the steps of the action of this repository."""
        action = yaml.safe_load((WORKFLOWS / "action.yml").read_text())
        given = {
            name: as_text(job.context.interpolate(as_text(value)))
            for name, value in step.get("with", {}).items()
        }
        unknown = set(given) - set(action["inputs"])
        expect(not unknown, f"the action has the inputs {unknown}")
        defaults = {
            name: as_text(job.context.interpolate(as_text(declared.get("default", ""))))
            for name, declared in action["inputs"].items()
        }
        return self.context(**{**defaults, **given}), action["runs"]["steps"]

    def leaves(self, workflow: str, job: str, **inputs: str) -> dict[str, Leaf]:
        """Return the steps of a job that run a script, by name, also those of the action."""
        steps, state = self.job(workflow, job, **inputs)
        found: dict[str, Leaf] = {}
        for step in steps:
            if "run" in step:
                found.setdefault(step["name"], Leaf(step, state.context, state.variables))
            elif step["uses"].startswith(ACTION):
                context, inner = self.expand(step, state)
                for each in inner:
                    found.setdefault(each["name"], Leaf(each, context, state.variables))
        return found

    def start_leaf(self, leaf: Leaf, directory: Path) -> subprocess.Popen[str]:
        """Start a step without waiting for it."""
        for file in ("summary", "output"):
            (self.work / file).write_text("")
        environment = {
            key: as_text(leaf.context.interpolate(as_text(value)))
            for key, value in {**leaf.variables, **leaf.step.get("env", {})}.items()
        }
        script = self.work / "step.sh"
        script.write_text(leaf.step["run"])
        return subprocess.Popen(
            [*SHELL, script],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={
                **self.variables,
                **environment,
                **self.overrides,
                "GITHUB_ACTION_PATH": str(WORKFLOWS),
                "GITHUB_STEP_SUMMARY": str(self.work / "summary"),
                "GITHUB_OUTPUT": str(self.work / "output"),
            },
        )

    def start(self, workflow: str, job: str, name: str, **inputs: str) -> subprocess.Popen[str]:
        """Start one step without waiting for it, whatever its condition says."""
        return self.start_leaf(self.leaves(workflow, job, **inputs)[name], self.checkout)

    def finish(self, process: subprocess.Popen[str]) -> Step:
        """Wait for a step."""
        log, _ = process.communicate(timeout=240)
        lines = (self.work / "output").read_text().splitlines()
        outputs = {key: value for key, _, value in (line.partition("=") for line in lines)}
        return Step(process.returncode, log, (self.work / "summary").read_text(), outputs)

    def run(self, workflow: str, job: str, name: str, **inputs: str) -> Step:
        """Run one step to its end, whatever its condition says."""
        return self.finish(self.start(workflow, job, name, **inputs))

    def deploy(self) -> Step:
        """Run the steps of a deployment, and return the last one."""
        for name in ("Connect", "Pack"):
            step = self.run("deploy", "deploy", name)
            expect(step.status == 0 and not step.log, f"the step {name} succeeds: {step}")
        return self.run("deploy", "deploy", "Deploy")

    def run_job(self, workflow: str, job: str, status: str = "success", **inputs: str) -> Job:
        """Run the steps of a job whose conditions hold.

        status: what has happened to the job before; a canceled job runs its last steps alone.
        """
        steps, state = self.job(workflow, job, **inputs)
        state.context.status = status
        for step in steps:
            if state.context.holds(step.get("if")):
                self._run_step(step, state)
        parsed = self.workflow(workflow)["jobs"][job]
        state.outputs = {
            name: as_text(state.context.interpolate(value))
            for name, value in parsed.get("outputs", {}).items()
        }
        return state

    def _run_step(self, step: dict[str, Any], job: Job) -> None:
        """Run a step of a job, and let the job know how it has ended."""
        uses = step.get("uses", "")
        name = step.get("name", uses)
        if "run" in step:
            leaf = Leaf(step, job.context, job.variables)
            self._note(job, step, name, self.finish(self.start_leaf(leaf, job.directory)))
        elif uses.startswith("actions/checkout@"):
            job.directory = self.checkout
        elif uses.startswith("actions/download-artifact@"):
            given = {key: job.context.interpolate(text) for key, text in step["with"].items()}
            shutil.copytree(self.artifacts / given["name"], given["path"], dirs_exist_ok=True)
        else:
            self._run_action(step, name, job)

    def _run_action(self, step: dict[str, Any], name: str, job: Job) -> None:
        """Run the steps of the action whose conditions hold."""
        expect(step["uses"].startswith(ACTION), f"{step['uses']} is known")
        context, inner = self.expand(step, job)
        action = Job(context, job.variables, job.directory)
        for each in inner:
            if context.holds(each.get("if")):
                self._run_step(each, action)
        job.steps.update({f"{name} / {key}": value for key, value in action.steps.items()})
        declared = yaml.safe_load((WORKFLOWS / "action.yml").read_text())["outputs"]
        outputs = {
            key: as_text(context.interpolate(output["value"])) for key, output in declared.items()
        }
        failed = [each for each in action.steps.values() if each.status != 0]
        status = failed[0].status if failed else 0
        self._note(job, step, name, Step(status, "", "", outputs))

    def _note(self, job: Job, step: dict[str, Any], name: str, ended: Step) -> None:
        """Let the job know how a step has ended."""
        job.steps[name] = ended
        if ended.status != 0 and job.context.status == "success":
            job.context.status = "failure"
        if "id" in step:
            conclusion = "failure" if ended.status != 0 else "success"
            values = {"outcome": conclusion, "conclusion": conclusion}
            values |= {f"outputs.{key}": value for key, value in ended.outputs.items()}
            job.context.values.update({f"steps.{step['id']}.{k}": v for k, v in values.items()})
