"""The failures of the troubleshooting guide; the old version serves after each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harness.host.application import APP, DEGRADED, DIES, MODULE, MUTE, PROJECT, Application
from harness.host.host_store import PLACE, SHARED, UV, UV_SYNC, HostStore
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

LIMIT = 5.0
# What restoring the old version, and the rest of a deploy, may take besides.
OVERHEAD = 4.0

PORT_TAKER = '''
import socket, subprocess, sys, time
TAKER = """
import socket, time
taker = socket.create_server(("127.0.0.1", 17999))
time.sleep(600)
"""
subprocess.Popen([sys.executable, "-c", TAKER])
while True:
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", 17999)) == 0:
            break
    time.sleep(0.05)
'''

Surroundings = Callable[[HostStore], AbstractContextManager[object]]


@dataclass(frozen=True)
class Failure:
    """A version or a host that does not work, and how its deploy has to end."""

    name: str
    status: int
    words: tuple[str, ...]
    # A part of the service's own log, of which the hook `failed` prints the end.
    logged: str = ""
    changes: dict[str, str] = field(default_factory=dict)
    prepare: str = UV_SYNC
    surroundings: Surroundings = nullcontext
    waits_for_health: bool = False
    # How long the service may take to stop; TimeoutStopSec= of the shipped unit limits it.
    stop_seconds: float = 0


def moved_away(name: str) -> Surroundings:
    """Return surroundings in which a file is missing."""

    @contextmanager
    def missing(store: HostStore) -> Iterator[None]:
        path = store.host.path(name)
        aside = path.with_name(f"{path.name}.aside")
        path.rename(aside)
        try:
            yield
        finally:
            aside.rename(path)

    return missing


@contextmanager
def stale_process(store: HostStore) -> Iterator[None]:
    """Let an application that was started by hand take the port of the service."""
    store.host.must("systemctl", "stop", "diting")
    process = store.host.begin(
        store.host.command(
            "python3",
            "-c",
            "import socket, time; s = socket.create_server(('127.0.0.1', 17999)); time.sleep(600)",
        )
    )
    try:
        yield
    finally:
        store.host.inside("pkill", "-f", "create_server")
        process.wait()
        store.host.inside("systemctl", "reset-failed", "diting")
        store.host.must("systemctl", "restart", "diting")


def was_live(name: str, app: str, *words: str, logged: str = "") -> Failure:
    """Return the failure of a version that was live until its health check failed."""
    return Failure(name, 10, words, logged, {MODULE: app}, waits_for_health=True)


def failures(application: Application) -> list[Failure]:
    """Return all failures of the guide."""
    return [
        was_live("crashes at start", DIES, logged="the schema is too old"),
        was_live("a syntax error", APP + "def broken(:\n", logged="SyntaxError"),
        was_live("answers `degraded`", DEGRADED, "degraded"),
        # uvicorn waits for the open request until systemd kills it.
        replace(was_live("accepts and never answers", MUTE, "no response"), stop_seconds=30),
        was_live(
            "its port is taken by a child of its own",
            PORT_TAKER + APP,
            logged="address already in use",
        ),
        Failure(
            "its port is taken by a stale process",
            11,
            ("17999",),
            logged="address already in use",
            surroundings=stale_process,
        ),
        Failure(
            "`config/wechat.yaml` is missing",
            3,
            ("config/wechat.yaml",),
            surroundings=moved_away(f"{PLACE}/{SHARED}"),
        ),
        Failure(
            "corrupt `uv.lock`",
            1,
            ("uv.lock",),
            changes={"uv.lock": application.lock[: len(application.lock) // 2]},
        ),
        Failure(
            "no network to PyPI",
            1,
            ("Failed to download",),
            prepare=f"{UV_SYNC} --cache-dir /tmp/empty-cache",
        ),
        Failure("`uv` is missing", 3, (UV,), surroundings=moved_away(UV)),
        Failure(
            "a wrong Python",
            1,
            ("No interpreter found for Python >=3.99",),
            changes={"pyproject.toml": PROJECT.replace(">=3.11", ">=3.99")},
        ),
    ]


def deploy_failure(
    store: HostStore, row: Row, failure: Failure, name: str, hosts: HostFactory
) -> list[object]:
    """Deploy a version that fails, and return a row of the table."""
    if store.version() != "good":
        # What the failure before has broken is in its own row.
        store.host.inside("systemctl", "reset-failed", "diting")
        store.host.inside("systemctl", "restart", "diting")
        store.serves("good", 10)
    archive = hosts.application.archive(name, failure.changes)
    releases = store.entries("releases")
    store.configure(failure.prepare)
    with failure.surroundings(store):
        run = store.deploy(archive, "--ref", name)
    what = failure.name
    serves = store.serves("good", 5)
    row.expect(serves, f"{what}: good serves, was {store.version()}")
    row.expect(
        run.status == failure.status,
        f"{what}: status {failure.status}, was {run.status}: {run.errors[-400:]}",
    )
    for word in failure.words:
        row.expect(word in run.errors, f"{what}: the error has '{word}': {run.message}")
    row.expect(failure.logged in run.errors, f"{what}: the log has '{failure.logged}'")
    beyond: float | str = ""
    if failure.waits_for_health:
        beyond = run.seconds - LIMIT
        row.restorations.append(beyond)
        most = OVERHEAD + failure.stop_seconds
        row.expect(beyond < most, f"{what}: {most:.0f} s beyond at most, was {beyond:.2f}")
    if failure.status == 3:
        row.expect(
            store.entries("releases") == releases, f"{what}: refused before anything has changed"
        )
    return [
        what,
        run.status,
        run.seconds,
        beyond,
        run.message,
        f"`{failure.logged}`" if failure.logged else "",
        serves,
    ]


@scenario("failing", "versions and hosts that do not work, one after another")
def failing_versions(hosts: HostFactory, row: Row) -> None:
    """Try all failures on one store."""
    with hosts.store() as store:
        store.host.must("systemctl", "enable", "diting")
        store.deploy(hosts.application.archive("good"))
        rows = [
            deploy_failure(store, row, failure, f"bad{number}", hosts)
            for number, failure in enumerate(failures(hosts.application))
        ]
        row.saw(f"{len(rows)} failures")
        row.table(
            f"The configuration is `health: {{timeout: {LIMIT:.0f}s, interval: 1s}}`. A deploy "
            f"that restores the old version may take {OVERHEAD:.0f} s more, and the time that the "
            "service takes to stop. The hook `failed` prints the end of the service's journal, "
            "which has what only the service knows.",
            [
                "the new version",
                "status",
                "seconds",
                "beyond the limit",
                "the error",
                "from its log",
                "the old version serves",
            ],
            rows,
        )
