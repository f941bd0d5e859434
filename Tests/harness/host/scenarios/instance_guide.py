"""The commands of the guide for instances, typed in their order on a host that has the package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.host_store import SHARED
from harness.host.instances.applications import APP
from harness.host.instances.debian_packages import NGINX, downloaded, install_packages
from harness.host.instances.instance_store import InstanceStore
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

# Where the front listens beside the old service.
FIRST_PORT = 18000
GUIDE = "/usr/share/doc/releases/guides/instances.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(store: InstanceStore, heading: str) -> list[str]:
    """Return the blocks of a section in their order."""
    text = store.host.must("cat", GUIDE)
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [body for _, body in BLOCK.findall(section)]


@scenario("instance-guide", "the guide for instances, as a new operator types it", for_old=False)
def guide(hosts: HostFactory, row: Row) -> None:
    """Change a service that is restarted into one with instances, and back."""
    for front in ("nginx", "systemd-socket-proxyd"):
        with hosts.store() as plain:
            store, host = InstanceStore(plain.host), plain.host
            run = store.deploy(hosts.application.archive("old", {MODULE: APP}))
            row.expect(run.status == 0, f"the service without instances: {run}")
            former = host.path(f"{store.place}/releases.yaml").read_text()
            set_up(hosts, row, store, front)
            run = store.deploy(hosts.application.archive("new", {MODULE: APP}))
            row.expect(run.status == 0, f"{front}: new is deployed: {run}")
            row.expect(store.serves("new"), f"{front}: new serves, was {store.version()}")
            boot(store)
            row.expect(store.serves("new", 30), f"{front}: new serves after a boot")
            expect_order(row, store, front)
            go_back(row, store, front, former)
    row.saw(
        "nginx and systemd-socket-proxyd: all commands, a deploy, boots, and the return to a "
        "service without instances"
    )


def boot(store: InstanceStore) -> None:
    """Cut the power of the host, and boot it."""
    store.host.must("sync")
    store.host.power_cut()
    store.host.boot()


def expect_order(row: Row, store: InstanceStore, when: str) -> None:
    """Expect that no command reports a problem."""
    for command in ("check", "status"):
        run = store.releases(command)
        row.expect(run.status == 0, f"{when}: {command}: {run}")


def as_owner(row: Row, store: InstanceStore, block: str, when: str) -> None:
    """Type the lines of a block as the owner of the store."""
    for line in block.splitlines():
        run = store.host.as_user("deploy", *line.split())
        row.expect(run.status == 0, f"{when}: {line}: {run}")


def configure(store: InstanceStore, former: str, hooks: str, block: str) -> None:
    """Replace what a block of releases.yaml names, and keep the rest."""
    kept = [line for line in former.splitlines() if line.startswith(("keep:", "shared:"))]
    store.write("releases.yaml", "\n".join(kept) + f"\n{hooks}{block}")
    store.write(SHARED, "token: of the host tests\n")


def prepare_hook(former: str) -> str:
    """Return the key of the hook that is kept."""
    return f"prepare: {re.findall(r'prepare: +({.*})', former)[0]}"


def set_up(hosts: HostFactory, row: Row, store: InstanceStore, front: str) -> None:
    """Let an instance serve beside the old service, and give the port of that to the front."""
    host, examples = store.host, "cd /usr/share/doc/releases/examples\n"
    units, nginx, proxy, service, owner, nginx_port, proxy_port = blocks(store, "Set it up")
    host.shell(units)
    if front == "nginx":
        install_packages(host, downloaded(hosts.downloads, NGINX))
        host.must("rm", "/etc/nginx/sites-enabled/default")
        host.must("systemctl", "restart", "nginx")
    host.shell(examples + (nginx if front == "nginx" else proxy))
    former = host.path(f"{store.place}/releases.yaml").read_text()
    configure(store, former, f"hooks:\n  {prepare_hook(former)}\n", service)
    as_owner(row, store, owner, front)
    row.expect(store.version() == "old", f"{front}: the old service serves: {store.version()}")
    beside = store.get("/version", FIRST_PORT).get("version")
    row.expect(beside == "old", f"{front}: the instance serves beside it: {beside}")
    host.shell(examples + (nginx_port if front == "nginx" else proxy_port))
    row.expect(store.serves("old"), f"{front}: the instance serves: {store.version()}")


def go_back(row: Row, store: InstanceStore, front: str, former: str) -> None:
    """Restart the service without instances, and remove what it does not need."""
    host, when = store.host, f"{front}, the return to a service without instances"
    service, root, last = blocks(store, "Go back to a service without instances")
    hooks = f"hooks:\n  {prepare_hook(former)}\n"
    configure(store, former, "", service.replace("hooks:\n", hooks))
    if front == "nginx":
        host.shell("rm /etc/nginx/conf.d/diting.conf && systemctl reload nginx")
    host.shell(root)
    run = store.releases("restart")
    row.expect(run.status == 0, f"{when}: the service starts: {run}")
    row.expect("systemctl stop" in run.errors, f"{when}: it names the last instance: {run}")
    row.expect(store.serves("new"), f"{when}: new serves, was {store.version()}")
    host.shell(last)
    row.expect(not store.instances(), f"{when}: no instance runs, were {store.instances()}")
    boot(store)
    row.expect(store.serves("new", 30), f"{when}: new serves after a boot")
    row.expect(not store.instances(), f"{when}: no instance is started at boot")
    expect_order(row, store, when)
