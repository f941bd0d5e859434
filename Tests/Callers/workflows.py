"""The workflows of Integrations/github, step by step as a runner takes them, against a real sshd.

    workflows.py BINARY --work DIRECTORY

Only GitHub's own services are stood in for: the runner, and `gh`, which writes down what it is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from promise import expect, fresh
from sshd import SSHServer

ROOT = Path(__file__).resolve().parents[2]
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
ALLOWED = "ci namespaces=\"release\" {key}"
# It works unless the release says that it does not.
CONFIGURATION = """\
hooks: {{activate: {{run: 'sleep $(cat SLOW || echo 0)'}}}}
health: {{command: test ! -e BROKEN, timeout: 2s}}
trust: {{allowed-signers: {signers}, require: signature}}
"""


@dataclass
class Step:
    """What became of one step."""

    status: int
    log: str
    summary: str
    outputs: dict[str, str]


class Runner:
    """A checkout, and the steps of a workflow's job run in it."""

    def __init__(self, work: Path, secrets: dict[str, str]):
        self.work, self.secrets = work, secrets
        self.checkout, self.temporary = work / "checkout", work / "temp"
        self.temporary.mkdir()
        tools = work / "tools"
        tools.mkdir()
        (tools / "gh").write_text(GH)
        (tools / "gh").chmod(0o755)
        self.open_issue = work / "open-issue"
        self.open_issue.write_text("")
        self.variables = {
            "PATH": f"{tools}:/usr/bin:/bin", "HOME": str(work), "LANG": "C.UTF-8",
            "RUNNER_TEMP": str(self.temporary), "GH_LOG": str(work / "gh"),
            "GH_OPEN": str(self.open_issue), "GITHUB_SHA": "0123abcd",
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "team/diting",
            "GITHUB_RUN_ID": "42",
        }
        self.commit({"VERSION": "1\n"})

    def git(self, *words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=self.checkout,
            check=True, capture_output=True)

    def commit(self, files: dict[str, str | None]) -> None:
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

    def steps(self, workflow: str, job: str) -> dict[str, dict]:
        text = (WORKFLOWS / f"{workflow}.yml").read_text()
        parsed = yaml.safe_load(text)["jobs"][job]
        return {step["name"]: {**step, "env": {**parsed.get("env", {}), **step.get("env", {})}}
                for step in parsed["steps"] if "run" in step}

    def start(self, workflow: str, job: str, name: str, **inputs: str) -> subprocess.Popen:
        step = self.steps(workflow, job)[name]
        for place in ("summary", "output"):
            (self.work / place).write_text("")
        known = {**self.secrets, "github.token": "t",
                 **{f"inputs.{key}": value for key, value in inputs.items()}}
        given = {
            key: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: known[match[1]], str(value))
            for key, value in step["env"].items()}
        script = self.work / "step.sh"
        script.write_text(step["run"])
        return subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script], cwd=self.checkout,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, env={
                **self.variables, **given, "GITHUB_STEP_SUMMARY": str(self.work / "summary"),
                "GITHUB_OUTPUT": str(self.work / "output")})

    def finish(self, process: subprocess.Popen) -> Step:
        log, _ = process.communicate(timeout=120)
        lines = (self.work / "output").read_text().splitlines()
        return Step(
            process.returncode, log, (self.work / "summary").read_text(),
            dict(line.split("=", 1) for line in lines))

    def run(self, workflow: str, job: str, name: str, **inputs: str) -> Step:
        return self.finish(self.start(workflow, job, name, **inputs))

    def deploy(self) -> Step:
        for name in ("Connect", "Pack"):
            step = self.run("deploy", "deploy", name)
            expect(step.status == 0 and not step.log, f"{name}: {step}")
        return self.run("deploy", "deploy", "Deploy")


def good(runner: Runner, store: Path) -> None:
    step = runner.deploy()
    expect(step.status == 0, f"a good deployment: {step}")
    expect(step.outputs["outcome"] == "activated", f"its outputs: {step.outputs}")
    expect("### deploy: activated" in step.summary, f"its summary: {step.summary}")
    expect((store / "current/VERSION").read_text() == "1\n", "it is live")
    print(step.summary)
    packed = (runner.temporary / "app.tar.gz").read_bytes()
    runner.run("deploy", "deploy", "Pack")
    same = (runner.temporary / "app.tar.gz").read_bytes() == packed
    expect(same, "the same commit makes the same archive")


def failing(runner: Runner, store: Path) -> None:
    live = os.readlink(store / "current")
    runner.commit({"BROKEN": "x", "VERSION": "2\n"})
    step = runner.deploy()
    expect(step.status == 10, f"it goes back: {step}")
    expect("\n::error title=releases deploy::" in step.log, f"it is marked: {step.log}")
    expect("rolledBack" in step.summary and "| hint |" in step.summary, step.summary)
    expect(os.readlink(store / "current") == live, "the old one is live")
    issue = runner.run("deploy", "deploy", "Open an issue")
    asked = Path(runner.variables["GH_LOG"]).read_text()
    expect(issue.status == 0 and "--label ci-cd --label bug" in asked, f"an issue: {issue} {asked}")
    body = Path(runner.variables["GH_LOG"] + ".body").read_text()
    for part in ("rolledBack", "actions/runs/42", "0123abcd", "<details>", "journal"):
        expect(part in body, f"{part} is in the issue: {body[:2000]}")
    print(step.log, step.summary, body[:1500], sep="\n")
    runner.open_issue.write_text("7\n")
    runner.run("deploy", "deploy", "Open an issue")
    expect("issue comment 7" in Path(runner.variables["GH_LOG"]).read_text(), "then a comment")


