"""Releases that die while a switch waits for health."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.host.installation import SUDOERS
from harness.host.scenario import scenario
from harness.host.scenarios.service_kinds import APP, AS_OWNER, DIES, PYTHON, UNIT
from harness.host.service_units import replace_unit
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

# The health check alone would wait this long.
TIMEOUT = "60s"
# What may pass between the death of a release and the beginning of its restoration.
NOTICED = 3.0
# It answers that it is starting, and dies after these seconds.
LIFE = 4.0
# What Python and systemd need for a start on a machine under load.
START = 2.0
FLAPS = """\
import os, threading
threading.Timer({seconds}, lambda: (print('{text}', flush=True), os._exit({status}))).start()
"""
STARTING = APP.replace('"healthy"', '"starting"')
# It dies at its first starts, and then works.
RECOVERS = """\
from pathlib import Path
starts = Path('logs/starts-' + Path('VERSION').read_text().strip())
count = starts.stat().st_size if starts.exists() else 0
starts.write_text('x' * (count + 1))
if count < {deaths}: raise SystemExit('no queue yet')
"""
# A container is no child of the unit or the hook that starts it.
CONTAINER = (
    "systemd-run --quiet --collect --unit=container --uid=deploy "
    f"--working-directory=/opt/diting/current {PYTHON}"
)
STOP = "systemctl stop container"
ANY_SYSTEMCTL = "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl, /usr/bin/systemd-run\n"
# The activate hook adds the time at which it begins.
TIMES = "/var/tmp/activations"
RESTART = f"date +%s.%N >> {TIMES}; sudo systemctl restart diting"


@dataclass(frozen=True)
class Way:
    """A unit that a release dies in."""

    title: str
    lines: str


WAYS = {
    "once": Way("a unit that does not restart", f"{AS_OWNER}ExecStart={PYTHON}"),
    "always": Way(
        "Restart=always, RestartSec=100ms",
        f"{AS_OWNER}Restart=always\nRestartSec=100ms\nExecStart={PYTHON}",
    ),
    "rarely": Way(
        "Restart=always, RestartSec=30s",
        f"{AS_OWNER}Restart=always\nRestartSec=30s\nExecStart={PYTHON}",
    ),
    "notify": Way(
        "Type=notify, Restart=always",
        f"Type=notify\nRestart=always\n{AS_OWNER}ExecStart={PYTHON}",
    ),
}


def prepare(store: HostStore, lines: str, further: str = "", **configuration: Any) -> None:
    """Write the unit, and a configuration with a long time limit."""
    replace_unit(store.host, UNIT.format(lines=lines))
    store.host.write(SUDOERS, ANY_SYSTEMCTL, 0o440)
    store.configure(prepare="true", timeout=TIMEOUT, **configuration)
    if further:
        text = (store.directory / "releases.yaml").read_text()
        store.write("releases.yaml", text.replace("  interval: 1s\n", f"  interval: 1s\n{further}"))


def forget_unit(store: HostStore) -> None:
    """Configure no unit, as for a container that the activate hook starts."""
    text = (store.directory / "releases.yaml").read_text()
    store.write("releases.yaml", text.replace("service: diting\n", ""))


def deploy(hosts: HostFactory, store: HostStore, version: str, app: str, *words: str) -> Any:
    """Deploy a version of the application."""
    return store.deploy(hosts.application.archive(version, {"plain_app.py": app}), *words)


def seconds_until_restored(store: HostStore, unit: str = "diting", tolerated: int = 0) -> float:
    """Return how long it took from the death of a release to the hook that restores the old one."""
    began, restored = map(float, store.host.must("tail", "--lines=2", TIMES).split())
    log = store.host.journal(unit, "--output=short-unix")
    ends = (float(line.split()[0]) for line in log.splitlines() if "Main process exited" in line)
    deaths = [end for end in ends if began < end < restored]
    return restored - deaths[tolerated]


def expect_fast(row: Row, run: Any, cause: str, since: float) -> None:
    """Expect that a death was noticed in time, and that the log of the unit is the cause."""
    row.expect(run.status == 10, f"status 10, was {run.status}: {run.text[-600:]}")
    seconds = run.step("activate") + run.step("health")
    row.expect(seconds <= since + NOTICED, f"noticed within {NOTICED:.0f} s, was {seconds:.2f}")
    error = run.json["error"]
    row.expect(cause in str(error["cause"]), f"the cause is {cause!r}, was {error['cause']!r}")
    row.saw(f"noticed after {seconds:.2f} s: {error['message']}; cause: {error['cause']}")


def expect_restored(row: Row, store: HostStore, unit: str = "diting", tolerated: int = 0) -> None:
    """Expect that the restoration began soon after the death."""
    seconds = seconds_until_restored(store, unit, tolerated)
    row.expect(seconds <= NOTICED, f"restored within {NOTICED:.0f} s, was {seconds:.2f}")
    row.saw(f"from the death to the restoration: {seconds:.2f} s")


def die(hosts: HostFactory, row: Row, way: Way) -> None:
    """Deploy releases that die at once, die after some seconds, and end with success."""
    with hosts.store() as store:
        prepare(store, way.lines, activate=RESTART)
        good = deploy(hosts, store, "good", APP)
        row.expect(good.status == 0, f"good is deployed, was {good.status}: {good.text}")
        run = deploy(hosts, store, "bad", DIES, "--json")
        expect_fast(row, run, "the schema is too old", START)
        expect_restored(row, store)
        app = FLAPS.format(seconds=LIFE, text="no license", status=3) + STARTING
        run = deploy(hosts, store, "late", app, "--json")
        expect_fast(row, run, "no license", LIFE + START)
        expect_restored(row, store)
        app = FLAPS.format(seconds=LIFE, text="no work", status=0) + STARTING
        run = deploy(hosts, store, "ends", app, "--json")
        expect_fast(row, run, "no work", LIFE + START)
        row.expect(store.serves("good", 5), f"good serves, was {store.version()}")


for name, a_way in WAYS.items():
    scenario(f"death-{name}", f"a release dies, {a_way.title}", in_slice=name == "always")(
        partial(die, way=a_way)
    )


@scenario("death-tolerated", "`health.restarts: 1`: a release dies once, and one dies twice")
def tolerated(hosts: HostFactory, row: Row) -> None:
    """Deploy releases that die before they work, from a unit that systemd has restarted before."""
    with hosts.store() as store:
        lines = WAYS["always"].lines
        prepare(store, lines, "  restarts: 1\n", activate=RESTART)
        unit = UNIT.format(lines=lines)
        replace_unit(store.host, unit.replace("[Service]", "StartLimitIntervalSec=0\n\n[Service]"))
        row.expect(deploy(hosts, store, "good", APP).status == 0, "good is deployed")
        # The second hook returns when both deaths have happened.
        for number, pause in enumerate(("", "; sleep 3")):
            text = (store.directory / "releases.yaml").read_text()
            store.write("releases.yaml", text.replace(RESTART, f"{RESTART}{pause}"))
            # The release that is live then has died once itself.
            for _ in range(2 - number):
                store.host.must("systemctl", "kill", "--signal=KILL", "diting")
                row.expect(wait_until(lambda: store.version() == "-", 2), "it was killed")
                row.expect(store.serves(f"once{number - 1}" if number else "good"), "it restarts")
            restarts = store.host.property("diting", "NRestarts")
            row.expect(restarts == "2", f"systemd has restarted it twice, was {restarts}")
            app = RECOVERS.format(deaths=2) + APP
            run = deploy(hosts, store, f"twice{number}", app, "--json")
            row.expect(run.status == 10, f"dies twice: 10, was {run.status}: {run.text[-600:]}")
            cause = str(run.json["error"]["cause"])
            row.expect("no queue yet" in cause, f"the log is the cause, was {cause}")
            row.saw(run.json["error"]["message"])
            if not pause:
                expect_restored(row, store, tolerated=1)
            run = deploy(hosts, store, f"once{number}", RECOVERS.format(deaths=1) + APP)
            row.expect(run.status == 0, f"dies once: 0, was {run.status}: {run.text[-600:]}")


@scenario("death-listener", "no unit is configured, and the process that listened dies")
def listener(hosts: HostFactory, row: Row) -> None:
    """Deploy a release that dies after some seconds in a unit that is not configured."""
    with hosts.store() as store:
        hook = f"date +%s.%N >> {TIMES}; sudo {STOP}; sudo {CONTAINER}"
        prepare(store, f"{AS_OWNER}ExecStart={PYTHON}", activate=hook)
        forget_unit(store)
        run = deploy(hosts, store, "good", APP)
        row.expect(run.status == 0, f"good is deployed, was {run.status}: {run.text}")
        app = FLAPS.format(seconds=LIFE, text="no license", status=3) + STARTING
        run = deploy(hosts, store, "late", app, "--json")
        row.expect(run.status == 10, f"status 10, was {run.status}: {run.text[-600:]}")
        message = run.json["error"]["message"]
        row.expect("which listened at" in message, f"the process is named, was {message}")
        expect_restored(row, store, "container")
        row.expect(store.serves("good", 5), f"good serves, was {store.version()}")
        row.saw(message)
