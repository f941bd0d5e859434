"""An application tries to leave the sandbox of its unit by a link that it replaces in `shared`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.host_store import PLACE
from harness.host.instances.applications import APP, WORKER, WORKS
from harness.host.instances.instance_store import InstanceStore, install_instances
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row
    from harness.processes import Run

# What decides which code runs.
CLOSED = (PLACE, f"{PLACE}/releases", f"{PLACE}/.releases")


def as_application(store: HostStore, unit: str, script: str) -> Run:
    """Run a script as the user of a unit, with the mounts of its main process."""
    process = store.host.property(unit, "MainPID")
    words = ["nsenter", "-t", process, "-m", "setpriv", "--reuid=deploy", "--regid=deploy"]
    return store.host.inside(*words, "--init-groups", "sh", "-euc", script)


def expect_closed(row: Row, store: HostStore, unit: str, when: str) -> None:
    """Expect that the application can write in `shared`, and not where its code is."""
    run = as_application(store, unit, f"touch {PLACE}/shared/x && rm {PLACE}/shared/x")
    row.expect(run.status == 0, f"{unit}, {when}: shared can be written: {run}")
    for place in CLOSED:
        run = as_application(store, unit, f"touch {place}/by-the-application")
        row.expect(run.status != 0, f"{unit}, {when}: {place} is closed to the application")


def redirect(row: Row, store: HostStore, units: tuple[str, ...]) -> None:
    """Replace `shared/logs` by a link to the store, and start the units again."""
    attack = f"rm -rf {PLACE}/shared/logs && ln -s {PLACE} {PLACE}/shared/logs"
    for unit in units:
        expect_closed(row, store, unit, "at first")
    run = as_application(store, units[0], attack)
    row.expect(run.status == 0, f"{units[0]}: the application replaces its logs: {run}")
    for unit in units:
        store.host.inside("systemctl", "restart", unit)
        state = store.host.state(unit)
        row.expect(state == "active", f"{unit} runs again, was {state}")
        expect_closed(row, store, unit, "after its logs were replaced")
    row.saw(f"{', '.join(units)}: {len(CLOSED)} places stay closed")


@scenario("redirected-logs", "an application can't open its sandbox with a link", for_old=False)
def redirected(hosts: HostFactory, row: Row) -> None:
    """Try the unit of a restarted service, and those of instances."""
    with hosts.store() as store:
        store.deploy(hosts.application.archive("plain"))
        redirect(row, store, ("diting.service",))
    with hosts.store() as plain:
        instances = InstanceStore(plain.host)
        install_instances(plain.host)
        text = instances.instances_text(units="[diting@, diting-worker@]")
        shared = "shared: {files: [config/wechat.yaml]}"
        assert shared in text
        both = "shared: {directories: [logs], files: [config/wechat.yaml]}"
        instances.write("releases.yaml", text.replace(shared, both))
        run = instances.deploy(hosts.application.archive("v1", {MODULE: APP, WORKER: WORKS}))
        row.expect(run.status == 0, f"v1 is deployed: {run}")
        live = instances.link("current").removeprefix("releases/")
        redirect(row, instances, (f"diting@{live}.service", f"diting-worker@{live}.service"))