def unreachable(runner: Runner) -> None:
    host = runner.secrets.pop("vars.DEPLOY_HOST")
    runner.secrets["vars.DEPLOY_HOST"] = "root@127.0.0.1:1"
    step = runner.deploy()
    expect(step.status == 255 and "did not answer" in step.log, f"no host: {step}")
    runner.secrets["vars.DEPLOY_HOST"] = host
    known = runner.secrets["vars.DEPLOY_KNOWN_HOSTS"]
    runner.secrets["vars.DEPLOY_KNOWN_HOSTS"] = known.replace("AAAA", "AAAB", 1)
    step = runner.deploy()
    expect(step.status == 255, f"another host's key is refused: {step}")
    runner.secrets["vars.DEPLOY_KNOWN_HOSTS"] = known


def cancelled(runner: Runner, store: Path) -> None:
    """The runner ends its processes while the host waits for the service."""
    runner.commit({"BROKEN": None, "SLOW": "3", "VERSION": "3\n"})
    for name in ("Connect", "Pack"):
        runner.run("deploy", "deploy", name)
    process = runner.start("deploy", "deploy", "Deploy")
    while (store / "current/VERSION").read_text() != "3\n":
        expect(process.poll() is None, "the deployment is under way")
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGTERM)
    runner.finish(process)
    said = runner.run("deploy", "deploy", "Report the outcome")
    expect(said.status == 0 and "running" in said.summary, f"it is still under way: {said}")
    deadline = time.monotonic() + 30
    while "activate" not in said.summary or "done" not in said.summary:
        expect(time.monotonic() < deadline, f"it comes to its end: {said}")
        said = runner.run("deploy", "deploy", "Report the outcome")
    expect((store / "current/VERSION").read_text() == "3\n", "the host finished it by itself")
    print(said.summary)


def back(runner: Runner, store: Path) -> None:
    for name in ("$(touch /tmp/x)", "'; id; '", "--store=/", "-f", "x" * 300, "\n"):
        step = runner.run("rollback", "rollback", "Roll back", id=name)
        expect(step.status in (2, 3, 4), f"{name!r} is no release: {step}")
    expect((store / "current/VERSION").read_text() == "3\n", "nothing has happened")
    step = runner.run("rollback", "rollback", "Roll back", id="")
    expect(step.status == 0 and (store / "current/VERSION").read_text() == "1\n", f"back: {step}")
    print(step.summary)


def static() -> None:
    """What holds for the text of all workflows."""
    for path in sorted(WORKFLOWS.glob("*.yml")):
        parsed = yaml.safe_load(path.read_text())
        expect("permissions" in parsed and "concurrency" in parsed, f"{path.name} is bounded")
        for job in parsed["jobs"].values():
            for step in job.get("steps", []):
                expect("${{" not in step.get("run", ""), f"{path.name}: no text in {step}")
                pinned = re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", step.get("uses", "a@" + "0" * 40))
                expect(pinned is not None, f"{path.name}: {step} is pinned")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    static()
    binary = options.binary.resolve()
    with fresh(options.work) as work:
        (work / "checkout").mkdir()
        store = work / "store"
        subprocess.run([binary, "--store", store, "init"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", work / "signing"],
            check=True)
        signers = work / "signers"
        signers.write_text(ALLOWED.format(key=(work / "signing.pub").read_text()))
        (store / "releases.yaml").write_text(CONFIGURATION.format(signers=signers))
        forced = f"{binary} gate --allow ci --name github --store {store}"
        with SSHServer(work / "ssh", f'restrict,command="{forced}"') as server:
            runner = Runner(work, {
                "vars.DEPLOY_HOST": f"root@127.0.0.1:{server.port}",
                "vars.DEPLOY_KNOWN_HOSTS": (work / "ssh/known_hosts").read_text().strip(),
                "secrets.DEPLOY_KEY": (work / "ssh/user").read_text().strip(),
                "secrets.SIGNING_KEY": (work / "signing").read_text().strip(),
            })
            good(runner, store)
            failing(runner, store)
            unreachable(runner)
            cancelled(runner, store)
            back(runner, store)
            by = subprocess.run(
                [binary, "--store", store, "history", "--json"], check=True, capture_output=True)
            users = {entry["user"] for entry in json.loads(by.stdout)["entries"]}
            expect(any("(key github)" in user for user in users), f"who it was: {users}")
    print("the workflows deploy, go back, and tell")
    return 0


if __name__ == "__main__":
    sys.exit(main())
