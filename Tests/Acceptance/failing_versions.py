"""Scenario 2: the failures of the troubleshooting guide; the old version serves after each."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from collections.abc import Iterator
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


def never_live(name: str, status: int, *words: str, **how: object) -> Failure:
    return Failure(name, status, words, **how)  # type: ignore[arg-type]


def was_live(name: str, app: str, *words: str) -> Failure:
    return Failure(name, 10, words, {MODULE: app}, waits_for_health=True)


def failures(application: Application) -> list[Failure]:
    return [
        was_live(
            "crashes at start", APP + 'raise RuntimeError("the schema is too old")\n',
            "the schema is too old", "nothing takes connections"),
        was_live(
            "a syntax error", APP + "def broken(:\n", "SyntaxError", "nothing takes connections"),
        was_live("answers `degraded`", DEGRADED, "degraded"),
        was_live(
            "accepts and never answers",
            "import asyncio\n" + APP.replace(
                "    answer =", "    await asyncio.sleep(600)\n    answer ="), "no answer"),
        was_live(
            "its port is taken by another process", PORT_TAKER + APP, "address already in use",
            "no answer"),
        never_live(
            "`config/wechat.yaml` is missing", 3, "config/wechat.yaml",
            surroundings=lambda host: moved_away(host.shared)),
        never_live(
            "corrupt `uv.lock`", 1, "uv.lock",
            changes={"uv.lock": application.lock[: len(application.lock) // 2]}),
        never_live("no network to PyPI", 1, "Failed to fetch", prepare=without_network),
        never_live(
            "`uv` is missing", 1, "not found", surroundings=lambda host: moved_away(host.uv)),
        never_live(
            "a wrong Python", 1, "Python",
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
            report.expect(
                word in run.message or word in run.errors, f"{failure.name}: says '{word}'")
        beyond: float | str = ""
        if failure.waits_for_health:
            beyond = run.seconds - HEALTH_TIMEOUT
            report.expect(beyond < OVERHEAD, f"{failure.name}: {OVERHEAD} s at most, {beyond:.2f}")
        if failure.status == 3:
            unchanged = set((host.store / "releases").iterdir()) == releases
            report.expect(unchanged, f"{failure.name}: refused before anything")
        rows.append([
            failure.name, run.status, run.seconds, beyond, run.message,
            ", ".join(f"`{word}`" for word in failure.words), serves,
        ])
    host.configure()
    report.section(
        "Versions and hosts that do not work",
        f"`health: {{timeout: {HEALTH_TIMEOUT:.0f}s, interval: 1s}}`; beyond it, a deploy that "
        f"goes back may take {OVERHEAD:.0f} s. The words must be in what is printed; those that "
        "only the service knows come by way of `hooks: failed`, which shows the end of its log.")
    report.table(
        ["the new one", "status", "seconds", "beyond the timeout", "the error", "words",
         "the old one serves"], rows)
