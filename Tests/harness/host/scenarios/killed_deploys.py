"""A deploy over SSH is killed, half a second later each time: its client, or the tool."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import APP, MODULE
from harness.host.host_store import UV_SYNC, HostStore
from harness.host.recovery_checks import expect_live_serves, expect_recovers
from harness.host.scenario import scenario
from harness.host.ssh_key import Key
from harness.processes import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

STEP = 0.5
# Each phase takes long enough for more than one kill.
UPLOAD_SECONDS = 1.5
PREPARE_SECONDS = 1
START_SECONDS = 1.2
PADDING = 4 << 20
SLOW_START = f"import time; time.sleep({START_SECONDS})\n"
PIECES = 30
VICTIMS = {"client": "The client", "tool": "`releases` on the host"}


@dataclass(frozen=True)
class Killed:
    """A deploy that was killed, or that had ended before."""

    last_message: str
    ended_before: bool
    seconds_on_host: float


def feed(process: subprocess.Popen[bytes], archive: bytes) -> None:
    """Send the archive in small pieces, as a slow connection does."""
    size = -(-len(archive) // PIECES)
    assert process.stdin
    try:
        for start in range(0, len(archive), size):
            process.stdin.write(archive[start : start + size])
            process.stdin.flush()
            time.sleep(UPLOAD_SECONDS / PIECES)
        process.stdin.close()
    except (BrokenPipeError, ValueError):
        pass


# `gate` runs the command under the tool's usual name.
TOOL = "^releases deploy"


def is_running(store: HostStore) -> bool:
    """Return whether a deploy runs on the host."""
    return store.host.inside("pgrep", "-f", TOOL).status == 0


def deploy_and_kill(
    store: HostStore,
    key: Key,
    archive: Path,
    after: float,
    kills_tool: bool,
) -> Killed:
    """Start a deploy over SSH, and kill the client or the tool after a time."""
    content = archive.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    errors = key.place / "errors"
    with errors.open("wb") as stream:
        client = subprocess.Popen(
            key.client(f"releases deploy - --sha256 {digest} --json"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            bufsize=0,
        )
    feeder = threading.Thread(target=feed, args=(client, content))
    feeder.start()
    try:
        client.wait(after)
        ended = True
    except subprocess.TimeoutExpired:
        ended = False
        if kills_tool and wait_until(lambda: is_running(store), 10):
            store.host.inside("pkill", "-KILL", "-f", TOOL)
        else:
            client.kill()
        client.wait()
    killed = time.monotonic()
    feeder.join()
    if not wait_until(lambda: not is_running(store), 60):
        raise RuntimeError("the deploy does not end")
    lines = [line for line in errors.read_text().splitlines() if line.startswith("releases: ")]
    return Killed(lines[-1] if lines else "uploading", ended, time.monotonic() - killed)


def kill_later_each_time(
    hosts: HostFactory,
    row: Row,
    store: HostStore,
    key: Key,
    victim: str,
) -> list[list[object]]:
    """Kill deploys until one ends before; return a row of the table for each of them."""
    rows: list[list[object]] = []
    ended = False
    while not ended:
        after, version = (len(rows) + 1) * STEP, f"{victim}{len(rows) + 1}"
        archive = hosts.application.archive(version, {MODULE: SLOW_START + APP}, PADDING)
        before, sequence = store.live_version(), store.last()["sequence"]
        killed = deploy_and_kill(store, key, archive, after, victim == "tool")
        ended = killed.ended_before
        when = f"{victim} killed after {after} s"
        recovered = expect_recovers(store, row, when)
        live = expect_live_serves(store, row, when)
        row.expect(live in (before, version), f"{when}: {before} or {version}, was {live}")
        entry = store.last()
        rows.append(
            [
                "not killed" if ended else after,
                killed.last_message,
                killed.seconds_on_host,
                "the new version" if live == version else "the old version",
                f"{entry['operation']}: {entry['outcome']}" if entry["sequence"] > sequence else "",
                recovered.text or "nothing",
                recovered.seconds,
            ]
        )
    return rows


def killed_deploys(hosts: HostFactory, row: Row, victim: str) -> None:
    """Kill the client, or the tool, at later and later moments of a deploy."""
    with hosts.store() as store:
        for version in ("good1", "good2"):
            store.deploy(hosts.application.archive(version))
        store.configure(f"sleep {PREPARE_SECONDS}; {UV_SYNC}", timeout="8s")
        key = Key(store.host, hosts.place / "key")
        rows = kill_later_each_time(hosts, row, store, key, victim)
        row.saw(f"{len(rows) - 1} kills")
        row.table(
            f"SIGKILL is sent {STEP} s later each time until a deploy ends before. The archive "
            f"takes {UPLOAD_SECONDS} s to arrive, the prepare hook {PREPARE_SECONDS} s more than "
            f"`uv`, the start of the service {START_SECONDS} s. After each kill, a second recovery "
            "prints nothing, both links point to ready releases, no stage is left, `verify --all` "
            "and `status` end with 0, and the service answers with the live version.",
            [
                f"{VICTIMS[victim]} killed after s",
                "last message",
                "the tool went on for s",
                "serves afterwards",
                "new in history",
                "`recover` printed",
                "s",
            ],
            rows,
        )


for name, title in VICTIMS.items():
    scenario(f"kill-{name}", f"a deploy over SSH is killed: {title[0].lower()}{title[1:]}")(
        partial(killed_deploys, victim=name)
    )
