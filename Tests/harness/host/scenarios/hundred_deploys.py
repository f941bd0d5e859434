"""A hundred deploys under load, without systemd; each answer comes from a whole release."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.scenario import scenario
from harness.host.tiny_app import checksum
from harness.network import free_port
from harness.repository import HARNESS

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

DEPLOYS = 100
KEEP = 3
REQUESTS_A_SECOND = 250
HERE = HARNESS / "host"

COLUMNS = [
    *("deploys", "seconds each, mean", "slowest", "requests", "a second", "answers"),
    *("versions seen", "slowest answer s", "unused releases at most", "KiB after 5"),
    "KiB at the end",
]
CONFIGURATION = """\
keep: {{count: {keep}, age: 0d}}
hooks:
  activate: {{run: sh {here}/start_and_replace.sh {sockets}, timeout: 30s}}
health:
  url: http://127.0.0.1:{port}/
  json: {{status: healthy}}
  timeout: 10s
"""


class Load:
    """Sends requests for as long as the `with` statement runs, and counts the answers."""

    def __init__(self, port: int, checksums: dict[str, str]) -> None:
        self.port, self.checksums = port, checksums
        self.answers: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.slowest = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._request_all)

    def _request_all(self) -> None:
        due = time.monotonic()
        while not self.done.is_set():
            due = max(due + 1 / REQUESTS_A_SECOND, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            start = time.monotonic()
            self.answers[self._request()] += 1
            self.slowest = max(self.slowest, time.monotonic() - start)

    def _request(self) -> str:
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

    def __enter__(self) -> Load:
        self.start = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.start


def make(directory: Path, number: int) -> tuple[Path, str]:
    """Make the archive of a tiny version; return it and the checksum that its answers have."""
    tree = directory / str(number)
    tree.mkdir(parents=True)
    shutil.copy(HERE / "tiny_app.py", tree)
    for name in range(5):
        (tree / f"page{name}").write_text(f"version {number} " * 300)
    archive = directory / f"{number}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tree, arcname=".")
    return archive, checksum(tree)


def working_directories(directory: Path) -> set[Path]:
    """Return the subdirectories of a directory that are working directories of processes."""
    found = set()
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.add(Path(os.readlink(f"/proc/{process}/cwd")))
        except OSError:
            continue
    return {path for path in found if path.parent == directory}


def used(directory: Path) -> int:
    """Return the bytes on the disk, without the history, which gets a line in each transaction."""
    output = subprocess.run(
        ["du", "-s", "-B1", "--exclude=history.jsonl", directory],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return int(output.split()[0])


@scenario("hundred", f"{DEPLOYS} deploys in a row under load")
def hundred_deploys(hosts: HostFactory, row: Row) -> None:
    """Deploy while requests are sent, and look at answers and disk use."""
    work = hosts.place / f"tiny-{hosts.package.name}"
    store, sockets, port, binary = work / "tiny", work / "sockets", free_port(), hosts.binary()
    sockets.mkdir(parents=True)
    versions = [make(work / "versions", number) for number in range(1, DEPLOYS + 1)]

    def tiny(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binary, "--store", store, *arguments], capture_output=True, text=True
        )

    def deploy(number: int) -> float:
        start = time.monotonic()
        run = tiny("deploy", versions[number - 1][0], "--id", str(number))
        row.expect(run.returncode == 0, f"deploy {number} is done: {run.stderr}")
        return time.monotonic() - start

    tiny("init")
    (store / "releases.yaml").write_text(
        CONFIGURATION.format(keep=KEEP, here=HERE, sockets=sockets, port=port)
    )
    proxy = subprocess.Popen(
        [sys.executable, HERE / "forwarding_proxy.py", store, sockets, str(port)],
        stdin=subprocess.DEVNULL,
    )
    try:
        times = [deploy(1)]
        sizes, trees = [], []
        checksums = {str(number): made[1] for number, made in enumerate(versions, 1)}
        with Load(port, checksums) as load:
            for number in range(2, DEPLOYS + 1):
                # A release is never pruned while a process works in it.
                in_use = working_directories(store / "releases")
                times.append(deploy(number))
                sizes.append(used(store))
                trees.append(len(set((store / "releases").iterdir()) - in_use))
    finally:
        proxy.terminate()
        proxy.wait()
        subprocess.run(["sh", "-c", f"kill $(cat {sockets}/pid)"])
    _judge(row, load, times, sizes, trees, tiny("verify", "--all").returncode)
    for name in ("catalog", "manifests", "logs"):
        files = len(list((store / ".releases" / name).iterdir()))
        row.expect(files <= 4 * (KEEP + 1), f"{name} has {files} files after {DEPLOYS} deploys")


def _judge(
    row: Row,
    load: Load,
    times: list[float],
    sizes: list[int],
    trees: list[int],
    verified: int,
) -> None:
    answers = dict(load.answers)
    rate = sum(answers.values()) / load.seconds
    row.expect(set(answers) == {"whole"}, f"under load each answer is whole, were {answers}")
    row.expect(len(load.ids) >= DEPLOYS - 1, f"each version answered, only {len(load.ids)} did")
    row.expect(
        max(trees) <= KEEP + 1,
        f"{KEEP + 1} releases at most that no process works in, were {max(trees)}",
    )
    growth = sizes[-1] - sizes[KEEP + 1]
    row.expect(growth < 64 << 10, f"disk use is bounded, grew by {growth} bytes")
    row.expect(verified == 0, f"verify --all after all deploys is 0, was {verified}")
    row.saw(f"{sum(answers.values())} answers, {sum(times) / len(times):.2f} s a deploy")
    seconds = [len(times), sum(times) / len(times), max(times)]
    kinds = ", ".join(f"{count} {kind}" for kind, count in answers.items())
    requests = [sum(answers.values()), f"{rate:.0f}", kinds, len(load.ids), load.slowest]
    use = [max(trees), sizes[KEEP + 1] >> 10, sizes[-1] >> 10]
    row.table(
        "A proxy forwards each request to the version that `current` points to at that moment. "
        "Each answer has the ID and a checksum of its release. Only the history may grow.",
        COLUMNS,
        [[*seconds, *requests, *use]],
    )
