"""A deploy over SSH is killed, half a second later each time: the client, or the tool."""

import hashlib
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from application import APP, MODULE
from ended import wait_until
from report import Row
from scenario import scenario
from settled import expect_live_serves, expect_recovers
from ssh_key import Key
from store import UV_SYNC, Store
from workshop import Workshop

STEP = 0.5
# Slow phases, so that each of them meets more than one kill.
UPLOAD_SECONDS = 1.5
PREPARE_SECONDS = 1
START_SECONDS = 1.2
PADDING = 4 << 20
SLOW_START = f"import time; time.sleep({START_SECONDS})\n"
PIECES = 30
VICTIMS = {"client": "The client", "tool": "`releases` on the host"}


@dataclass(frozen=True)
class Killed:
    """A deploy whose client or tool was killed, or which had ended by itself before."""

    last_words: str
    ended_before: bool
    seconds_on_host: float


def feed(process: subprocess.Popen[bytes], archive: bytes) -> None:
    """Sends the archive in small pieces, as a slow line would."""
    size = -(-len(archive) // PIECES)
    assert process.stdin
    try:
        for start in range(0, len(archive), size):
            process.stdin.write(archive[start:start + size])
            process.stdin.flush()
            time.sleep(UPLOAD_SECONDS / PIECES)
        process.stdin.close()
    except (BrokenPipeError, ValueError):
        pass


# By its words: `gate` becomes the command by another name of the program.
TOOL = "^releases deploy"


def is_running(store: Store) -> bool:
    return store.host.inside("pgrep", "-f", TOOL).status == 0


def deploy_and_kill(
    store: Store, key: Key, archive: Path, after: float, kills_tool: bool,
) -> Killed:
    content = archive.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    errors = key.place / "errors"
    with errors.open("wb") as stream:
        client = subprocess.Popen(
            key.client(f"releases deploy - --sha256 {digest} --json"), stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=stream, bufsize=0)
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


def kill_ever_later(
    shop: Workshop, row: Row, store: Store, key: Key, victim: str,
) -> list[list[object]]:
    """Rows of the table, the last one for a deploy that got through."""
    rows: list[list[object]] = []
    ended = False
    while not ended:
        after, version = (len(rows) + 1) * STEP, f"{victim}{len(rows) + 1}"
        archive = shop.application.archive(version, {MODULE: SLOW_START + APP}, PADDING)
        before, sequence = store.live_version(), store.last()["sequence"]
        killed = deploy_and_kill(store, key, archive, after, victim == "tool")
        ended = killed.ended_before
        when = f"{victim} killed after {after} s"
        recovered = expect_recovers(store, row, when)
        live = expect_live_serves(store, row, when)
        row.expect(live in (before, version), f"{when}: {before} or {version}, was {live}")
        entry = store.last()
        rows.append([
            "not killed" if ended else after, killed.last_words, killed.seconds_on_host,
            "the new one" if live == version else "the old one",
            f"{entry['operation']}: {entry['outcome']}" if entry["sequence"] > sequence else "",
            recovered.said or "nothing", recovered.seconds,
        ])
    return rows


def killed_ssh(shop: Workshop, row: Row, victim: str) -> None:
    with shop.store() as store:
        for version in ("good1", "good2"):
            store.deploy(shop.application.archive(version))
        store.configure(f"sleep {PREPARE_SECONDS}; {UV_SYNC}", timeout="8s")
        key = Key(store.host, shop.place / "key")
        rows = kill_ever_later(shop, row, store, key, victim)
        row.saw(f"{len(rows) - 1} kills")
        row.table(
            f"SIGKILL, {STEP} s later each time until a deploy is through; the archive takes "
            f"{UPLOAD_SECONDS} s to arrive, the prepare hook {PREPARE_SECONDS} s more than `uv`, "
            f"the start of the service {START_SECONDS} s. Checked after each: a second recovery "
            "says nothing, both links point to ready releases, no stage is left, `verify --all` "
            "and `status` are 0, and the service answers with the live version.",
            [f"{VICTIMS[victim]} killed after s", "last heard", "it went on for s", "then serves",
             "new in history", "`recover` said", "s"], rows)


for name, title in VICTIMS.items():
    scenario(f"kill-{name}", f"a deploy over SSH is killed: {title[0].lower()}{title[1:]}")(
        lambda shop, row, name=name: killed_ssh(shop, row, name))
