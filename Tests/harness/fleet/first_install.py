"""The first installation on a new host, as README.md of the collection describes it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.archives import pack_files
from harness.assertions import expect
from harness.repository import ROOT

if TYPE_CHECKING:
    from harness.fleet.hosts import Fleet, FleetHost
    from harness.processes import Run

COLLECTION = ROOT / "Integrations/ansible"
CHANGELOG = ROOT / "Integrations/packages/changelog"
STORE = "/opt/first"
# There is no systemd on the hosts of this suite.
WITHOUT_UNITS = '{"releases_enabled": []}'
# The rest of the suite logs in as root alone, and has its temporary directory in /opt.
REMOTE = ("-e", "ansible_remote_tmp=~/.ansible/tmp")
SUDO = "/usr/bin/systemctl {} diting"


class NewHost:
    """A host with nothing but an account that may use sudo, and an inventory for it."""

    def __init__(self, fleet: Fleet, host: FleetHost, binary: Path) -> None:
        """Make the account, and edit the example inventory as its comments say."""
        self.fleet, self.host = fleet, host
        host.inside("useradd", "--create-home", "--shell", "/bin/bash", "-p", "*", "admin")
        host.inside("sh", "-c", "echo 'admin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin")
        self.inventory = fleet.directory / "first.yml"
        edits = (
            (r"    web1: .*\n", f"    web1: {{ansible_host: {host.address}}}\n"),
            (r"    web2: .*\n", ""),
            (r"releases_binary: .*", f"releases_binary: {binary}"),
            (r"releases_units: .*", f"releases_units: {ROOT}/Integrations/systemd"),
            (
                r"releases_store: .*",
                f"releases_store: {STORE}\n    releases_program: /opt/first-bin",
            ),
            (r"activate: .*", "activate: {run: 'true'}"),
            (r"      service: .*\n", "      service: diting\n"),
            (r"health: .*", "health: {command: test ! -e BROKEN, timeout: 1s}"),
        )
        text = (COLLECTION / "examples/inventory.yml").read_text()
        for pattern, new in edits:
            text, count = re.subn(pattern, new, text)
            expect(count == 1, f"the example inventory has {pattern!r} once")
        self.inventory.write_text(text)

    def play(self, playbook: str, *options: str) -> Run:
        """Run a playbook of the collection."""
        words = ("ansible-playbook", "-i", self.inventory, f"diting.releases.{playbook}")
        return self.fleet.ansible(*words, *REMOTE, *options)

    def deploy(self, archive: Path, *options: str) -> Run:
        """Deploy an archive."""
        return self.play("deploy", "-e", f"releases_archive={archive}", *options)

    def live(self) -> str:
        """Return the ID of the live release."""
        return Path(os.readlink(self.host.opt / "first/current")).name

    def module(self, arguments: str) -> Any:
        """Run the module on the host, and return what it returns."""
        name = "diting.releases.releases"
        words = ("ansible", "-i", self.inventory, "releases", "-m", name, "-a", arguments, *REMOTE)
        ended = self.fleet.ansible(*words)
        expect(ended.status == 0, f"the module succeeds: {ended}")
        return json.loads(ended.output.partition("=> ")[2])


def expect_collection_builds(fleet: Fleet) -> None:
    """The collection has the project's version and license, and Galaxy's own program packs it."""
    built = fleet.directory / "built"
    ended = fleet.ansible(
        "ansible-galaxy", "collection", "build", COLLECTION, "--output-path", built
    )
    expect(ended.status == 0, f"the collection is built: {ended}")
    number = re.match(r"releases \(([0-9.]+)", CHANGELOG.read_text())
    expect(number is not None, "the changelog names a version")
    archive = built / f"diting-releases-{number[1] if number else ''}.tar.gz"
    expect(archive.is_file(), f"it has the version of the project: {os.listdir(built)}")
    place = fleet.directory / "installed"
    words = ("ansible-galaxy", "collection", "install", archive, "-p", place, "--offline")
    ended = fleet.ansible(*words)
    expect(ended.status == 0, f"the collection is installed: {ended}")
    installed = place / "ansible_collections/diting/releases"
    same = (installed / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    expect(same, "the license is in the collection")
    facts = json.loads((installed / "MANIFEST.json").read_text())["collection_info"]
    for key in ("license", "tags", "repository", "documentation", "issues", "description"):
        expect(bool(facts[key]), f"the metadata has {key}: {facts}")


def expect_install(new: NewHost) -> None:
    """The playbook prepares the host once, and the owner may restart the service and no more."""
    predicted = new.play("install", "-e", WITHOUT_UNITS)
    expect(predicted.status == 0, f"the host is prepared: {predicted}")
    again = new.play("install", "-e", WITHOUT_UNITS)
    expect(
        again.status == 0 and "changed=0" in again.output, f"a second run changes nothing: {again}"
    )
    owner = new.host.inside("stat", "-c", "%U:%G %a", STORE).strip()
    expect(owner == "deploy:deploy 755", f"the store belongs to its owner: {owner}")
    allowed = new.host.inside("sudo", "-l", "-U", "deploy")
    commands = [line for line in allowed.splitlines() if "NOPASSWD" in line]
    expect(len(commands) == 2, f"two commands are permitted: {allowed}")
    for verb in ("restart", "reset-failed"):
        expect(SUDO.format(verb) in allowed, f"{verb} is permitted: {allowed}")
    units = new.host.inside("ls", "/etc/systemd/system")
    expect("releases-recover@.service" in units, f"the units are installed: {units}")


def expect_same_content_is_same_release(new: NewHost, work: Path) -> None:
    """An archive that was downloaded again, with another time and name, changes nothing."""
    archive = pack_files(work / "first.tar.gz", {"VERSION": "1\n"})
    identity = hashlib.sha256(archive.read_bytes()).hexdigest()[:12]
    ended = new.deploy(archive)
    expect(ended.status == 0, f"the first release is deployed: {ended}")
    expect(new.live() == identity, f"its ID is made from the content: {new.live()}")
    copy = work / "downloaded-again.tar.gz"
    shutil.copyfile(archive, copy)
    os.utime(copy, (1, 1))
    again = new.deploy(copy)
    expect(again.status == 0 and "changed=0" in again.output, f"nothing changes: {again}")
    found = new.module(f"store={STORE} program=/opt/first-bin state=present archive={copy}")
    is_known = found["id"] == identity and not found["changed"]
    expect(is_known, f"the module makes the same ID: {found}")


def expect_other_accounts(new: NewHost, work: Path) -> None:
    """The owner itself and root deploy, too; the ID that is given is used."""
    for number, (account, options) in enumerate(
        (("deploy", ()), ("root", ("-e", "releases_id=77")))
    ):
        archive = pack_files(work / f"{account}.tar.gz", {"VERSION": f"{number}\n"})
        words = ("-e", f"ansible_user={account}", "-e", '{"ansible_become": false}', *options)
        ended = new.deploy(archive, *words)
        expect(ended.status == 0, f"{account} deploys without become: {ended}")
    expect(new.live() == "77", f"the ID is the one that was given: {new.live()}")
    owners = new.host.inside("find", STORE, "-not", "-user", "deploy")
    expect(owners == "", f"everything belongs to the owner: {owners}")


def expect_first_install(fleet: Fleet, host: FleetHost, binary: Path) -> None:
    """A new host gets its first release with the example inventory and two commands."""
    expect_collection_builds(fleet)
    new = NewHost(fleet, host, binary)
    expect_install(new)
    expect_same_content_is_same_release(new, fleet.directory)
    expect_other_accounts(new, fleet.directory)
