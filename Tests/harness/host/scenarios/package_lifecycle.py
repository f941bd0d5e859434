"""The package on hosts that have other users, homes and stores; none of them changes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.host.installation import unit
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

JOBS = ("prune", "verify", "metrics")
NEXT = "99.0.0"
# All facts of files that are not the package's, including the change time.
LISTING = """
find /opt /home /srv /etc/sudoers.d -printf '%p %y %m %U:%G %s %T@ %C@ %l\\n' | sort
find /opt /home /srv -type f -exec sha256sum {} + | sort
cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
"""
FOREIGN_STORE = """
useradd --create-home app
chmod 700 /home/deploy
mkdir -p /opt/diting/releases/1762147685 /opt/diting/shared
echo 1 > /opt/diting/releases/1762147685/VERSION
ln -s releases/1762147685 /opt/diting/current
chown -hR app:app /opt/diting
chmod 2750 /opt/diting
"""
NO_USER = "userdel --remove deploy"


def upgraded(package: Path, place: Path) -> Path:
    """Make the same package with a later version."""
    tree, target = place / "tree", place / "next.deb"
    if not target.exists():
        subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
        control = tree / "DEBIAN/control"
        lines = [
            f"Version: {NEXT}" if line.startswith("Version:") else line
            for line in control.read_text().splitlines()
        ]
        control.write_text("\n".join(lines) + "\n")
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, target],
            check=True,
            capture_output=True,
        )
    return target


def expect_same(row: Row, before: str, host: Host, when: str) -> None:
    """Expect that the files of other users are as they were."""
    after = host.shell(LISTING)
    old, new = set(before.splitlines()), set(after.splitlines())
    changed = sorted(old ^ new)
    row.expect(before == after, f"nothing changes {when}: {changed[:6]}")
    row.saw(f"{when}: {len(new)} lines, {len(changed)} differ")


def package_lifecycle(hosts: HostFactory, row: Row, prepare: str) -> None:
    """Install, boot, upgrade and purge the package on a prepared host."""
    place = hosts.place / f"upgrade-{hosts.package.name}"
    place.mkdir(exist_ok=True)
    later = upgraded(hosts.package, place)
    with hosts.booted(hosts.bare()) as host:
        host.shell(prepare)
        for number, package in enumerate((hosts.package, later)):
            host.copy_in(package, f"/root/{number}.deb")
        before = host.shell(LISTING)
        host.must("dpkg", "--install", "/root/0.deb")
        expect_same(row, before, host, "when it is installed")
        host.power_off()
        host.boot()
        expect_same(row, before, host, "at the next boot")
        host.must("dpkg", "--install", "/root/1.deb")
        expect_same(row, before, host, "when it is upgraded")
        host.must("dpkg", "--purge", "releases")
        expect_same(row, before, host, "when it is purged")
        left = host.shell(
            "find /usr /etc /var/lib -name '*releases*' -newer /root/0.deb "
            "-not -path '/var/lib/dpkg/*' | head; true"
        ).strip()
        row.expect(not left, f"nothing of it is left: {left}")


@scenario("foreign", "install, boot, upgrade and purge on a host with a store of another user")
def foreign_store(hosts: HostFactory, row: Row) -> None:
    """Try a host on which another user owns the store."""
    package_lifecycle(hosts, row, FOREIGN_STORE)


@scenario("untouched", "install, boot, upgrade and purge on a host without store and user")
def no_store(hosts: HostFactory, row: Row) -> None:
    """Try a host without store and user."""
    package_lifecycle(hosts, row, NO_USER)


@scenario("remove", "removing the package stops and disables its timers")
def remove(hosts: HostFactory, row: Row) -> None:
    """Remove the package while its timers are enabled."""
    with hosts.store() as store:
        host = store.host
        timers = [unit(host, job, kind="timer") for job in JOBS]
        host.must("systemctl", "enable", "--now", *timers)
        host.must("dpkg", "--remove", "releases")
        for name in timers:
            state = host.inside("systemctl", "is-active", name).output.strip()
            row.expect(state != "active", f"{name} is stopped, was {state}")
        links = host.shell("find /etc/systemd/system -name 'releases-*'; true").split()
        row.expect(not links, f"no unit is enabled, left are {links}")
        row.saw(f"{len(timers)} timers stopped; enabled: {len(links)}")
        host.power_off()
        host.boot()
        broken = host.must("systemctl", "--failed", "--plain", "--no-legend").strip()
        row.expect(not broken, f"nothing fails at the next boot, did {broken}")
        row.expect(store.link("current") == "" and store.directory.is_dir(), "the store is there")
