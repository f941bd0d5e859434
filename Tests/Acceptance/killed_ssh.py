"""Scenario 3: a deploy over SSH is killed, half a second later each time: client or tool."""

import hashlib
import shlex
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from application import APP, MODULE, Application
from host import Host
from oracle import expect_live_serves, expect_settled
from processes import kill, running, wait_until
from report import Report
from sshd import SSHServer

STEP = 0.5
# Slow phases, so that each of them meets more than one kill.
UPLOAD_SECONDS = 1.5
PREPARE_SECONDS = 1
START_SECONDS = 1.2
PADDING = 4 << 20
SLOW_START = f"import time; time.sleep({START_SECONDS})\n"


@dataclass(frozen=True)
class Killed:
    """A deploy whose client was killed, or which had ended by itself before."""

    last_words: str
    ended_before: bool
    seconds_on_host: float


def feed(process: subprocess.Popen[bytes], archive: bytes) -> None:
    """Sends the archive in small pieces, as a slow line would."""
    pieces = 30
    size = -(-len(archive) // pieces)
    assert process.stdin
    try:
        for start in range(0, len(archive), size):
            process.stdin.write(archive[start:start + size])
            process.stdin.flush()
            time.sleep(UPLOAD_SECONDS / pieces)
        process.stdin.close()
    except (BrokenPipeError, ValueError):
        pass


def deploy_and_kill(
    host: Host, server: SSHServer, archive: Path, after: float, kills_tool: bool,
) -> Killed:
    content = archive.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    command = shlex.join(host.command("deploy", "-", "--sha256", digest, "--json"))
    errors = host.work / "ssh-errors"
    with errors.open("wb") as stream:
        client = subprocess.Popen(
            server.client(command), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stream,
            bufsize=0)
    feeder = threading.Thread(target=feed, args=(client, content))
    feeder.start()
    try:
        client.wait(after)
        ended = True
    except subprocess.TimeoutExpired:
        ended = False
        if kills_tool and wait_until(lambda: running(host.binary) != [], 10):
            kill(running(host.binary))
        else:
            client.kill()
        client.wait()
    killed = time.monotonic()
    feeder.join()
    quiet = wait_until(lambda: not running(host.binary), 60)
    if not quiet:
        raise RuntimeError("the deploy does not end")
    lines = [line for line in errors.read_text().splitlines() if line.startswith("releases: ")]
    return Killed(lines[-1] if lines else "uploading", ended, time.monotonic() - killed)


def last_entry(host: Host) -> dict[str, Any]:
    return host.releases("history", "--json", "--limit", "1").json["entries"][0]


def kill_ever_later(
    host: Host, application: Application, report: Report, server: SSHServer, victim: str,
) -> list[list[object]]:
    """Rows of the table, the last one for a deploy that got through."""
    rows: list[list[object]] = []
    ended = False
    while not ended:
        after, version = (len(rows) + 1) * STEP, f"{victim}{len(rows) + 1}"
        archive = application.archive(version, {MODULE: SLOW_START + APP}, PADDING)
        before, sequence = host.live_version(), last_entry(host)["sequence"]
        killed = deploy_and_kill(host, server, archive, after, victim == "tool")
        ended = killed.ended_before
        when = f"{victim} killed after {after} s"
        settled = expect_settled(host, report, when)
        live = expect_live_serves(host, report, when)
        report.expect(live in (before, version), f"{when}: {before} or {version}, was {live}")
        entry = last_entry(host)
        rows.append([
            "not killed" if ended else after, killed.last_words, killed.seconds_on_host,
            "the new one" if live == version else "the old one",
            f"{entry['operation']}: {entry['outcome']}" if entry["sequence"] > sequence else "",
            settled.said or "nothing", settled.seconds,
        ])
    return rows


def killed_ssh(host: Host, application: Application, report: Report) -> None:
    host.configure(f"sleep {PREPARE_SECONDS}; {host.uv_sync()}")
    report.section(
        "A deploy over SSH is killed",
        f"SIGKILL, {STEP} s later each time until a deploy is through; the archive takes "
        f"{UPLOAD_SECONDS} s to arrive, the prepare hook {PREPARE_SECONDS} s more than `uv`, the "
        f"start of the service {START_SECONDS} s. Checked after each: a second recovery says "
        "nothing, both links lead to ready releases, no stage is left, `verify --all` and `status` "
        "are 0, and the service answers with the live version.")
    with SSHServer(host.work / "ssh") as server:
        for victim, title in (("client", "The client"), ("tool", "`releases` on the host")):
            rows = kill_ever_later(host, application, report, server, victim)
            report.table(
                [f"{title} killed after s", "last heard", "it went on for s", "then serves",
                 "new in history", "`recover` said", "s"], rows)
    host.configure()
