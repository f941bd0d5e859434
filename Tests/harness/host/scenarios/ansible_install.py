"""The Ansible collection prepares a host with a real systemd, and deploys to it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from harness.archives import pack_files
from harness.host.host_store import HostStore
from harness.host.scenario import scenario
from harness.repository import HARNESS, ROOT

if TYPE_CHECKING:
    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row
    from harness.processes import Run

COLLECTION = ROOT / "Integrations/ansible"
APPLICATION = (HARNESS / "host/plain_app.py").read_text()
STORE, OWNER = "/srv/web", "web"
UNIT = f"""\
[Unit]
Description=Web

[Service]
User={OWNER}
WorkingDirectory={STORE}/current
ExecStart=/usr/bin/python3 app.py

[Install]
WantedBy=multi-user.target
"""
# How the example inventory is edited.
EDITS = (
    (r"    web1: .*\n", "    web1: {ansible_connection: local}\n"),
    (r"    web2: .*\n", ""),
    (r"ansible_user: .*", "ansible_user: root"),
    (r"ansible_become: .*", "ansible_become: false"),
    (r"releases_binary: .*", "releases_binary: /srv/given/releases"),
    (r"releases_units: .*", "releases_units: /srv/given/systemd"),
    (r"releases_store: .*", f"releases_store: {STORE}"),
    (r"releases_owner: .*", f"releases_owner: {OWNER}"),
    (r"releases_group: .*", f"releases_group: {OWNER}"),
    (r"      service: .*", "      service: web"),
    (r"systemctl restart diting, timeout: 2m", "systemctl restart web, timeout: 1m"),
    (r"timeout: 60s", "timeout: 10s"),
)


def give(hosts: HostFactory, host: Host) -> None:
    """Copy to the host what its administrator needs."""
    host.copy_in(hosts.binary(), "/srv/given/releases", 0o755)
    units = host.path("/srv/given/systemd")
    shutil.copytree(ROOT / "Integrations/systemd", units)
    place = host.path("/srv/given/ansible_collections/diting/releases")
    shutil.copytree(COLLECTION, place)
    text = (COLLECTION / "examples/inventory.yml").read_text()
    for pattern, new in EDITS:
        text, count = re.subn(pattern, new, text)
        assert count == 1, pattern
    host.write("/srv/given/inventory.yml", text)
    host.write("/etc/systemd/system/web.service", UNIT)
    host.must("systemctl", "daemon-reload")


def play(host: Host, playbook: str, *words: str) -> Run:
    """Run a playbook of the collection on the host."""
    variables = ("LANG=C.UTF-8", "ANSIBLE_COLLECTIONS_PATH=/srv/given", "ANSIBLE_NOCOLOR=1")
    command = ("ansible-playbook", "-i", "/srv/given/inventory.yml", f"diting.releases.{playbook}")
    return host.inside("env", *variables, *command, *words, seconds=120)


def deploy(host: Host, hosts: HostFactory, version: str, app: str = APPLICATION) -> Run:
    """Deploy a version of the service."""
    files = {"app.py": app, "VERSION": f"{version}\n"}
    archive = pack_files(hosts.place / f"web-{version}.tar.gz", files)
    inside = host.copy_in(archive, f"/srv/in/{archive.name}")
    return play(host, "deploy", "-e", f"releases_archive={inside}")


@scenario("ansible", "the Ansible collection on a new host", for_old=False)
def ansible(hosts: HostFactory, row: Row) -> None:
    """Prepare a host, deploy good and bad versions, and cut the power."""
    with hosts.booted(hosts.bare()) as host:
        give(hosts, host)
        run = play(host, "install")
        row.expect(run.status == 0, f"the host is prepared: {run.text}")
        run = play(host, "install")
        row.expect("changed=0" in run.output, f"a second run changes nothing: {run.text}")
        for job in ("prune", "verify"):
            timer = f"releases-{job}@srv-web.timer"
            row.expect(host.state(timer) == "active", f"{timer} is active")
        after = host.property("web.service", "After")
        row.expect("releases-recover@srv-web.service" in after, f"web waits for recovery: {after}")
        store = HostStore(host, STORE, OWNER)
        for version, app, status in (("1", APPLICATION, 0), ("2", "raise SystemExit(3)\n", 2)):
            run = deploy(host, hosts, version, app)
            row.expect(run.status == status, f"{version}: status {status}: {run.text}")
            row.expect(store.serves("1"), f"1 serves, was {store.version()}")
        row.saw(next(line.strip() for line in run.output.splitlines() if "failed: release" in line))
        host.must("systemctl", "enable", "web")
        host.power_cut()
        host.boot()
        row.expect(store.serves("1"), f"1 serves after a power cut, was {store.version()}")
