"""Deploys in a row under load, for which no systemd is needed: what is answered is whole."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from pathlib import Path

from report import Row
from scenario import scenario
from tiny_app import checksum
from workshop import Workshop

DEPLOYS = 100
KEEP = 3
REQUESTS_A_SECOND = 250
HERE = Path(__file__).parent

CONFIGURATION = """\
keep: {{count: {keep}, age: 0d}}
hooks:
  activate: {{run: sh {here}/hand_over.sh {sockets}, timeout: 30s}}
health:
  url: http://127.0.0.1:{port}/
  json: {{status: healthy}}
  timeout: 10s
"""


class Load:
    """Asks for as long as the `with` statement runs, and counts what came back."""

    def __init__(self, port: int, checksums: dict[str, str]):
        self.port, self.checksums = port, checksums
        self.answers: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.slowest = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._ask_on)

    def _ask_on(self) -> None:
        due = time.monotonic()
        while not self.done.is_set():
            due = max(due + 1 / REQUESTS_A_SECOND, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            start = time.monotonic()
            self.answers[self._ask()] += 1
            self.slowest = max(self.slowest, time.monotonic() - start)

    def _ask(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request("GET", "/")
            response = connection.getresponse()
            if response.status != 200:
                return f"status {response.status}"
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"no answer: {type(error).__name__}"
        finally:
            connection.close()
        self.ids.add(answer["id"])
        return "whole" if self.checksums[answer["id"]] == answer["checksum"] else "half-made"

    def __enter__(self) -> "Load":
        self.start = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.start


def make(directory: Path, number: int) -> tuple[Path, str]:
    """An archive of a tiny version, and the checksum its answers must carry."""
    tree = directory / str(number)
    tree.mkdir(parents=True)
    shutil.copy(HERE / "tiny_app.py", tree)
    for name in range(5):
        (tree / f"page{name}").write_text(f"version {number} " * 300)
    archive = directory / f"{number}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tree, arcname=".")
    return archive, checksum(tree)


def free_port() -> int:
    """One that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def working_directories(directory: Path) -> set[Path]:
    """Those right beneath a directory that some process works in."""
    found = set()
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.add(Path(os.readlink(f"/proc/{process}/cwd")))
        except OSError:
            continue
    return {path for path in found if path.parent == directory}


def used(directory: Path) -> int:
    """Bytes on disk, but for the history, which grows by a line a transaction."""
    output = subprocess.run(
        ["du", "-s", "-B1", "--exclude=history.jsonl", directory], capture_output=True, text=True,
        check=True).stdout
    return int(output.split()[0])


@scenario("hundred", f"{DEPLOYS} deploys in a row under load")
def hundred_deploys(shop: Workshop, row: Row) -> None:
    work = shop.place / f"tiny-{shop.package.name}"
    store, sockets, port, binary = work / "tiny", work / "sockets", free_port(), shop.binary()
    sockets.mkdir(parents=True)
    versions = [make(work / "versions", number) for number in range(1, DEPLOYS + 1)]

    def tiny(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binary, "--store", store, *arguments], capture_output=True, text=True)

    def deploy(number: int) -> float:
        start = time.monotonic()
        run = tiny("deploy", versions[number - 1][0], "--id", str(number))
        row.expect(run.returncode == 0, f"deploy {number} is done: {run.stderr}")
        return time.monotonic() - start

    tiny("init")
    (store / "releases.yaml").write_text(
        CONFIGURATION.format(keep=KEEP, here=HERE, sockets=sockets, port=port))
    front = subprocess.Popen(
        [sys.executable, HERE / "front.py", store, sockets, str(port)], stdin=subprocess.DEVNULL)
    try:
        times = [deploy(1)]
        sizes, trees = [], []
        checksums = {str(number): made[1] for number, made in enumerate(versions, 1)}
        with Load(port, checksums) as load:
            for number in range(2, DEPLOYS + 1):
                # What a process still works in is never pruned.
                in_use = working_directories(store / "releases")
                times.append(deploy(number))
                sizes.append(used(store))
                trees.append(len(set((store / "releases").iterdir()) - in_use))
    finally:
        front.terminate()
        front.wait()
        subprocess.run(["sh", "-c", f"kill $(cat {sockets}/pid)"])
    _judge(row, load, times, sizes, trees, tiny("verify", "--all").returncode)
    for name in ("catalog", "manifests", "logs"):
        files = len(list((store / ".releases" / name).iterdir()))
        row.expect(files <= 4 * (KEEP + 1), f"{name} has {files} files after {DEPLOYS} deploys")


def _judge(
    row: Row, load: Load, times: list[float], sizes: list[int], trees: list[int],
    verified: int,
) -> None:
    answers = dict(load.answers)
    rate = sum(answers.values()) / load.seconds
    row.expect(set(answers) == {"whole"}, f"under load each answer is whole, were {answers}")
    row.expect(
        len(load.ids) >= DEPLOYS - 1, f"each version answered, only {len(load.ids)} did")
    row.expect(
        max(trees) <= KEEP + 1,
        f"{KEEP + 1} trees at most that no process works in, were {max(trees)}")
    growth = sizes[-1] - sizes[KEEP + 1]
    row.expect(growth < 64 << 10, f"disk use is bounded, grew by {growth} bytes")
    row.expect(verified == 0, f"verify --all after all deploys is 0, was {verified}")
    row.saw(f"{sum(answers.values())} answers, {sum(times) / len(times):.2f} s a deploy")
    row.table(
        "A front forwards each request to the version that `current` points to at that moment; "
        "each answer carries id and checksum of the tree it came from. The history alone may grow.",
        ["deploys", "seconds each, mean", "slowest", "requests", "a second", "answers",
         "versions seen", "slowest answer s", "unused trees at most", "KiB after 5",
         "KiB at the end"],
        [[len(times), sum(times) / len(times), max(times), sum(answers.values()), f"{rate:.0f}",
          ", ".join(f"{count} {kind}" for kind, count in answers.items()), len(load.ids),
          load.slowest, max(trees), sizes[KEEP + 1] >> 10, sizes[-1] >> 10]])
