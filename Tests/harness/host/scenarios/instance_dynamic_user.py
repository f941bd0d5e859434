"""Instances with `DynamicUser=yes`, in both ways that the guide names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.instances.applications import APP, BAD
from harness.host.instances.instance_store import RUN, InstanceStore, instance_store, observed
from harness.host.scenario import scenario
from harness.host.scenarios.instance_deploys import expect_no_failure
from harness.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

SOCKET = """\
[Unit]
PartOf=diting@%i.service

[Socket]
ListenStream=/run/diting/%i/http.sock
SocketMode=0666
RemoveOnStop=yes
"""
UNIT = "/etc/systemd/system/diting@.service"


def use_dynamic_user(host: Host) -> None:
    """Change the example as the guide says."""
    host.shell(f"""
        sed -i -e 's/^User=.*/DynamicUser=yes/' -e '/^Group=/d' {UNIT}
        grep -q '^DynamicUser=yes$' {UNIT}
        systemctl daemon-reload""")


def use_socket_unit(host: Host) -> None:
    """Let systemd make the sockets too."""
    use_dynamic_user(host)
    host.write("/etc/systemd/system/diting@.socket", SOCKET)
    host.shell(f"""
        sed -i -e 's/^DynamicUser=yes$/&\\nSockets=diting@%i.socket/' -e '/^RuntimeDirectory/d' \\
          -e 's,--uds /run/diting/%i/http.sock,--fd 3,' {UNIT}
        grep -q -- '--fd 3' {UNIT}
        systemctl daemon-reload""")


def expect_alone(row: Row, store: InstanceStore, version: str, when: str) -> None:
    """Expect that a version serves, and that only its instance and its socket are there."""
    live = store.link("current").removeprefix("releases/")
    row.expect(store.serves(version), f"{when}: {version} serves, was {store.version()}")
    is_alone = wait_until(lambda: store.instances() == {live: "active"}, 10)
    row.expect(is_alone, f"{when}: {live} runs alone, were {store.instances()}")
    sockets = store.host.must("sh", "-c", f"ls {RUN}/*/http.sock").split()
    row.expect(sockets == [f"{RUN}/{live}/http.sock"], f"{when}: one socket is left: {sockets}")
    user = store.host.must("ps", "-o", "user=", "-p", store.host.property(unit(live), "MainPID"))
    row.expect(user.strip() not in ("root", "deploy"), f"{when}: a user of its own: {user}")


def unit(release: str) -> str:
    """Return the name of an instance."""
    return f"diting@{release}.service"


@scenario("instance-dynamic-user", "instances with DynamicUser=yes", for_old=False)
def dynamic_user(hosts: HostFactory, row: Row) -> None:
    """Use a directory that systemd makes, and sockets that it makes."""
    for change in (use_dynamic_user, use_socket_unit):
        deploy_and_boot(hosts, row, change)


def deploy_and_boot(hosts: HostFactory, row: Row, change: Callable[[Host], None]) -> None:
    """Deploy good and bad versions, roll back and boot."""
    with instance_store(hosts, "nginx") as store:
        change(store.host)
        store.configure_instances(timeout="4s")
        run = store.deploy(hosts.application.archive("v0", {MODULE: APP}))
        row.expect(run.status == 0, f"the first deploy: {run}")
        expect_alone(row, store, "v0", "first deploy")
        check = store.releases("check")
        row.expect(check.status == 0, f"check finds nothing: {check}")
        with observed(store.host, hosts.rate) as seen:
            for number in range(1, hosts.deploys + 1):
                version = f"v{number}"
                run = store.deploy(hosts.application.archive(version, {MODULE: APP}))
                row.expect(run.status == 0, f"{version} is deployed: {run}")
                expect_alone(row, store, version, version)
            for kind in ("import error", "unhealthy", "hang"):
                name = f"bad-{kind.replace(' ', '-')}"
                run = store.deploy(hosts.application.archive(name, {MODULE: BAD[kind]}))
                row.expect(run.status == 10, f"{kind}: 10, was {run}")
                row.saw(f"{kind}: {run.message}")
            expect_alone(row, store, f"v{hosts.deploys}", "after bad ones")
            run = store.releases("rollback")
            row.expect(run.status == 0, f"rollback: {run}")
            expect_alone(row, store, f"v{hosts.deploys - 1}", "rolled back")
        expect_no_failure(row, seen)
        store.host.must("sync")
        store.host.power_cut()
        store.host.boot()
        expect_alone(row, store, f"v{hosts.deploys - 1}", "after a boot")
        status = store.releases("status")
        row.expect(status.status == 0, f"status: {status}")
