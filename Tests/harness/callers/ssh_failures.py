"""What the workflows say about a connection that can't be made, each with the row that helps."""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.assertions import expect
from harness.repository import ROOT
from harness.ssh_server import make_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.callers.workflow_runner import Runner

RUNBOOKS = [
    path
    for path in sorted((ROOT / "Integrations").glob("runbook.*.md"))
    if "(publickey)" in path.read_text(encoding="utf-8")
]
HOST, KEY, KNOWN = "vars.DEPLOY_HOST", "secrets.DEPLOY_KEY", "vars.DEPLOY_KNOWN_HOSTS"


@contextmanager
def silent_port() -> Iterator[int]:
    """Yield a port that drops attempts to connect, since its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for each in waiting:
                each.close()


def other_key(work: Path, name: str) -> Path:
    """Make a key that no host knows."""
    make_key(work / name, name)
    return work / name


def expect_failures_of_ssh_are_told(runner: Runner, work: Path) -> None:
    """Each cause has its own message: refused, timed out, another host key, permission denied."""
    known = runner.secrets[KNOWN].split()
    changed = " ".join(
        [known[0], *other_key(work, "machine").with_suffix(".pub").read_text().split()[:2]]
    )
    stranger = changed.replace(known[0], "elsewhere.example.org")
    other = other_key(work, "other").read_text()
    no_name = "Could not resolve hostname"
    refused, timed_out = "Connection refused", "Connection timed out"
    denied, changed_row = "Permission denied (publickey)", "host key changed"
    verification = "verification failed"
    with silent_port() as port:
        silent, deaf = f"root@127.0.0.1:{port}", "root@127.0.0.1:1"
        cases = (
            (HOST, deaf, "noAnswer", "refused the connection to port 1;", refused, refused),
            (HOST, silent, "noAnswer", "within 2 s;", "timed out", timed_out),
            (HOST, "root@no.invalid", "noAnswer", "has no address;", "resolve hostname", no_name),
            (KNOWN, changed, "unknownHostKey", "has changed:", verification, changed_row),
            (KNOWN, stranger, "unknownHostKey", "has no key of", verification, changed_row),
            (KEY, other, "accessDenied", "refused the SSH key of root;", denied, denied),
        )
        for name, value, outcome, message, cause, row in cases:
            with runner.changed(name, value):
                step = runner.deploy()
            expect(step.status == 255, f"{message}: the deployment fails: {step}")
            expect(step.outputs["outcome"] == outcome, f"the outcome is {outcome}: {step}")
            for words in (message, cause, "nothing has changed there"):
                pattern = f"\n::error title=releases deploy::.*{re.escape(words)}"
                expect(re.search(pattern, step.log) is not None, f"the log has {words!r}: {step}")
            expect(f"runbook: {row}" in step.log, f"the log names {row!r}: {step}")
            expect(f"| runbook | {row} |" in step.summary, f"so does the page: {step}")
            for runbook in RUNBOOKS:
                expect(
                    f"`{row}`" in runbook.read_text(encoding="utf-8"),
                    f"{runbook.name} has the row {row!r}",
                )
            runner.show(step.log)


def expect_messages_of_ssh_are_masked(runner: Runner) -> None:
    """What ssh prints is neither posted nor logged with a secret in it."""
    for host in ("password=Sekret77.invalid", "u:p@Sekret77.invalid"):
        with runner.changed(HOST, f"root@{host}"):
            step = runner.deploy()
        expect(step.status == 255, f"the deployment fails: {step}")
        expect("esolve hostname" in step.summary, f"ssh is quoted: {step}")
        if "=" in host:
            posted = step.log + step.summary + "".join(step.outputs.values())
            expect("sekret77" not in posted.lower(), f"the secret is masked: {step}")


def expect_missing_settings_are_named(runner: Runner) -> None:
    """A setting that is missing is refused with the command that sets it."""
    cases = (
        (HOST, "gh variable set DEPLOY_HOST"),
        (KEY, "gh secret set DEPLOY_KEY"),
        (KNOWN, "gh variable set DEPLOY_KNOWN_HOSTS"),
    )
    for name, command in cases:
        with runner.changed(name, ""):
            step = runner.run("deploy", "deploy", "Connect")
        where = name.partition(".")[2]
        is_named = step.status == 2 and f"{where} is not set" in step.log and command in step.log
        expect(is_named, f"{where} is named with {command!r}: {step}")
