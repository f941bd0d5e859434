"""Lists of units, units of type notify, and a service user, with instances on a booted host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances.quick import (
    APP,
    Held,
    QuickStore,
    expect_only,
    expect_status,
    quick_store,
)
from harness.host.scenario import scenario
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

WORKER = "import time\nprint('works', open('VERSION').read(), flush=True)\ntime.sleep(600)\n"
# A worker that ends at once, and one that ends a moment after its start.
DIES_AT_ONCE = "raise SystemExit(4)\n"
DIES_LATER = "import time\ntime.sleep(0.3)\nraise SystemExit(4)\n"
WORKER_DROP_IN = """\
[Service]
ExecStart=
ExecStart=/usr/bin/python3 -I -S -B worker.py
"""
SCHEDULER = """\
[Service]
User=deploy
WorkingDirectory=/opt/diting/current
ExecStart=/usr/bin/python3 -I -S -B worker.py
"""
NOTIFY_DROP_IN = """\
[Service]
Type=notify
TimeoutStartSec=20s
"""
NOTIFIES = APP.replace(
    "server.listen(512)\n",
    "server.listen(512)\ntime.sleep(1)\nn = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
    "n.sendto(b'READY=1', os.environ['NOTIFY_SOCKET'].replace('@', chr(0)))\n",
)
UNITS = "[diting@, diting-worker@, diting-scheduler]"


def install_units(store: QuickStore) -> None:
    """Install the worker and the scheduler, and let the owner control them."""
    host = store.host
    host.write("/etc/systemd/system/diting-worker@.service.d/quick.conf", WORKER_DROP_IN)
    host.write("/etc/systemd/system/diting-scheduler.service", SCHEDULER)
    host.must(
        "sed",
        "-i",
        r's,^  return units.test,  if (String(action.lookup("unit")) == "diting-scheduler.service")'
        r" return polkit.Result.YES;\n&,",
        "/etc/polkit-1/rules.d/50-diting.rules",
    )
    host.must("systemctl", "daemon-reload")


def runs_in(store: QuickStore, unit: str) -> str:
    """Return the directory of a unit's main process."""
    pid = store.host.property(unit, "MainPID")
    return store.host.inside("readlink", f"/proc/{pid}/cwd").output.strip()


@scenario("instance-units", "instances: a worker and a scheduler beside them", for_old=False)
def units(hosts: HostFactory, row: Row) -> None:
    """Switch, with workers that die and a scheduler that can't be restarted."""
    with quick_store(hosts) as store:
        install_units(store)
        store.set_up(drain="1s", timeout="6s", units=UNITS)
        for version in ("a", "b"):
            store.put(version, more={"worker.py": WORKER})
            run = store.releases("activate", version)
            expect_status(row, run, 0, version)
            expect_only(row, store, version, version)
            worker = f"diting-worker@{version}.service"
            row.expect(store.host.state(worker) == "active", f"the worker of {version} runs")
            place = runs_in(store, "diting-scheduler.service")
            row.expect(place.endswith(f"/{version}"), f"the scheduler runs {version}: {place}")
        state = store.host.state("diting-worker@a.service")
        row.expect(state == "inactive", f"the worker of a has stopped: {state}")
        before = store.process("b"), store.process("b", "diting-worker@")
        for kind, text in (("once", DIES_AT_ONCE), ("later", DIES_LATER)):
            store.put(kind, more={"worker.py": text})
            run = store.releases("activate", kind)
            row.saw(f"{kind}: {run}")
            expect_status(row, run, 10, f"a worker that dies {kind}", "was never live")
            expect_only(row, store, "b", kind)
            left = store.host.state(f"diting-worker@{kind}.service")
            row.expect(left == "inactive", f"{kind}: its worker is stopped: {left}")
            now = store.process("b"), store.process("b", "diting-worker@")
            row.expect(now == before, f"{kind}: b was not touched: {before}, {now}")
        store.host.write(
            "/etc/systemd/system/diting-scheduler.service",
            SCHEDULER.replace("ExecStart=", "ExecStartPre=/bin/false\nExecStart="),
        )
        store.host.must("systemctl", "daemon-reload")
        store.put("c", more={"worker.py": WORKER})
        run = store.releases("activate", "c")
        row.saw(f"scheduler fails: {run}")
        expect_only(row, store, "c", "the scheduler fails")
        row.saw(f"status: {store.releases('status')}")


@scenario("instance-type-notify", "instances of type notify", for_old=False)
def notify(hosts: HostFactory, row: Row) -> None:
    """Switch to a release that tells systemd when it is ready, and to one that never does."""
    with quick_store(hosts) as store:
        store.host.write("/etc/systemd/system/diting@.service.d/notify.conf", NOTIFY_DROP_IN)
        store.host.must("systemctl", "daemon-reload")
        store.set_up(drain="1s", timeout="4s")
        for version in ("a", "b"):
            store.put(version, NOTIFIES)
            run = store.releases("activate", version)
            expect_status(row, run, 0, version)
            expect_only(row, store, version, version)
        store.put("mute")
        before = store.process("b")
        run = store.releases("activate", "mute")
        row.saw(f"mute: {run}")
        expect_status(row, run, 10, "never ready", "was never live")
        row.expect(run.seconds < 12, f"it fails at the time limit: {run.seconds:.1f} s")
        expect_only(row, store, "b", "never ready", 10)
        row.expect(store.process("b") == before, "b was not touched")


@scenario("instance-drain-removed", "instances: a draining release can't be removed", for_old=False)
def removed(hosts: HostFactory, row: Row) -> None:
    """Remove and prune a release whose instance drains, with a service user of its own."""
    with quick_store(hosts) as store:
        host = store.host
        host.must("useradd", "--system", "--home-dir", "/nonexistent", "diting")
        host.shell("""
            sed -i 's/^User=deploy/User=diting/; s/^Group=deploy/Group=diting/' \\
              /etc/systemd/system/diting@.service
            systemctl daemon-reload""")
        store.set_up(drain="40s", count=1)
        clients, drains = [], []
        for version in ("a", "b", "c"):
            store.put(version)
            if version != "a":
                clients.append(Held(host))
            drains.append(store.begin("activate", version))
            up = wait_until(lambda v=version: store.ask() == v, 20)  # type: ignore[misc]
            row.expect(up, f"{version} serves: {store.state()}")
        wait_until(lambda: False, 1)
        run = store.releases("remove", "a")
        row.expect(run.status == 3, f"a drains and is not removed: {run}")
        run = store.releases("prune", "--keep", "1", "--keep-within", "0d")
        row.saw(f"prune: {run}")
        row.expect("a" in store.entries("releases"), "prune retains a")
        row.expect("200" in clients[0].wait_for_answer(), "a still answers")
        for client in clients:
            client.end()
        for process in drains:
            process.communicate(timeout=60)
        expect_only(row, store, "c", "afterwards")
        expect_status(row, store.releases("remove", "a"), 0, "then it can be removed")
