"""A service without instances is restarted under load, with and without a socket of systemd."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.installation import EXAMPLES
from harness.host.instances.applications import APP
from harness.host.instances.instance_store import observed
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

SOCKET_UNITS = f"""
    install -m 644 {EXAMPLES}/diting.socket /etc/systemd/system/
    install -D -m 644 {EXAMPLES}/diting.service.d/socket.conf \\
      /etc/systemd/system/diting.service.d/socket.conf
    systemctl daemon-reload
    systemctl enable --now diting.socket"""
# With the socket of systemd, a restart may fail the requests that the old process just accepted.
FAILED_PER_RESTART = 1


def restarts(hosts: HostFactory, row: Row, *, has_socket: bool) -> None:
    """Deploy good versions, which restarts the service, and count what fails."""
    with hosts.store() as store:
        if has_socket:
            store.host.shell(SOCKET_UNITS)
        store.host.must("systemctl", "enable", "diting")
        store.deploy(hosts.application.archive("v0", {MODULE: APP}))
        count = hosts.deploys
        with observed(store.host, hosts.rate, link="") as seen:
            for number in range(1, count + 1):
                run = store.deploy(hosts.application.archive(f"v{number}", {MODULE: APP}))
                row.expect(run.status == 0, f"v{number} is deployed, was {run.status}: {run.text}")
        row.saw(f"{count} deploys; {seen.summary()}")
        print(row.seen[-1], flush=True)
        failed = seen.load["failed"] / count
        if has_socket:
            row.expect(
                failed <= FAILED_PER_RESTART,
                f"a restart fails at most {FAILED_PER_RESTART} requests, was {failed:.2f}",
            )
        row.expect(store.serves(f"v{count}"), f"v{count} serves, was {store.version()}")


for name, words in {"restarts": "", "socket-restarts": " with a socket of systemd"}.items():
    scenario(name, f"deploys of a service without instances under load{words}", for_old=False)(
        partial(restarts, has_socket=bool(words))
    )
