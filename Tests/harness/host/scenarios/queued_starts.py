"""Starts that only look like the death of a release."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.host.scenario import scenario
from harness.host.scenarios.dead_releases import (
    CONTAINER,
    STOP,
    Way,
    deploy,
    forget_unit,
    prepare,
)
from harness.host.scenarios.service_kinds import APP, AS_OWNER, PYTHON

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

# It needs a while before it listens, as a JVM does.
SLOW = "import time\ntime.sleep(6)\n" + APP
# It ends with 143 on SIGTERM, as a JVM does, which systemd takes for a failure.
ENDS_WITH_143 = "import os, signal\nsignal.signal(signal.SIGTERM, lambda *_: os._exit(143))\n" + APP

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


ONESHOTS = {
    "remains": Way(
        "a unit with RemainAfterExit=yes",
        "Type=oneshot\nRemainAfterExit=yes\n"
        f"ExecStart=/usr/bin/{CONTAINER}\nExecStop=/usr/bin/{STOP}",
    ),
    "ends": Way(
        "a unit that is inactive then",
        f"Type=oneshot\nExecStart=-/usr/bin/{STOP}\nExecStart=/usr/bin/{CONTAINER}",
    ),
    "hook": Way("the activate hook", ""),
}


def oneshot(hosts: HostFactory, row: Row, way: Way) -> None:
    """Deploy releases whose process is no child of what starts it."""
    with hosts.store() as store:
        hook = "sudo systemctl restart diting" if way.lines else f"sudo {STOP}; sudo {CONTAINER}"
        prepare(store, way.lines or f"{AS_OWNER}ExecStart={PYTHON}", activate=hook)
        if not way.lines:
            forget_unit(store)
        for version, app in (("one", APP), ("two", SLOW), ("three", APP)):
            run = deploy(hosts, store, version, app, "--json")
            row.expect(run.status == 0, f"{version} is deployed, was {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            serving = [
                step.get("serving") for step in run.json["steps"] if step["name"] == "health"
            ]
            row.expect(serving == ["same"], f"the release is known to serve, was {serving}")
        status = store.releases("status")
        row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
        row.saw(f"three releases are live; unit: {store.host.state('diting')}")


for name, a_way in ONESHOTS.items():
    scenario(f"oneshot-{name}", f"{a_way.title} starts a container")(partial(oneshot, way=a_way))
