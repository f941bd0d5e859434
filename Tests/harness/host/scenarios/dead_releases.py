"""Releases that die while a switch waits for health, and starts that only look like a death."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.host.installation import SUDOERS
from harness.host.scenario import scenario
from harness.host.scenarios.service_kinds import APP, AS_OWNER, DIES, PYTHON, UNIT
from harness.host.service_units import replace_unit

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
threading.Timer({seconds}, lambda: (print('no license', flush=True), os._exit(3))).start()
"""
STARTING = APP.replace('"healthy"', '"starting"')
# It needs a while before it listens, as a JVM does.
SLOW = "import time\ntime.sleep(6)\n" + APP
# It ends with 143 on SIGTERM, as a JVM does, which systemd takes for a failure.
ENDS_WITH_143 = "import os, signal\nsignal.signal(signal.SIGTERM, lambda *_: os._exit(143))\n" + APP
ANY_SYSTEMCTL = "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl, /usr/bin/systemd-run\n"


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


def deploy(hosts: HostFactory, store: HostStore, version: str, app: str, *words: str) -> Any:
    """Deploy a version of the application."""
    return store.deploy(hosts.application.archive(version, {"plain_app.py": app}), *words)


def expect_fast(row: Row, run: Any, cause: str, since: float) -> None:
    """Expect that a death was noticed in time, and that the log of the unit is the cause."""
    row.expect(run.status == 10, f"status 10, was {run.status}: {run.text[-600:]}")
    seconds = run.step("activate") + run.step("health")
    row.expect(seconds <= since + NOTICED, f"noticed within {NOTICED:.0f} s, was {seconds:.2f}")
    error = run.json["error"]
    row.expect(cause in str(error["cause"]), f"the cause is {cause!r}, was {error['cause']!r}")
    row.saw(f"noticed after {seconds:.2f} s: {error['message']}; cause: {error['cause']}")


def die(hosts: HostFactory, row: Row, way: Way) -> None:
    """Deploy a release that dies at once, and one that dies after some seconds."""
    with hosts.store() as store:
        prepare(store, way.lines)
        good = deploy(hosts, store, "good", APP)
        row.expect(good.status == 0, f"good is deployed, was {good.status}: {good.text}")
        run = deploy(hosts, store, "bad", DIES, "--json")
        expect_fast(row, run, "the schema is too old", START)
        app = FLAPS.format(seconds=LIFE) + STARTING
        run = deploy(hosts, store, "late", app, "--json")
        expect_fast(row, run, "no license", LIFE + START)
        row.expect(store.serves("good", 5), f"good serves, was {store.version()}")


for name, a_way in WAYS.items():
    scenario(f"death-{name}", f"a release dies, {a_way.title}", in_slice=name == "always")(
        partial(die, way=a_way)
    )


QUEUES = {
    "no-block": "sudo systemctl restart --no-block diting",
    "stop-start": "sudo systemctl stop diting && sudo systemctl start --no-block diting",
    "later": "sudo systemd-run --quiet --on-active=2 systemctl restart diting",
    "outside": "sudo systemd-run --quiet sh -c "
    "'systemctl stop diting; sleep 1; systemctl start diting'",
}


def queue(hosts: HostFactory, row: Row, hook: str) -> None:
    """Deploy slow releases with a hook that returns before the service has restarted."""
    with hosts.store() as store:
        prepare(store, f"{AS_OWNER}ExecStart={PYTHON}", activate=hook)
        for version, app in (("one", ENDS_WITH_143), ("two", SLOW), ("three", ENDS_WITH_143)):
            run = deploy(hosts, store, version, app)
            row.expect(run.status == 0, f"{version} is deployed, was {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
        row.saw(f"three slow releases are live after `{hook}`")


for name, a_hook in QUEUES.items():
    scenario(f"queue-{name}", f"a hook that only queues the start: `{a_hook}`")(
        partial(queue, hook=a_hook)
    )


@scenario("unit-list", "a list of units, of which each is looked at", in_slice=True)
def unit_list(hosts: HostFactory, row: Row) -> None:
    """Deploy with a worker that stays in the old release, and with one that dies."""
    worker = (
        f"{AS_OWNER}ExecStart=/usr/bin/python3 -c "
        "\"import os, time; os.path.exists('stop') and exit('no queue'); time.sleep(9999)\""
    )
    both = "sudo systemctl restart diting worker"
    with hosts.store() as store:
        prepare(store, f"{AS_OWNER}ExecStart={PYTHON}", activate=both)
        replace_unit(store.host, UNIT.format(lines=worker), "worker.service")
        text = (store.directory / "releases.yaml").read_text()
        text = text.replace("service: diting", "service: [diting, worker]")
        store.write("releases.yaml", text)
        run = deploy(hosts, store, "one", APP)
        row.expect(run.status == 0, f"one is deployed, was {run.status}: {run.text}")
        services = store.releases("status", "--json").json["services"]
        units = [(one["unit"], one["activeState"]) for one in services]
        row.expect(units == [("diting", "active"), ("worker", "active")], f"both, was {units}")
        archive = hosts.application.archive("two", {"plain_app.py": APP, "stop": ""})
        expect_fast(row, store.deploy(archive, "--json"), "no queue", START)
        store.write(
            "releases.yaml",
            text.replace(both, "sudo systemctl restart diting").replace(TIMEOUT, "2s"),
        )
        run = deploy(hosts, store, "three", APP)
        row.expect(run.status == 10, f"a worker of one is noticed, was {run.status}: {run.text}")
        row.expect("worker's main process" in run.text, f"it is named, was {run.text[-300:]}")
        row.saw(run.message)


@scenario("restart", "`restart` of a service that has died, and of one that can't start")
def restart(hosts: HostFactory, row: Row) -> None:
    """Restart with the live release."""
    with hosts.store() as store:
        prepare(store, f"{AS_OWNER}ExecStart={PYTHON}")
        run = deploy(hosts, store, "one", APP)
        store.host.must("systemctl", "kill", "--signal=KILL", "diting")
        row.expect(not store.serves("one", 1), "nothing serves")
        links = (store.link("current"), store.link("previous"))
        run = store.releases("restart")
        row.expect(run.status == 0, f"it restarts, was {run.status}: {run.text}")
        row.expect(store.version() == "one", f"one serves, was {store.version()}")
        store.write("shared/broken", "")
        (store.directory / store.link("current") / "plain_app.py").write_text(DIES)
        run = store.releases("restart", "--json")
        row.expect(run.status == 11, f"a failed restart ends with 11, was {run.status}: {run.text}")
        cause = str(run.json["error"]["cause"])
        row.expect("the schema is too old" in cause, f"the log is the cause, was {cause}")
        row.expect(run.seconds < 2 * NOTICED, f"it is noticed at once, was {run.seconds:.1f} s")
        row.expect(
            links == (store.link("current"), store.link("previous")), "the links have not changed"
        )
        row.saw(run.json["error"]["message"])
