"""Stores on mounts, and in directories with special modes and access control lists."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.host.host_store import PLACE, HostStore
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

REFUSED = 3
MOUNTS = {
    "tmpfs": "mount -t tmpfs -o mode=755,uid=deploy,gid=deploy releases",
    "bind": "install -d -o deploy -g deploy /opt/elsewhere; mount --bind /opt/elsewhere",
}


def separate_mount(hosts: HostFactory, row: Row, mount: str) -> None:
    """The releases are on a mount of their own, so they cannot be renamed to it."""
    with hosts.store() as store:
        store.deploy(hosts.application.archive("good"))
        store.host.shell(f"{mount} {PLACE}/releases")
        check = store.releases("check")
        row.expect(check.status == REFUSED, f"check is 3, was {check.status}: {check.text}")
        store.configure(prepare="true")
        run = store.deploy(hosts.application.archive("next"))
        row.expect(run.status == REFUSED, f"deploy is refused, was {run.status}: {run.text}")
        stages = store.entries(".releases/staging")
        row.expect(not stages, f"no stage is left, were {stages}")
        row.saw(next((line for line in check.text.splitlines() if "problem" in line), check.text))


for name, command in MOUNTS.items():
    scenario(f"split-{name}", f"releases/ is a mount of its own: {name}")(
        partial(separate_mount, mount=command)
    )


@scenario("shared-mount", "shared/ is a mount of its own")
def shared_mount(hosts: HostFactory, row: Row) -> None:
    """The shared files are on a mount of their own."""
    with hosts.store() as store:
        store.host.shell(f"""
            cp -a {PLACE}/shared /srv/shared
            mount --bind /srv/shared {PLACE}/shared""")
        check = store.releases("check")
        row.expect(check.status == 0, f"check is 0, was {check.status}: {check.text}")
        expect_deploys(hosts, row, store)


@scenario("inherit", "releases/ has a group, setgid and default ACLs for a web server")
def inherit(hosts: HostFactory, row: Row) -> None:
    """Releases inherit group, setgid and access control lists of the directory."""
    with hosts.store() as store:
        place = f"{PLACE}/releases"
        store.host.shell(f"""
            chgrp www-data {place}; chmod 2750 {place}
            setfacl --default --modify g:www-data:rX,g:adm:rX {place}""")
        expect_deploys(hosts, row, store)
        made = f"{place}/{store.link('current').removeprefix('releases/')}"
        store.host.must("install", "-d", "-o", "deploy", f"{place}/by-hand")
        facts = store.host.must("stat", "-c", "%G %a", made).strip()
        row.expect(facts.startswith("www-data 2"), f"group and setgid are inherited: {facts}")
        listed = store.host.must("getfacl", "--omit-header", "--absolute-names", made)
        by_hand = store.host.must(
            "getfacl", "--omit-header", "--absolute-names", f"{place}/by-hand"
        )
        wanted = [line for line in by_hand.splitlines() if line.startswith("default:group:")]
        row.expect(
            all(line in listed for line in wanted), f"default ACLs: {listed} against {by_hand}"
        )
        readable = store.host.as_user("www-data", "cat", f"{made}/VERSION")
        row.expect(readable.status == 0, f"the web server reads it: {readable.text}")
        row.saw(f"{facts}; {len(wanted)} default entries")


def expect_deploys(hosts: HostFactory, row: Row, store: HostStore) -> None:
    """Expect that two versions can be deployed."""
    for version in ("one", "two"):
        run = store.deploy(hosts.application.archive(version))
        row.expect(run.status == 0, f"{version} is deployed, was {run.status}: {run.text}")
        row.expect(store.version() == version, f"{version} serves, was {store.version()}")
    verify = store.releases("verify", "--all")
    row.expect(verify.status == 0, f"verify --all is 0, was {verify.status}: {verify.text}")
