"""A store whose releases run as instances, on a host set up with the shipped examples."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.host.host_store import PORT, UV_SYNC, HostStore
from harness.host.installation import EXAMPLES
from harness.host.instances.debian_packages import NGINX, downloaded, install_packages
from harness.processes import children, wait_until
from harness.repository import HARNESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

HERE = HARNESS / "host/instances"
RUN = "/run/diting"
LIVE = f"{RUN}/live.sock"
SOCKET = f"{RUN}/{{id}}/http.sock"
FRONTS = ("nginx", "nginx keepalive", "systemd-socket-proxyd")

CONFIGURATION = """\
keep: {{count: 5, age: 7d}}
shared: {{files: [config/wechat.yaml]}}
service:
  unit: {units}
  socket: {socket}
  live: {live}
  drain: {drain}
  {more}
hooks:
  prepare: {{run: "{prepare}", timeout: 2m}}
health:
  url: http://localhost/health
  json: {{status: healthy}}
  timeout: {timeout}
  interval: 200ms
verify: {{ignore: ["**/__pycache__/**"]}}
"""


def install_instances(host: Host) -> None:
    """Install the shipped units, the polkit rule and the directory of the link."""
    host.shell(f"""
        install --mode=644 {EXAMPLES}/diting@.service {EXAMPLES}/diting-worker@.service \\
          {EXAMPLES}/diting-proxy.socket {EXAMPLES}/diting-proxy.service /etc/systemd/system/
        install --mode=644 {EXAMPLES}/tmpfiles/diting.conf /etc/tmpfiles.d/
        install --mode=644 {EXAMPLES}/polkit/50-diting.rules /etc/polkit-1/rules.d/
        systemctl daemon-reload
        systemd-tmpfiles --create /etc/tmpfiles.d/diting.conf""")


def install_front(hosts: HostFactory, host: Host, front: str) -> None:
    """Let a front listen on port 17999."""
    if front == "systemd-socket-proxyd":
        host.must("systemctl", "enable", "--now", "diting-proxy.socket")
        return
    install_packages(host, downloaded(hosts.downloads, NGINX))
    host.must("rm", "/etc/nginx/sites-enabled/default")
    host.must("install", "--mode=644", f"{EXAMPLES}/nginx/diting.conf", "/etc/nginx/conf.d/")
    if front == "nginx keepalive":
        host.must("sed", "-i", "s/^    #keepalive/    keepalive/", "/etc/nginx/conf.d/diting.conf")
    host.must("systemctl", "restart", "nginx")
    host.must("systemctl", "enable", "nginx")


class InstanceStore(HostStore):
    """A store whose service is a template unit."""

    def configure_instances(self, **changes: str) -> None:
        """Write releases.yaml for instances; see instances_text."""
        self.write("releases.yaml", self.instances_text(**changes))

    @staticmethod
    def instances_text(**changes: str) -> str:
        """Return a releases.yaml for instances, in which some values differ from the shipped ones.

        more: another line of the section `service`.
        """
        values = {
            "units": "diting@",
            "socket": SOCKET,
            "live": LIVE,
            "drain": "15s",
            "more": "overlap: true",
            "prepare": UV_SYNC,
            "timeout": "5s",
        }
        return CONFIGURATION.format(**(values | changes))

    def live(self) -> str:
        """Return the ID of the live release."""
        return self.link("current").removeprefix("releases/")

    def process(self, release: str, template: str = "diting@") -> str:
        """Return the main process of an instance, and how often systemd has restarted it."""
        unit = f"{template}{release}.service"
        return f"{self.host.property(unit, 'MainPID')} {self.host.property(unit, 'NRestarts')}"

    def instances(self) -> dict[str, str]:
        """Return the state of each instance that is not inactive, by release ID."""
        words = ["list-units", "--output=json", "--all", "diting@*.service"]
        units = json.loads(self.host.must("systemctl", *words))
        return {
            unit["unit"].removeprefix("diting@").removesuffix(".service"): unit["active"]
            for unit in units
            if unit["active"] != "inactive"
        }

    def live_socket(self) -> str:
        """Return what the live link points to; an empty text if it does not exist."""
        return self.host.inside("readlink", LIVE).output.strip()

    def sockets(self) -> list[str]:
        """Return the names in the directory of the link."""
        return self.host.must("ls", "-A", RUN).split()


def expect_live_only(row: Row, store: InstanceStore, when: str, seconds: float = 5) -> str:
    """Expect exactly the instance of the live release, and return that release's ID."""
    current = store.live()
    is_alone = wait_until(lambda: store.instances() == {current: "active"}, seconds)
    row.expect(is_alone, f"{when}: {current} runs and nothing else, were {store.instances()}")
    target = store.live_socket()
    row.expect(f"{current}/http.sock" in target, f"{when}: live is {current}'s, was {target}")
    names = store.sockets()
    row.expect(names == sorted((current, "live.sock")), f"{when}: no socket is left: {names}")
    return current


@contextmanager
def instance_store(hosts: HostFactory, front: str) -> Iterator[InstanceStore]:
    """Boot a host with the shipped examples and a front, and yield its store."""
    with hosts.store() as plain:
        install_instances(plain.host)
        install_front(hosts, plain.host, front)
        yield InstanceStore(plain.host)


class Background:
    """A program of the harness on the host, which prints a JSON document when it is ended."""

    def __init__(self, host: Host, name: str, *arguments: str) -> None:
        """Copy and start it as root."""
        self.name = name
        inside = host.copy_in(HERE / name, f"/srv/harness/{name}")
        self.process = host.begin(host.command("python3", "-u", inside, *arguments))

    def end(self) -> Any:
        """End it, and return its document."""
        # nsenter has started it as a child, and does not pass signals on.
        for child in children(self.process.pid):
            os.kill(child, signal.SIGTERM)
        try:
            output, errors = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, errors = self.process.communicate()
        try:
            return json.loads(output)
        except ValueError:
            raise RuntimeError(f"{self.name}: {output} {errors}") from None


class Observed:
    """Load and a reader of the link, while the `with` statement of `observed` runs."""

    def __init__(self) -> None:
        self.load: dict[str, Any] = {}
        self.watch: dict[str, Any] = {}

    def summary(self) -> str:
        """Return one line of the counts."""
        load = self.load
        return (
            f"{load['failed']} of {load['requests']} failed ({load['repeated']} repeated), worst "
            f"{load['worst'] * 1000:.0f} ms, p99 {load['p99'] * 1000:.0f} ms, "
            f"median {load['p50'] * 1000:.1f} ms; link: {len(self.watch.get('gaps', []))} gaps "
            f"in {self.watch.get('tries', 0)} tries; {load['failures']}"
        )


@contextmanager
def observed(host: Host, rate: float = 150, *, link: str = LIVE) -> Iterator[Observed]:
    """Send requests to port 17999, and connect to the link again and again."""
    seen = Observed()
    watch = Background(host, "watch_live.py", link) if link else None
    load = Background(host, "load.py", str(PORT), str(rate))
    try:
        wait_until(lambda: False, 1)
        yield seen
        wait_until(lambda: False, 1)
    finally:
        seen.load = load.end()
        if watch:
            seen.watch = watch.end()
