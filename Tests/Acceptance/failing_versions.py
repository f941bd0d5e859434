"""Scenario 2: the failures of the troubleshooting guide; the old version serves after each."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from application import APP, DEGRADED, MODULE, PROJECT, Application
from host import Host, free_port
from report import Report

HEALTH_TIMEOUT = 8.0
# What putting the old version back, and all the rest of a deploy, may take besides.
OVERHEAD = 3.0

PORT_TAKER = '''
import os, socket, subprocess, sys, time
TAKER = """
import os, socket, time
taker = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
time.sleep(600)
"""
subprocess.Popen([sys.executable, "-c", TAKER])
while True:
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", int(os.environ["PORT"]))) == 0:
            break
    time.sleep(0.05)
'''

Prepare = Callable[[Host], str | None]
Surroundings = Callable[[Host], AbstractContextManager[None]]


@dataclass(frozen=True)
class Failure:
    """A version or a host that is not as it should be, and what must come of it."""

    name: str
    status: int
    words: tuple[str, ...]
    # What only the service knows; the hook `failed` shows the end of its log.
    logged: str = ""
    changes: dict[str, str] = field(default_factory=dict)
    prepare: Prepare = lambda host: None
    surroundings: Surroundings = lambda host: nullcontext()
    waits_for_health: bool = False


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    """The file is missing meanwhile."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


def without_network(host: Host) -> str:
    nowhere = f"http://127.0.0.1:{free_port()}"
    return host.uv_sync(
        f"UV_INDEX_URL={nowhere}", f"HTTPS_PROXY={nowhere}", "UV_HTTP_RETRIES=0",
        cache=host.work / "empty-cache")


def was_live(name: str, app: str, *words: str, logged: str = "") -> Failure:
    return Failure(name, 10, words, logged, {MODULE: app}, waits_for_health=True)


def failures(application: Application) -> list[Failure]:
    return [
        was_live(
            "crashes at start", APP + 'raise RuntimeError("the schema is too old")\n',
            "nothing takes connections", logged="the schema is too old"),
        was_live(
            "a syntax error", APP + "def broken(:\n", "nothing takes connections",
            logged="SyntaxError"),
        was_live("answers `degraded`", DEGRADED, "degraded"),
        was_live(
            "accepts and never answers",
            "import asyncio\n" + APP.replace(
                "    answer =", "    await asyncio.sleep(600)\n    answer ="), "no answer"),
        was_live(
            "its port is taken by another process", PORT_TAKER + APP, "no answer",
            logged="address already in use"),
        Failure(
            "`config/wechat.yaml` is missing", 3, ("config/wechat.yaml",),
            surroundings=lambda host: moved_away(host.shared)),
        Failure(
            "corrupt `uv.lock`", 1, ("uv.lock",),
            changes={"uv.lock": application.lock[: len(application.lock) // 2]}),
        Failure("no network to PyPI", 1, ("Failed to download",), prepare=without_network),
        Failure(
            "`uv` is missing", 1, ("uv: not found",),
            surroundings=lambda host: moved_away(host.uv)),
        Failure(
            "a wrong Python", 1, ("No interpreter found for Python >=3.99",),
            changes={"pyproject.toml": PROJECT.replace(">=3.11", ">=3.99")}),
    ]


def failing_versions(host: Host, application: Application, report: Report) -> None:
    rows: list[list[object]] = []
    old = host.version()
    for number, failure in enumerate(failures(application)):
        archive = application.archive(f"bad{number}", failure.changes)
        releases = set((host.store / "releases").iterdir())
        host.configure(failure.prepare(host))
        with failure.surroundings(host):
            run = host.releases("deploy", archive, "--ref", f"bad{number}")
        serves = host.version() == old
        report.expect(serves, f"{failure.name}: {old} serves, was {host.version()}")
        report.expect(
            run.status == failure.status,
            f"{failure.name}: status {failure.status}, was {run.status}")
        for word in failure.words:
            report.expect(word in run.message, f"{failure.name}: the error says '{word}'")
        report.expect(
            failure.logged in run.errors, f"{failure.name}: the log says '{failure.logged}'")
        beyond: float | str = ""
        if failure.waits_for_health:
            beyond = run.seconds - HEALTH_TIMEOUT
            report.expect(beyond < OVERHEAD, f"{failure.name}: {OVERHEAD} s at most, {beyond:.2f}")
        if failure.status == 3:
            unchanged = set((host.store / "releases").iterdir()) == releases
            report.expect(unchanged, f"{failure.name}: refused before anything")
        rows.append([
            failure.name, run.status, run.seconds, beyond, run.message,
            f"`{failure.logged}`" if failure.logged else "", serves,
        ])
    host.configure()
    report.section(
        "Versions and hosts that do not work",
        f"`health: {{timeout: {HEALTH_TIMEOUT:.0f}s, interval: 1s}}`; beyond it, a deploy that "
        f"goes back may take {OVERHEAD:.0f} s. What only the service knows is printed too, by way "
        "of `hooks: failed`, which shows the end of its log.")
    report.table(
        ["the new one", "status", "seconds", "beyond the timeout", "the error", "from its log",
         "the old one serves"], rows)
