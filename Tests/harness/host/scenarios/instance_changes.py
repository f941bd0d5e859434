"""The configuration of instances changes between two switches, and no request fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.host.instances.instance_store import LIVE, RUN, SOCKET
from harness.host.instances.quick import (
    DIES,
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

UNITS = "/etc/systemd/system"


def install_template(store: QuickStore, name: str, socket: str = SOCKET) -> None:
    """Install a copy of the unit under another name, whose instances listen at another socket."""
    path = socket.replace("{id}", "%i")
    directory = path.removeprefix("/run/").rpartition("/")[0]
    store.host.shell(f"""
        mkdir -p {UNITS}/{name}@.service.d
        sed 's,^RuntimeDirectory=.*,RuntimeDirectory={directory},' \\
          {UNITS}/diting@.service > {UNITS}/{name}@.service
        sed 's,/run/diting/%i/http.sock,{path},' \\
          {UNITS}/diting@.service.d/quick.conf > {UNITS}/{name}@.service.d/quick.conf
        sed -i 's/diting(-worker)/(diting|web)(-worker)/' /etc/polkit-1/rules.d/50-diting.rules
        systemctl daemon-reload""")


def running(store: QuickStore) -> list[str]:
    """Return the units of all templates that run."""
    lines = store.host.must(
        *("systemctl", "list-units", "--plain", "--no-legend", "--state=active"),
        *("diting@*", "web@*", "diting-worker@*"),
    )
    return sorted(line.split()[0] for line in lines.splitlines())


def expect_running(row: Row, store: QuickStore, units: list[str], when: str) -> None:
    """Expect that these units run, and no others."""
    row.expect(
        wait_until(lambda: running(store) == units, 5), f"{when}: {units} run: {running(store)}"
    )


@scenario(
    "instance-change-template",
    "instances: service.unit changes, and the old instances drain",
    for_old=False,
)
def template(hosts: HostFactory, row: Row) -> None:
    """Change the template, switch again meanwhile, and change it back."""
    with quick_store(hosts) as store:
        install_template(store, "web")
        store.set_up(drain="4s")
        for version in ("a", "b", "c", "d", "e"):
            store.put(version)
        expect_status(row, store.releases("activate", "a"), 0, "a")
        kept = Held(store.host)
        store.set_up(drain="4s", units="web@")
        start = time.time()
        first = store.begin("activate", "b")
        row.expect(wait_until(lambda: store.ask() == "b", 20), f"b serves: {store.state()}")
        wait_until(lambda: False, 1)
        # Another switch, while an instance of the earlier template drains.
        run = store.releases("activate", "c")
        expect_status(row, run, 0, "c")
        out, errors = first.communicate(timeout=60)
        row.expect(first.returncode == 0, f"b: {first.returncode} {out} {errors}")
        closed = kept.closed() - start
        # The new instance is watched for 1.5 s before the links move.
        row.expect(closed >= 5, f"the old template's instance drains: {closed:.1f} s: {out}")
        expect_running(row, store, ["web@c.service"], "after two switches")
        row.expect("warning" not in errors + run.errors, f"no warning: {errors} {run.errors}")
        # Killed after the rename: the next command stops what the earlier template has left.
        kept = Held(store.host)
        store.set_up(drain="4s")
        start = time.time()
        run = store.releases("activate", "d")
        expect_status(row, run, 0, "back to the first template")
        closed = kept.closed() - start
        row.expect(closed >= 5, f"it drains, too: {closed:.1f} s")
        expect_only(row, store, "d", "back")
        expect_running(row, store, ["diting@d.service"], "back")
        # One unit more, and one unit less: the instance is the same.
        for units, names in (
            ("[diting@, web@]", ["diting@e.service", "web@e.service"]),
            ("diting@", ["diting@d.service"]),
        ):
            if units != "diting@":
                install_template(store, "web", "/run/web/{id}/http.sock")
            store.set_up(drain="4s", units=units)
            new = names[0].removeprefix("diting@").removesuffix(".service")
            kept = Held(store.host)
            start = time.time()
            expect_status(row, store.releases("activate", new), 0, units)
            closed = kept.closed() - start
            row.expect(closed >= 5, f"{units}: it drains: {closed:.1f} s")
            expect_running(row, store, names, units)
        recovered = store.releases("recover")
        row.expect(not recovered.output, f"nothing is left: {recovered}")


@scenario(
    "instance-change-template-exclusive",
    "instances: service.unit changes with overlap: false",
    for_old=False,
)
def template_exclusive(hosts: HostFactory, row: Row) -> None:
    """Change the template of an application of which only one may run."""
    with quick_store(hosts) as store:
        install_template(store, "web")
        more = "  overlap: false\n"
        store.set_up(more=more)
        for version in ("a", "b"):
            store.put(version)
        store.put("bad", DIES)
        expect_status(row, store.releases("activate", "a"), 0, "a")
        store.set_up(more=more, units="web@")
        run = store.releases("activate", "bad")
        expect_status(row, run, 10, "one that fails its rehearsal")
        expect_running(row, store, ["diting@a.service"], "the rehearsal has failed")
        row.expect(store.ask() == "a", f"a serves: {store.state()}")
        # The owner may not start one of them, and the other one is not installed.
        install_template(store, "denied")
        for name in ("denied", "missing"):
            store.set_up(more=more, units=f"{name}@")
            run = store.releases("activate", "b")
            row.expect(run.status in (1, 3), f"{name}: the host refuses the start: {run}")
            for when in ("refused", "recovered"):
                expect_running(row, store, ["diting@a.service"], f"{name}, {when}")
                row.expect(store.ask() == "a", f"{name}, {when}: a serves: {store.state()}")
                store.releases("recover")
        store.set_up(more=more, units="web@")
        run = store.releases("activate", "b")
        expect_status(row, run, 0, "b")
        expect_running(row, store, ["web@b.service"], "b is live")
        row.expect(store.ask() == "b", f"b serves: {store.state()}")
        log = store.host.must(
            *("journalctl", "--output=cat", "--unit=diting@a.service", "--unit=web@b.service")
        ).splitlines()
        moments = [number for number, line in enumerate(log) if line.startswith("Stopped ")]
        # The rehearsal starts beside a, and b itself after it.
        started = [number for number, line in enumerate(log) if line.startswith("Started ")]
        stopped = [number for number in moments if "release a" in log[number]]
        row.expect(bool(stopped) and stopped[-1] < started[-1], f"a stops before b starts: {log}")


@scenario(
    "instance-change-socket",
    "instances: service.socket changes, and connections are counted at the old one",
    for_old=False,
)
def socket(hosts: HostFactory, row: Row) -> None:
    """Change the socket without clients, with one, and roll back meanwhile."""
    with quick_store(hosts) as store:
        store.set_up(drain="20s")
        for version in ("a", "b", "c"):
            store.put(version)
        expect_status(row, store.releases("activate", "a"), 0, "a")
        new_socket = f"{RUN}/{{id}}/app.sock"
        store.host.must(
            *("sed", "-i", "s/http.sock/app.sock/"), f"{UNITS}/diting@.service.d/quick.conf"
        )
        store.host.must("systemctl", "daemon-reload")
        store.set_up(drain="20s", socket=new_socket)
        run = store.releases("activate", "b")
        expect_status(row, run, 0, "b, without clients")
        row.expect(run.seconds < 10, f"the idle instance stops early: {run.seconds:.1f} s: {run}")
        expect_running(row, store, ["diting@b.service"], "b")
        store.host.must(
            *("sed", "-i", "s/app.sock/http.sock/"), f"{UNITS}/diting@.service.d/quick.conf"
        )
        store.host.must("systemctl", "daemon-reload")
        store.set_up(drain="4s")
        kept = Held(store.host)
        start = time.time()
        process = store.begin("activate", "c")
        row.expect(wait_until(lambda: store.ask() == "c", 20), f"c serves: {store.state()}")
        # b drains at a socket that is no longer configured, so the rollback starts it anew.
        run = store.releases("rollback")
        expect_status(row, run, 0, "rollback to a release that drains at the old socket")
        process.communicate(timeout=60)
        closed = kept.closed() - start
        row.expect(closed >= 5, f"b drains first: {closed:.1f} s")
        expect_only(row, store, "b", "rolled back")


@scenario(
    "instance-change-live",
    "instances: service.live changes, and the old link still points to the live release",
    for_old=False,
)
def live(hosts: HostFactory, row: Row) -> None:
    """Change only the link, and switch twice."""
    with quick_store(hosts) as store:
        store.set_up(drain="1s")
        for version in ("a", "b", "c"):
            store.put(version)
        expect_status(row, store.releases("activate", "a"), 0, "a")
        new = f"{RUN}/front.sock"
        store.set_up(drain="1s", live=new)
        run = store.releases("activate", "b")
        expect_status(row, run, 0, "b", new)
        row.expect(LIVE in run.errors, f"the old link is named: {run}")
        for version in ("b", "c"):
            row.expect(store.ask() == version, f"{version} serves at the old link: {store.state()}")
            words = ("curl", "--silent", "--max-time", "3", "--unix-socket", new, "http://x/")
            answer = store.host.inside(*words).output
            row.expect(f'"{version}"' in answer, f"{version} serves at the new link: {answer}")
            if version == "b":
                run = store.releases("activate", "c")
                expect_status(row, run, 0, "c")
                row.expect(LIVE not in run.errors, f"only the first switch warns: {run}")
        recovered = store.releases("recover")
        row.expect(not recovered.output, f"nothing is left: {recovered}")
        status = store.releases("status")
        row.expect(status.status == 0, f"status: {status}")
