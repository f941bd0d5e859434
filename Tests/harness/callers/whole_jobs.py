"""Runs whole jobs of the workflows for GitHub, whose steps depend on how the steps before ended."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from harness.archives import pack_files
from harness.assertions import expect

if TYPE_CHECKING:
    from harness.callers.workflow_runner import Runner
    from harness.callers.workflow_steps import Job
    from harness.store import Store


def version(store: Store) -> str:
    """Return the version in the live release."""
    return (store.path / "current/VERSION").read_text()


def expect_steps(job: Job, names: set[str]) -> None:
    """Expect that these steps of the action have run, and no others."""
    ran = {name.partition(" / ")[2] for name in job.steps if " / " in name}
    expect(ran == names, f"the steps {sorted(names)} run, not {sorted(ran)}: {job}")


def expect_job_deploys(runner: Runner, store: Store, workflow: str) -> None:
    """A job deploys a commit, and removes the keys."""
    runner.commit({"VERSION": f"{workflow}\n"})
    job = runner.run_job(workflow, "deploy")
    expect(job.context.status == "success", f"{workflow} succeeds: {job}")
    expect_steps(job, {"Connect", "Pack", "Deploy", "Remove the keys"})
    expect(version(store) == f"{workflow}\n", f"{workflow} deploys")
    expect(not (runner.temporary / "deploy_key").exists(), "the keys are removed")


def expect_job_fails(runner: Runner, store: Store, workflow: str) -> None:
    """A job whose release does not work fails, opens an issue, and removes the keys."""
    before = os.readlink(store.path / "current")
    runner.commit({"BROKEN": "x"})
    runner.issue_body.unlink(missing_ok=True)
    job = runner.run_job(workflow, "deploy")
    expect(job.context.status == "failure", f"{workflow} fails: {job}")
    expect_steps(job, {"Connect", "Pack", "Deploy", "Open an issue", "Remove the keys"})
    expect("rolledBack" in runner.issue_body.read_text(), "an issue is opened")
    expect(os.readlink(store.path / "current") == before, "the old release is live")
    runner.commit({"BROKEN": None})


def expect_reusable_workflow(runner: Runner, store: Store) -> None:
    """The workflow that others call deploys an artifact, and rolls back without a checkout."""
    job = runner.run_job("reusable/deploy", "deploy")
    expect(job.outputs["outcome"] == "activated", f"it has outputs: {job.outputs}")
    expect(job.outputs["live"] == job.outputs["id"] != "", f"it has outputs: {job.outputs}")
    artifact = runner.artifacts / "package"
    artifact.mkdir()
    pack_files(artifact / "built.tar.gz", {"VERSION": "built\n"})
    job = runner.run_job("reusable/deploy", "deploy", artifact="package")
    expect(job.context.status == "success", f"an artifact is deployed: {job}")
    expect_steps(job, {"Connect", "Deploy", "Remove the keys"})
    expect(version(store) == "built\n", "the content of the artifact is live")
    job = runner.run_job("reusable/deploy", "deploy", command="rollback")
    expect(job.outputs["outcome"] == "rolledBack", f"it rolls back: {job}")
    expect_steps(job, {"Connect", "Roll back", "Remove the keys"})
    expect(version(store) != "built\n", "the release before is live")
    pack_files(artifact / "another.tar.gz", {"VERSION": "another\n"})
    job = runner.run_job("reusable/deploy", "deploy", artifact="package")
    refused = job.steps["Run / Deploy"]
    expect("directory that holds one file" in refused.log, f"two archives are refused: {refused}")
    shutil.rmtree(runner.temporary / "artifact")


def expect_refusals(runner: Runner) -> None:
    """An unknown command and a deployment without a checkout are refused on the runner."""
    job = runner.run_job("reusable/deploy", "deploy", command="destroy")
    log = job.steps["Run / Connect"].log
    expect("deploy, rollback or outcome, not destroy" in log, f"it is refused: {job}")
    expect_steps(job, {"Connect", "Remove the keys"})
    (runner.checkout / ".git").rename(runner.work / "git")
    job = runner.run_job("deploy", "deploy")
    (runner.work / "git").rename(runner.checkout / ".git")
    log = job.steps["Deploy / Pack"].log
    expect("put actions/checkout before this step" in log, f"it is refused: {job}")
    expect_steps(job, {"Connect", "Pack", "Remove the keys"})


def expect_old_names_work(runner: Runner, store: Store) -> None:
    """The secrets of the runbook work in place of the present ones."""
    kept = dict(runner.secrets)
    user, _, address = runner.secrets.pop("vars.DEPLOY_HOST").rpartition("@")
    key = runner.secrets.pop("secrets.DEPLOY_KEY")
    runner.secrets |= {
        "secrets.ALIYUN_ECS_HOST": f"{address}\n",
        "secrets.ALIYUN_SSH_USER": f"{user}\n",
        "secrets.ALIYUN_SSH_PRIVATE_KEY": key,
    }
    for workflow in ("deploy", "reusable/deploy"):
        runner.commit({"VERSION": f"old names, {workflow}\n"})
        job = runner.run_job(workflow, "deploy")
        expect(job.context.status == "success", f"{workflow} accepts the old names: {job}")
        expect(version(store) == f"old names, {workflow}\n", f"{workflow} deploys")
    job = runner.run_job("rollback", "rollback", id="")
    expect(job.context.status == "success", f"the rollback accepts the old names: {job}")
    del runner.secrets["secrets.ALIYUN_SSH_USER"]
    runner.run("deploy", "deploy", "Connect")
    log = runner.run("deploy", "deploy", "Deploy").log
    expect("the host refused the SSH key of deploy;" in log, f"the user is deploy: {log}")
    runner.secrets.clear()
    runner.secrets |= kept


def expect_whole_jobs(runner: Runner, store: Store) -> None:
    """Whole jobs do what their conditions say."""
    for workflow in ("deploy", "reusable/deploy"):
        expect_job_deploys(runner, store, workflow)
        expect_job_fails(runner, store, workflow)
    expect_reusable_workflow(runner, store)
    expect_refusals(runner)
    expect_old_names_work(runner, store)
