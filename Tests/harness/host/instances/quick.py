"""A store whose instances start in a few milliseconds, and clients that keep their connections."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.host.instances.instance_store import (
    LIVE,
    RUN,
    SOCKET,
    InstanceStore,
    expect_live_only,
    install_front,
    install_instances,
)
from harness.processes import children

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping

    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row
    from harness.processes import Run

APP = '''\
"""Serves HTTP on a Unix socket with threads. /slow/N answers after N seconds.

On SIGTERM it answers the requests that it has read, and ends.
"""

import os, signal, socket, sys, threading, time

VERSION = open("VERSION").read().strip()
STATUS = "healthy"
busy, stopping = set(), threading.Event()
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
server.listen(512)


def serve(client):
    stream = client.makefile("rb")
    while True:
        line = stream.readline()
        if not line:
            return
        length = 0
        while (header := stream.readline()).strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        stream.read(length)
        busy.add(client)
        path = line.split()[1].decode()
        if path.startswith("/slow/"):
            time.sleep(float(path.split("/")[2]))
        body = ('{"version":"%s","status":"%s"}' % (VERSION, STATUS)).encode()
        closes = b"Connection: close\\r\\n" if stopping.is_set() else b""
        client.sendall(
            b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s" % (len(body), closes, body)
        )
        busy.discard(client)
        if closes:
            return


def run(client):
    try:
        serve(client)
    except OSError:
        pass
    busy.discard(client)
    client.close()


def stop(*_):
    stopping.set()
    server.setblocking(False)


signal.signal(signal.SIGTERM, stop)
while True:
    try:
        threading.Thread(target=run, args=(server.accept()[0],), daemon=True).start()
    except BlockingIOError:
        break
    if stopping.is_set():
        server.setblocking(False)
time.sleep(0.05)
end = time.monotonic() + 20
while busy and time.monotonic() < end:
    time.sleep(0.01)
os._exit(0)
'''

UNHEALTHY = APP.replace('STATUS = "healthy"', 'STATUS = "degraded"')
DIES = "raise SystemExit(3)\n"
HANGS = "import time\ntime.sleep(600)\n"

DROP_IN = """\
[Service]
ExecStart=
ExecStart=/usr/bin/python3 -I -S -B app.py /run/diting/%i/http.sock
"""

# Connects to the socket of the live instance, and asks again and again on the same connection.
HOLD = """
import os, socket, sys, time
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
stream = client.makefile("rb")
while True:
    try:
        client.sendall(b"GET %s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" % sys.argv[2].encode())
        line = stream.readline()
    except OSError:
        line = b""
    if not line:
        print("closed", time.time(), flush=True)
        break
    length = 0
    while (header := stream.readline()).strip():
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    print(line.split()[1].decode(), stream.read(length).decode(), time.time(), flush=True)
    time.sleep(float(sys.argv[3]))
"""


class Held:
    """A client on the host that keeps one connection."""

    def __init__(self, host: Host, path: str = "/version", pause: float = 0.2) -> None:
        """Connect through the link, and wait for the first answer."""
        words = ["python3", "-I", "-S", "-u", "-c", HOLD, LIVE, path, str(pause)]
        self.process: subprocess.Popen[str] = host.begin(host.command(*words))
        self.lines: list[str] = []
        self.wait_for_answer()

    def wait_for_answer(self) -> str:
        """Return the next line that the client prints."""
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        self.lines.append(line)
        return line

    def closed(self) -> float:
        """End the client, and return when its connection was closed; infinity if it was not."""
        words = (line.split() for line in self.end())
        return next((float(line[1]) for line in words if line[:1] == ["closed"]), float("inf"))

    def end(self) -> list[str]:
        """End the client, and return what it printed."""
        # nsenter has started it as a child, and ends with it. Without nsenter, no process would
        # wait for the child, and the host could not end.
        for child in children(self.process.pid):
            os.kill(child, signal.SIGKILL)
        output, errors = self.process.communicate()
        self.lines += output.splitlines() + errors.splitlines()[-1:]
        return self.lines


CONFIGURATION = """\
keep: {{count: {count}, age: 7d}}
service:
  unit: {units}
  socket: {socket}
  live: {live}
  drain: {drain}
{more}health:
  url: http://localhost/health
  json: {{status: healthy}}
  timeout: {timeout}
  interval: 100ms
"""


class QuickStore(InstanceStore):
    """A store whose application is a short program of Python."""

    def __init__(self, hosts: HostFactory, host: Host) -> None:
        """Keep what makes archives."""
        super().__init__(host)
        self.hosts = hosts

    def set_up(
        self,
        drain: str = "3s",
        timeout: str = "5s",
        units: str = "diting@",
        more: str = "",
        count: int = 9,
        socket: str = SOCKET,
        live: str = LIVE,
    ) -> None:
        """Write releases.yaml; `more` has lines of the section `service`."""
        values = {"drain": drain, "timeout": timeout, "units": units, "more": more}
        places = {"count": count, "socket": socket, "live": live}
        self.write("releases.yaml", CONFIGURATION.format(**values, **places))

    def archive(self, version: str, app: str = APP, more: Mapping[str, str] | None = None) -> str:
        """Make the archive of a version, and return its path on the host."""
        archive = self.hosts.application.archive(version, {"app.py": app, **(more or {})})
        return self.host.copy_in(archive, f"/srv/in/{archive.name}")

    def put(self, version: str, app: str = APP, more: Mapping[str, str] | None = None) -> None:
        """Unpack a release that has its version as ID."""
        run = self.releases("unpack", self.archive(version, app, more), "--id", version)
        if run.status != 0:
            raise RuntimeError(f"{version}: {run}")

    def ask(self) -> str:
        """Return the version that answers at the link; '-' for none."""
        words = ["curl", "--silent", "--max-time", "3", "--unix-socket", LIVE, "http://x/version"]
        try:
            return str(json.loads(self.host.inside(*words).output)["version"])
        except ValueError:
            return "-"

    def state(self) -> str:
        """Return what a failure needs to show."""
        return (
            f"current {self.live()}, previous {self.link('previous')}, live {self.live_socket()}, "
            f"instances {self.instances()}, {RUN}: {self.sockets()}"
        )

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command of the tool."""
        return self.host.begin(self.command(*words))


def expect_only(row: Row, store: QuickStore, release: str, when: str, seconds: float = 5) -> None:
    """Expect that a release is live, and that its instance serves and no other one runs."""
    live = expect_live_only(row, store, when, seconds)
    ok = live == release and store.ask() == release
    row.expect(ok, f"{when}: {release} alone serves: {store.state()}")


def expect_status(row: Row, run: Run, status: int, what: str, words: str = "") -> None:
    """Expect an exit status, and words in what was printed."""
    ok = run.status == status and words in run.text
    row.expect(ok, f"{what}: {status} and '{words}', was {run.status}: {run.text}")


@contextmanager
def quick_store(hosts: HostFactory, front: str = "") -> Iterator[QuickStore]:
    """Boot a host, and yield a store whose instances start fast."""
    with hosts.store() as plain:
        install_instances(plain.host)
        plain.host.write("/etc/systemd/system/diting@.service.d/quick.conf", DROP_IN)
        plain.host.must("systemctl", "daemon-reload")
        if front:
            install_front(hosts, plain.host, front)
        store = QuickStore(hosts, plain.host)
        store.set_up()
        yield store
