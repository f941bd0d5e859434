"""CI deploys over SSH with a key that may do nothing else."""

from __future__ import annotations

import hashlib
import subprocess
from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import DIES, HANGS, MODULE
from harness.host.scenario import scenario
from harness.host.ssh_key import Key
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

REFUSED = 3
FORBIDDEN = (
    "sh",
    "id; releases status",
    "releases prune",
    "releases deploy /etc/passwd",
    "releases --store /srv/other status",
)


def is_live(store: HostStore, version: str) -> bool:
    """Return whether a version is live."""
    return store.live_version() == version


@scenario("ssh", "CI deploys over SSH with a forced command", in_slice=True)
def deploys(hosts: HostFactory, row: Row) -> None:
    """Deploy good and bad versions over SSH, and try what is forbidden."""
    with hosts.store() as store:
        key = Key(store.host, hosts.place / "key")
        for version, app, status in (("good1", None, 0), ("good2", None, 0), ("bad", DIES, 10)):
            archive = hosts.application.archive(version, {MODULE: app} if app else None)
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            with archive.open("rb") as stream:
                run = store.host.run(
                    key.client(f"releases deploy - --ref {version} --sha256 {digest} --json"),
                    stream,
                )
            row.expect(run.status == status, f"{version}: {status}, was {run.status}: {run.text}")
            expected = "good2" if version == "bad" else version
            row.expect(store.version() == expected, f"{expected} serves, was {store.version()}")
            row.saw(f"{version}: status {run.status} after {run.seconds:.1f} s")
        history = store.releases("history").output
        row.expect("github" in history, f"history names the key: {history}")
        for command in FORBIDDEN:
            run = store.host.run(key.client(command))
            row.expect(run.status == REFUSED, f"'{command}' is refused, was {run.status}")


@scenario("abort", "`abort` over SSH while a deploy waits for its health check")
def abort(hosts: HostFactory, row: Row) -> None:
    """Abort a deploy over SSH."""
    with hosts.store() as store:
        key = Key(store.host, hosts.place / "key")
        store.deploy(hosts.application.archive("good"))
        store.configure(timeout="60s")
        archive = hosts.application.archive("hangs", {MODULE: HANGS})
        with archive.open("rb") as stream:
            client = subprocess.Popen(
                key.client("releases deploy -"),
                stdin=stream,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        waits = wait_until(lambda: store.live_version() == "hangs", 20)
        row.expect(waits, "the new version is live and unconfirmed")
        run = store.host.run(key.client("releases abort --reason wrong"))
        row.expect(run.status == 0, f"abort is 0, was {run.status}: {run.text}")
        printed = client.communicate(timeout=60)[0]
        row.expect(client.returncode == 10, f"the deploy ends with 10, was {client.returncode}")
        row.expect(store.version() == "good", f"good serves, was {store.version()}")
        row.saw(f"abort: {run.text}; deploy: {printed.strip()[-200:]}")


@scenario("cut-client", "the client is killed while a deploy waits for its health check")
def killed_client(hosts: HostFactory, row: Row) -> None:
    """Kill the SSH client; the deploy on the host goes on."""
    with hosts.store() as store:
        key = Key(store.host, hosts.place / "key")
        store.deploy(hosts.application.archive("good"))
        for version, app, serves in (("hangs", HANGS, "good"), ("next", None, "next")):
            archive = hosts.application.archive(version, {MODULE: app} if app else None)
            with archive.open("rb") as stream:
                client = subprocess.Popen(
                    key.client("releases deploy -"),
                    stdin=stream,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            begun = wait_until(partial(is_live, store, version), 20, 0.01)
            row.expect(begun, f"{version} is live and unconfirmed")
            client.kill()
            client.wait()

            def has_ended() -> bool:
                return store.host.inside("pgrep", "-f", "^releases deploy").status != 0

            row.expect(wait_until(has_ended, 30), "the deploy ends without the client")
            row.expect(store.serves(serves, 5), f"{serves} serves, was {store.version()}")
            status = store.releases("status")
            row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
            row.saw(f"{version}: {store.version()} serves; {store.last()['outcome']}")
