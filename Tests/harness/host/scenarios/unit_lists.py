"""Services of several units, and `restart`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.scenario import scenario
from harness.host.scenarios.dead_releases import (
    NOTICED,
    RESTART,
    START,
    TIMEOUT,
    deploy,
    expect_fast,
    expect_restored,
    prepare,
)
from harness.host.scenarios.service_kinds import APP, AS_OWNER, DIES, PYTHON, UNIT
from harness.host.service_units import replace_unit
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

WORKER = (
    f"{AS_OWNER}ExecStart=/usr/bin/python3 -c "
    "\"import os, time; os.path.exists('stop') and exit('no queue'); time.sleep(9999)\""
)


def prepare_list(store: HostStore) -> str:
    """Write two units and a configuration that names both, and return the configuration."""
    prepare(store, f"{AS_OWNER}ExecStart={PYTHON}", activate=f"{RESTART} worker")
    replace_unit(store.host, UNIT.format(lines=WORKER), "worker.service")
    text = (store.directory / "releases.yaml").read_text()
    text = text.replace("service: diting", "service: [diting, worker]")
    store.write("releases.yaml", text)
    return text


@scenario("unit-list", "a list of units, of which each is looked at", in_slice=True)
def unit_list(hosts: HostFactory, row: Row) -> None:
    """Deploy with a worker that stays in the old release, and with one that dies."""
    with hosts.store() as store:
        text = prepare_list(store)
        run = deploy(hosts, store, "one", APP)
        row.expect(run.status == 0, f"one is deployed, was {run.status}: {run.text}")
        services = store.releases("status", "--json").json["services"]
        units = [(one["unit"], one["activeState"]) for one in services]
        row.expect(units == [("diting", "active"), ("worker", "active")], f"both, was {units}")
        archive = hosts.application.archive("two", {"plain_app.py": APP, "stop": ""})
        expect_fast(row, store.deploy(archive, "--json"), "no queue", START)
        expect_restored(row, store, "worker")
        store.write(
            "releases.yaml",
            text.replace("restart diting worker", "restart diting").replace(TIMEOUT, "2s"),
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


@scenario("restart-list", "`restart` of a list of units of which one has died or can't start")
def restart_list(hosts: HostFactory, row: Row) -> None:
    """Restart two units with the live release."""
    with hosts.store() as store:
        prepare_list(store)
        run = deploy(hosts, store, "one", APP)
        row.expect(run.status == 0, f"one is deployed, was {run.status}: {run.text}")
        store.host.must("systemctl", "kill", "--signal=KILL", "worker")
        row.expect(
            wait_until(lambda: store.host.state("worker") == "failed", 5), "the worker has died"
        )
        status = store.releases("status")
        row.expect(status.status == 7, f"status is 7, was {status.status}: {status.text}")
        row.expect("worker failed" in status.text, f"it is named, was {status.text}")
        mains = [store.host.property(unit, "MainPID") for unit in ("diting", "worker")]
        run = store.releases("restart")
        row.expect(run.status == 0, f"it restarts both, was {run.status}: {run.text}")
        now = [store.host.property(unit, "MainPID") for unit in ("diting", "worker")]
        row.expect(
            all(a != b and b != "0" for a, b in zip(mains, now, strict=True)),
            f"both have new processes, was {mains}, is {now}",
        )
        status = store.releases("status")
        row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
        (store.directory / store.link("current") / "stop").touch()
        run = store.releases("restart", "--json")
        row.expect(run.status == 11, f"a failed restart ends with 11, was {run.status}: {run.text}")
        error = run.json["error"]
        row.expect("worker" in error["message"], f"the worker is named, was {error['message']}")
        row.expect("no queue" in str(error["cause"]), f"the log is the cause, was {error['cause']}")
        row.expect(run.seconds < 2 * NOTICED, f"it is noticed at once, was {run.seconds:.1f} s")
        row.saw(f"{run.seconds:.1f} s: {error['message']}; cause: {error['cause']}")
