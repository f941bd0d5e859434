"""The variants of instances that the guide describes: other users, workers and notifications."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.instances.applications import APP, NOTIFIES, WORKER, WORKS
from harness.host.instances.instance_store import (
    SOCKET,
    InstanceStore,
    expect_live_only,
    instance_store,
    observed,
)
from harness.host.scenario import scenario
from harness.host.scenarios.instance_deploys import expect_no_failure
from harness.processes import wait_until
from harness.repository import ROOT

if TYPE_CHECKING:
    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

UNIT = "/etc/systemd/system/diting@.service"


def guide_block(language: str, first: str) -> str:
    """Return the block of the guide that begins with a line."""
    text = (ROOT / "man/guides/instances.md").read_text()
    start = text.index(f"```{language}\n{first}") + len(f"```{language}\n")
    return text[start : text.index("```", start)]


def dynamic_user(host: Host) -> None:
    """Let the instances run as a user that systemd makes, with a socket of systemd."""
    host.write("/etc/systemd/system/diting@.socket", guide_block("ini", "# diting@.socket\n"))
    host.shell(f"""
        sed -i -e 's/^User=.*/DynamicUser=yes/; /^Group=/d; /^RuntimeDirectory/d' \\
          -e 's,--uds /run/diting/%i/http.sock,--fd 3,' \\
          -e 's/^Type=exec/&\\nSockets=diting@%i.socket/' {UNIT}
        chmod o+x /home/deploy
        chmod -R o+rX /opt/diting/shared
        systemctl daemon-reload""")


def notifies(host: Host) -> None:
    """Let systemd wait until the application says that it is ready."""
    host.shell(f"sed -i 's/^Type=exec/Type=notify/' {UNIT} && systemctl daemon-reload")


def several_processes(host: Host) -> None:
    """Let two processes answer."""
    host.shell(f"sed -i 's/^ExecStart=.*/& --workers 2/' {UNIT} && systemctl daemon-reload")


def with_worker(_: Host) -> None:
    """Use the shipped unit of a worker as it is."""


def variant(hosts: HostFactory, row: Row, name: str) -> None:
    """Deploy two versions and switch back, under load."""
    set_up, app = {
        "dynamic": (dynamic_user, APP),
        "notify": (notifies, NOTIFIES),
        "processes": (several_processes, APP),
        "worker": (with_worker, APP),
    }[name]
    units = "[diting@, diting-worker@]" if name == "worker" else "diting@"
    with instance_store(hosts, "nginx") as store:
        set_up(store.host)
        store.configure_instances(units=units)
        files = {MODULE: app, WORKER: WORKS}
        first = store.deploy(hosts.application.archive("v0", files))
        row.expect(first.status == 0, f"v0 is deployed, was {first.status}: {first.text}")
        with observed(store.host, hosts.rate) as seen:
            for number in range(1, hosts.deploys + 1):
                run = store.deploy(hosts.application.archive(f"v{number}", files))
                row.expect(run.status == 0, f"v{number} is deployed, was {run.status}: {run.text}")
                row.expect(store.version() == f"v{number}", f"v{number}, was {store.version()}")
            run = store.releases("rollback")
            row.expect(run.status == 0, f"rollback is 0, was {run.status}: {run.text}")
        expect_no_failure(row, seen)
        if name == "dynamic":
            # systemd leaves the empty directories of sockets that it has made itself.
            store.host.must(
                "find", "/run/diting", "-mindepth", "1", "-type", "d", "-empty", "-delete"
            )
        current = expect_live_only(row, store, "afterwards")
        if name == "worker":
            expect_one_worker(row, store, current)


def expect_one_worker(row: Row, store: InstanceStore, current: str) -> None:
    """Expect that the worker of the live release runs, and that it ends with its instance."""

    def workers() -> list[str]:
        words = ["list-units", "--plain", "--no-legend", "diting-worker@*"]
        lines = store.host.must("systemctl", *words).splitlines()
        return [line.split()[0] for line in lines]

    row.expect(workers() == [f"diting-worker@{current}.service"], f"one runs: {workers()}")
    store.host.must("systemctl", "stop", f"diting@{current}")
    row.expect(wait_until(lambda: not workers(), 5), f"it ends with its instance: {workers()}")


def owners_units(hosts: HostFactory, row: Row) -> None:
    """Let the systemd of the owner run the instances, without any rule."""
    with hosts.store() as plain:
        store, host = InstanceStore(plain.host), plain.host
        run_time = f"/run/user/{host.must('id', '-u', 'deploy').strip()}"
        host.write(
            "/home/deploy/.config/systemd/user/diting@.service",
            guide_block("ini", "# ~/.config/systemd/user/diting@.service\n"),
        )
        host.must("chown", "-R", "deploy:", "/home/deploy/.config")
        host.must("loginctl", "enable-linger", "deploy")
        row.expect(
            wait_until(lambda: not host.inside("test", "-S", f"{run_time}/bus").status, 10), ""
        )
        live = f"{run_time}/diting.sock"
        text = store.instances_text(
            socket=SOCKET.replace("/run", run_time, 1), live=live, more="manager: user"
        )
        store.write("releases.yaml", text)
        for version in ("v1", "v2"):
            run = store.deploy(hosts.application.archive(version, {MODULE: APP}))
            row.expect(run.status == 0, f"{version} is deployed, was {run.status}: {run.text}")
            answer = host.as_user(
                "deploy", "curl", "--silent", "--unix-socket", live, "http://localhost/version"
            )
            row.expect(f'"{version}"' in answer.output, f"{version} serves, was {answer}")
        bad = store.deploy(hosts.application.archive("bad", {MODULE: "import absent\n" + APP}))
        row.expect(bad.status == 10, f"a bad one is 10, was {bad.status}: {bad.text}")
        row.saw(host.must("ls", "-l", live).strip())


for a_name, title in {
    "dynamic": "with DynamicUser and sockets of systemd",
    "notify": "with Type=notify",
    "processes": "of several processes",
    "worker": "with a worker",
}.items():
    scenario(f"instance-with-{a_name}", f"instances {title}", for_old=False)(
        partial(variant, name=a_name)
    )
scenario("instance-owners-units", "instances as units of the store's owner", for_old=False)(
    owners_units
)
