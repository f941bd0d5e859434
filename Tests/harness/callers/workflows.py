"""Tests the action and the workflows for GitHub, step by step, against a real sshd."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from harness.assertions import expect
from harness.callers.droppable_line import DroppableLine
from harness.callers.ssh_failures import (
    expect_failures_of_ssh_are_told,
    expect_messages_of_ssh_are_masked,
    expect_missing_settings_are_named,
)
from harness.callers.whole_jobs import expect_whole_jobs
from harness.callers.workflow_runner import Runner
from harness.callers.workflow_texts import expect_safe_texts
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.processes import shortened
from harness.ssh_server import SSHServer, make_key
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from harness.callers.workflow_steps import Step

ALLOWED_SIGNERS = 'ci namespaces="release" {key}'
# A release is healthy unless it has a file BROKEN.
CONFIGURATION = """\
hooks: {{activate: {{run: 'sleep $(cat SLOW || echo 0)'}}}}
health: {{command: test ! -e BROKEN, timeout: 2s}}
trust: {{allowed-signers: {signers}, require: signature}}
"""
NO_RELEASES = ("$(touch /tmp/x)", "'; id; '", "--store=/", "-f", "x" * 300, "\n")


def live_version(store: Store) -> str:
    """Return the version in the live release."""
    return (store.path / "current/VERSION").read_text()


def expect_deploys(runner: Runner, store: Store) -> None:
    """A good commit is deployed, and the same commit makes the same archive."""
    step = runner.deploy()
    expect(step.status == 0, f"the deployment succeeds: {step}")
    expect(step.outputs["outcome"] == "activated", f"its outputs say so: {step.outputs}")
    expect("### deploy: activated" in step.summary, f"its summary says so: {step.summary}")
    expect(live_version(store) == "1\n", "the release is live")
    runner.show(step.summary)
    packed = (runner.temporary / "app.tar.gz").read_bytes()
    runner.run("deploy", "deploy", "Pack")
    is_same = (runner.temporary / "app.tar.gz").read_bytes() == packed
    expect(is_same, "the same commit makes the same archive")


def expect_rolls_back(runner: Runner, store: Store) -> None:
    """A commit that does not work is rolled back and opens an issue."""
    live = os.readlink(store.path / "current")
    runner.commit({"BROKEN": "x", "VERSION": "2\n"})
    step = runner.deploy()
    expect(step.status == 10, f"the release is rolled back: {step}")
    expect("\n::error title=releases deploy::" in step.log, f"the log has the error: {step.log}")
    for part in ("rolledBack", "| hint |", ": releases logs "):
        expect(part in step.summary, f"the summary has {part!r}: {step.summary}")
    expect(os.readlink(store.path / "current") == live, "the old release is live")
    expect_issue(runner)
    expect_issue_labels(runner)
    runner.show(step.log, step.summary, runner.issue_body.read_text()[:1500])
    runner.open_issue.write_text("7\n")
    runner.run("deploy", "deploy", "Open an issue")
    commands = runner.issue_commands.read_text()
    expect("issue comment 7" in commands, "an open issue gets a comment")


def expect_issue(runner: Runner) -> None:
    """A failed deployment opens an issue that says what happened."""
    issue = runner.run("deploy", "deploy", "Open an issue")
    commands = runner.issue_commands.read_text()
    is_opened = issue.status == 0 and "--label ci-cd --label bug" in commands
    expect(is_opened, f"an issue is opened: {issue}; gh was called with {commands}")
    body = runner.issue_body.read_text()
    for part in ("rolledBack", "actions/runs/42", "0123abcd", "<details>", "journal"):
        expect(part in body, f"the issue has {part}: {shortened(body)}")


def expect_issue_labels(runner: Runner) -> None:
    """The labels of an issue are created before the issue."""
    commands = runner.issue_commands.read_text().splitlines()
    created = [line.split()[2] for line in commands if line.startswith("label create ")]
    expect(created == ["ci-cd", "bug"], f"both labels are created: {commands}")


def expect_pasted_values_work(runner: Runner, port: int, known: str) -> None:
    """Keys with other line ends, and all forms of a host, are accepted; a broken key is named."""
    key = runner.secrets["secrets.DEPLOY_KEY"].strip()
    forms = (key.replace("\n", "\r\n") + "\r\n", key, f"\n\n  {key}  \n\n", "\ufeff" + key)
    for form in forms:
        with runner.changed("secrets.DEPLOY_KEY", form):
            step = runner.deploy()
        expect(step.status == 0, f"a key in the form {form[:40]!r} works: {step}")
    known = known.replace("[127.0.0.1]", "[::1]")
    for host in (f"root@[::1]:{port}", f"ssh://root@[::1]:{port}/", f" root@[::1]:{port}\r\n"):
        with (
            runner.changed("vars.DEPLOY_HOST", host),
            runner.changed("vars.DEPLOY_KNOWN_HOSTS", known + "\r\n"),
        ):
            step = runner.deploy()
        expect(step.status == 0, f"the host {host!r} works: {step}")
    for broken in (key[: len(key) // 2], "no key", (key + "x").replace("PRIVATE", "PUBLIC")):
        with runner.changed("secrets.DEPLOY_KEY", broken):
            step = runner.run("deploy", "deploy", "Connect")
        is_named = step.status == 2 and "DEPLOY_KEY is not usable" in step.log
        expect(is_named, f"a broken key is named: {step}")


def transactions(store: Store) -> int:
    """Return how many transactions the store has had."""
    return len(store.must("history", "--json").json["entries"])


def expect_true_report(step: Step, store: Store, before: tuple[str, int]) -> str:
    """What a step reports after the line has dropped is what has happened on the host."""
    outcome = step.outputs["outcome"]
    live = os.readlink(store.path / "current")
    count = transactions(store)
    if outcome == "activated":
        expect(live.endswith(step.outputs["id"]), f"the release is live: {step}")
        expect(step.status == 0, f"the step succeeds: {step}")
    else:
        expect(live == before[0], f"the old release is live after {outcome}: {step}")
        expect(step.status != 0, f"the step fails: {step}")
    if outcome in ("noAnswer", "notBegun"):
        expect(count == before[1], f"nothing has happened after {outcome}: {step}")
    return outcome


def expect_dropped_lines_are_told(runner: Runner, store: Store, line: DroppableLine) -> None:
    """Wherever the line drops, the workflow reports what has really happened."""
    runner.commit({"NOISE": os.urandom(60_000).hex()})
    runner.deploy()
    outcomes = []
    for count in (0, 30, 1500, 2500, 3200, 4000, 6000, 20_000, 60_000):
        before = (os.readlink(store.path / "current"), transactions(store))
        line.drop_next_after(count)
        drops = line.drops
        outcomes.append(expect_true_report(runner.deploy(), store, before))
        expect(line.drops == drops + 1, f"the line drops after {count} bytes")
    expect(outcomes[0] == "noAnswer", f"a line that drops at once is reported: {outcomes}")
    expect("notBegun" in outcomes, f"a line that drops before the command is reported: {outcomes}")
    is_rejected = outcomes[-1] in ("sizeMismatch", "archiveTruncated", "digestMismatch")
    expect(is_rejected, f"a line that drops within the archive is reported: {outcomes}")
    runner.commit({"NOISE": None, "SLOW": "2", "VERSION": "4\n"})
    expect_drop_while_waiting(runner, store, line, "activated", 0)
    runner.commit({"SLOW": None, "BROKEN": "x", "VERSION": "5\n"})
    expect_drop_while_waiting(runner, store, line, "rolledBack", 10)
    runner.commit({"BROKEN": None, "VERSION": "1\n"})
    runner.deploy()


def expect_drop_while_waiting(
    runner: Runner, store: Store, line: DroppableLine, outcome: str, status: int
) -> None:
    """The line drops while the host waits for the service."""
    version = (runner.checkout / "VERSION").read_text()
    for name in ("Connect", "Pack"):
        runner.run("deploy", "deploy", name)
    process = runner.start("deploy", "deploy", "Deploy")
    while live_version(store) != version:
        expect(process.poll() is None, "the deployment goes on")
        time.sleep(0.02)
    line.drop()
    step = runner.finish(process)
    expect(step.status == status, f"the step ends with {status}: {step}")
    expect(step.outputs["outcome"] == outcome, f"its outcome is {outcome}: {step}")
    expect(f"### deploy: {outcome}" in step.summary, f"its summary says so: {step}")
    runner.show(step.log, step.summary)


def expect_host_finishes_cancelled_job(runner: Runner, store: Store) -> None:
    """The job is cancelled while the host waits for the service, and the host finishes."""
    runner.commit({"SLOW": "3", "VERSION": "3\n"})
    for name in ("Connect", "Pack"):
        runner.run("deploy", "deploy", name)
    process = runner.start("deploy", "deploy", "Deploy")
    while live_version(store) != "3\n":
        expect(process.poll() is None, "the deployment goes on")
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGTERM)
    runner.finish(process)
    job = runner.run_job("deploy", "deploy", status="cancelled")
    step = job.steps["Report the outcome / Ask for the outcome"]
    expect(
        step.status == 0 and "### deploy: activated" in step.summary,
        f"the summary has the outcome: {step}",
    )
    expect(live_version(store) == "3\n", "the new release is live")
    expect(not (runner.temporary / "deploy_key").exists(), "the keys are removed")
    runner.show(step.summary)


def expect_rollback_workflow(runner: Runner, store: Store) -> None:
    """The rollback workflow takes release IDs alone, and rolls back."""
    runner.run("rollback", "rollback", "Connect", id="")
    for name in NO_RELEASES:
        step = roll_back(runner, name)
        expect(step.status in (2, 3, 4), f"{name[:80]!r} is refused as a release ID: {step}")
    expect(live_version(store) == "3\n", "refused IDs change nothing")
    step = roll_back(runner, "")
    expect(step.status == 0 and live_version(store) == "1\n", f"the release before is live: {step}")
    runner.show(step.summary)


def expect_drop_during_rollback(runner: Runner, store: Store, line: DroppableLine) -> None:
    """The line drops while a rollback waits for the service, and its outcome is asked for."""
    versions: list[dict[str, str | None]] = [
        {"SLOW": "2", "VERSION": "6\n"},
        {"SLOW": None, "VERSION": "7\n"},
    ]
    for changes in versions:
        runner.commit(changes)
        runner.deploy()
    expect(live_version(store) == "7\n", "the release to leave is live")
    process = runner.start("rollback", "rollback", "Roll back", id="")
    while live_version(store) != "6\n":
        expect(process.poll() is None, "the rollback goes on")
        time.sleep(0.02)
    line.drop()
    step = runner.finish(process)
    expect(step.status == 0 and step.outputs["outcome"] == "rolledBack", f"it is reported: {step}")
    expect("### rollback: rolledBack" in step.summary, f"its summary says so: {step}")


def roll_back(runner: Runner, identity: str) -> Step:
    """Run the step of the rollback workflow."""
    return runner.run("rollback", "rollback", "Roll back", id=identity)


def make_signed_store(binary: Path, work: Path) -> Store:
    """Make a store that accepts archives with a signature alone."""
    store = Store(binary, work / "store")
    store.must("init")
    make_key(work / "signing", "ci")
    signers = work / "signers"
    signers.write_text(ALLOWED_SIGNERS.format(key=(work / "signing.pub").read_text()))
    store.write("releases.yaml", CONFIGURATION.format(signers=signers))
    return store


def main() -> int:
    """Run the suite."""
    parser = suite_parser(__doc__)
    parser.add_argument("--show", action="store_true", help="print the summaries and logs")
    options = parser.parse_args()
    expect_safe_texts()
    with empty_directory(options.work) as work:
        store = make_signed_store(options.binary, work)
        forced = f"{options.binary} gate --allow ci --name github --store {store.path}"
        with (
            SSHServer(work / "ssh", f'restrict,command="{forced}"') as server,
            DroppableLine(server.port) as line,
        ):
            known = (work / "ssh/known_hosts").read_text().strip()
            secrets = {
                "vars.DEPLOY_HOST": f"root@127.0.0.1:{line.port}",
                "vars.DEPLOY_KNOWN_HOSTS": known.replace(str(server.port), str(line.port)),
                "secrets.DEPLOY_KEY": (work / "ssh/user").read_text().strip(),
                "secrets.SIGNING_KEY": (work / "signing").read_text().strip(),
            }
            runner = Runner(work, secrets, shows=options.show)
            expect_deploys(runner, store)
            expect_rolls_back(runner, store)
            expect_failures_of_ssh_are_told(runner, work)
            expect_messages_of_ssh_are_masked(runner)
            expect_missing_settings_are_named(runner)
            runner.commit({"BROKEN": None, "VERSION": "1\n"})
            expect_pasted_values_work(runner, server.port, known)
            expect_dropped_lines_are_told(runner, store, line)
            expect_host_finishes_cancelled_job(runner, store)
            expect_rollback_workflow(runner, store)
            expect_drop_during_rollback(runner, store, line)
            expect_whole_jobs(runner, store)
        users = {entry["user"] for entry in store.must("history", "--json").json["entries"]}
        expect(any("(key github)" in user for user in users), f"the history has the key: {users}")
    print("workflows: they deploy, roll back and report")
    return 0


if __name__ == "__main__":
    run_suite(main)
