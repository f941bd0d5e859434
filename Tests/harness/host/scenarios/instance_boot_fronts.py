"""A host with instances boots under load: how many requests fail once its front listens."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.host_store import PORT
from harness.host.installation import EXAMPLES
from harness.host.instances.applications import APP
from harness.host.instances.instance_store import HERE, InstanceStore, instance_store
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

DROP_IN = "/etc/systemd/system/diting-proxy.service.d/no-wait.conf"
FRONTS = ("nginx", "systemd-socket-proxyd")
# Seconds from the first request to the start of an instance, on a machine under heavy load.
LONGEST_WAIT = 15
REFUSED = "ConnectionRefusedError"


def has_own_network(process: int) -> bool:
    """Return whether a process has begun as the first one of a host."""
    try:
        own, other = (Path(f"/proc/{name}/ns/net").readlink() for name in ("self", process))
    except OSError:
        return False
    return own != other


class BootLoad:
    """Requests from the moment in which a host has a network."""

    def __init__(self, host: Host) -> None:
        """Wait in the background until the host boots."""
        self.host = host
        self.lines: list[tuple[float, float, str]] = []
        self.begun = 0.0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        end = time.monotonic() + 60
        while not has_own_network(self.host.leader) and time.monotonic() < end:
            time.sleep(0.01)
        self.begun = time.monotonic()
        words = ["python3", str(HERE / "boot_load.py"), str(PORT), "2"]
        run = subprocess.run(
            self.host.command_on_network(*words), capture_output=True, text=True, check=True
        )
        self.lines = json.loads(run.stdout)

    def end(self) -> list[tuple[float, float, str]]:
        """Return when each request began and ended, and its result."""
        self.thread.join(180)
        return self.lines


def allow_waiting(host: Host) -> None:
    """Let nginx pass requests that come too early to the proxy, as its example says."""
    host.shell(f"""
        install -D --mode=644 {EXAMPLES}/diting-proxy.socket.d/nginx.conf \\
          /etc/systemd/system/diting-proxy.socket.d/nginx.conf
        systemctl daemon-reload
        systemctl enable --now diting-proxy.socket""")


def boots(row: Row, store: InstanceStore, name: str, number: int) -> list[list[object]]:
    """Cut the power and boot several times; return a row of the table for each boot."""
    rows: list[list[object]] = []
    for _ in range(number):
        store.host.must("sync")
        store.host.power_cut()
        load = BootLoad(store.host)
        store.host.boot()
        lines = load.end()
        first = min((begun for begun, _, result in lines if result != REFUSED), default=0.0)
        good = min((end for _, end, result in lines if result == "200"), default=0.0)
        failed = Counter(result for begun, _, result in lines if begun >= first and result != "200")
        slowest = max((end - begun for begun, end, result in lines if result == "200"), default=0.0)
        rows.append(
            [name, round(first, 2), round(good, 2), sum(failed.values()), round(slowest, 2)]
        )
        row.expect(good > 0, f"{name}: it serves after the boot: {store.live_socket()}")
        print(name, rows[-1], dict(failed), flush=True)
    return rows


def fronts(hosts: HostFactory, row: Row, front: str) -> None:
    """Boot with a front, at first with one that does not let requests wait."""
    with instance_store(hosts, front) as store:
        store.configure_instances()
        run = store.deploy(hosts.application.archive("v1", {MODULE: APP}))
        row.expect(run.status == 0, f"v1 is deployed: {run}")
        number = 2 if hosts.deploys <= 3 else 5
        if front == "nginx":
            rows = boots(row, store, "nginx alone", number)
            allow_waiting(store.host)
        else:
            store.host.write(DROP_IN, "[Service]\nExecStartPre=\n")
            rows = boots(row, store, f"{front} that does not wait", number)
            store.host.must("rm", DROP_IN)
        waiting = boots(row, store, front, number)
        failed = sum(int(str(one[3])) for one in waiting)
        row.expect(failed == 0, f"no request fails once {front} listens, {failed} failed")
        row.saw(
            "; ".join(f"{one[0]}: serves {one[2]} s, {one[3]} failed" for one in rows + waiting)
        )
        row.table(
            "A request every 20 ms while the host boots. Seconds count from the start of systemd.",
            [
                "front",
                "it listens",
                "first good answer",
                "failed in between",
                "slowest good answer",
            ],
            rows + waiting,
        )


for a_front in FRONTS:
    scenario(
        f"instance-boot-front-{a_front}",
        f"instances: requests while a host boots, through {a_front}",
        for_old=False,
    )(partial(fronts, front=a_front))
