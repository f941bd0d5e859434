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

GUIDE = "/usr/share/doc/releases/guides/instances.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(store: InstanceStore, heading: str) -> list[str]:
    """Return the blocks of a section in their order."""
    text = store.host.must("cat", GUIDE)
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [body for _, body in BLOCK.findall(section)]


@scenario("instance-guide", "the guide for instances, as a new operator types it", for_old=False)
def guide(hosts: HostFactory, row: Row) -> None:
    """Change a service that is restarted into one with instances."""
    for front in ("nginx", "systemd-socket-proxyd"):
        with hosts.store() as plain:
            store, host = InstanceStore(plain.host), plain.host
            run = store.deploy(hosts.application.archive("old", {MODULE: APP}))
            row.expect(run.status == 0, f"the service without instances: {run}")
            units, nginx, proxy, service, owner = blocks(store, "Set it up")
            host.shell(units)
            if front == "nginx":
                install_packages(host, downloaded(hosts.downloads, NGINX))
                host.must("rm", "/etc/nginx/sites-enabled/default")
                host.must("systemctl", "restart", "nginx")
            # The port is that of the old service until it is stopped.
            host.must("systemctl", "stop", "diting.service")
            host.shell(
                "cd /usr/share/doc/releases/examples\n" + (nginx if front == "nginx" else proxy)
            )
            former = host.path(f"{store.place}/releases.yaml").read_text()
            kept = [line for line in former.splitlines() if line.startswith(("keep:", "shared:"))]
            prepare = re.findall(r"prepare: +(\{.*\})", former)[0]
            hooks = f"hooks:\n  prepare: {prepare}\n"
            store.write("releases.yaml", "\n".join(kept) + f"\n{hooks}{service}")
            store.write(SHARED, "token: of the host tests\n")
            for line in owner.splitlines():
                run = host.as_user("deploy", *line.split())
                row.expect(run.status == 0, f"{front}: {line}: {run}")
            row.expect(store.serves("old"), f"{front}: the live release serves: {store.version()}")
            host.must("systemctl", "disable", "--now", "diting.service")
            run = store.deploy(hosts.application.archive("new", {MODULE: APP}))
            row.expect(run.status == 0, f"{front}: new is deployed: {run}")
            row.expect(store.serves("new"), f"{front}: new serves, was {store.version()}")
            host.must("sync")
            host.power_cut()
            host.boot()
            row.expect(store.serves("new", 30), f"{front}: new serves after a boot")
            check = store.releases("check")
            row.expect(check.status == 0, f"{front}: check: {check}")
            status = store.releases("status")
            row.expect(status.status == 0, f"{front}: status: {status}")
    row.saw("nginx and systemd-socket-proxyd: all commands, a deploy and a boot")
