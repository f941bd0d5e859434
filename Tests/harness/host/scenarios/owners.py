"""The owner of a store, root, and other users on a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.application import DIES, MODULE
from harness.host.installation import SUDOERS
from harness.host.scenario import scenario
from harness.host.service_units import USER_MADE, replace_unit

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.host_store import HostStore
    from harness.host.report import Row

OPS = "%ops ALL=(root) NOPASSWD: /usr/bin/systemctl restart diting\n"


@scenario("groups", "the right to restart comes from a group: deploy as the owner and as root")
def groups(hosts: HostFactory, row: Row) -> None:
    """Deploy as the owner and as root; a group gives the right to restart."""
    with hosts.store() as store:
        store.host.must("groupadd", "ops")
        store.host.must("usermod", "-aG", "ops", "deploy")
        store.host.path(SUDOERS).unlink()
        store.host.write("/etc/sudoers.d/ops", OPS, 0o440)
        for version, who in (("good1", "deploy"), ("good2", "root")):
            archive = store.host.copy_in(
                hosts.application.archive(version), f"/srv/in/{version}.tar.gz"
            )
            run = store.host.as_user(who, "releases", "deploy", archive)
            row.expect(run.status == 0, f"{who} deploys, was {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
        owners = {
            (store.directory / "releases" / name).stat().st_uid
            for name in store.entries("releases")
        }
        row.expect(len(owners) == 1, f"all releases have one owner, were {owners}")
        row.saw(f"{store.version()} serves after root's deploy")


@scenario("home", "root deploys: hooks run with the owner's name and home")
def home(hosts: HostFactory, row: Row) -> None:
    """Compare what hooks see in a deploy of the owner and in one of root."""
    with hosts.store() as store:
        store.configure(prepare="echo $(id -un) $(id -Gn | tr ' ' ,) $HOME $USER $LOGNAME")
        archive = store.host.copy_in(hosts.application.archive("good"), "/srv/in/good.tar.gz")
        printed = {}
        for who in ("deploy", "root"):
            run = store.host.as_user(who, "releases", "unpack", archive, "--json")
            printed[who] = next(
                step["lines"][-1] for step in run.json["steps"] if step["name"] == "prepare"
            )
        row.expect("/home/deploy" in printed["root"], f"HOME is the owner's, was {printed['root']}")
        row.expect(printed["root"] == printed["deploy"], f"the same for both, were {printed}")
        row.saw(printed["root"])


@scenario("hidepid", "hidepid=2, the service runs as another user than the owner")
def hidepid(hosts: HostFactory, row: Row) -> None:
    """Deploy while the owner cannot see the processes of the service."""
    with hosts.store() as store:
        store.host.must("useradd", "--system", "app")
        replace_unit(store.host, USER_MADE.replace("User=deploy", "User=app"))
        store.host.must("mount", "-o", "remount,hidepid=2", "/proc")
        first = store.deploy(hosts.application.archive("good"))
        row.expect(first.status == 0, f"a good one is deployed, was {first.status}: {first.text}")
        row.expect(store.version() == "good", f"good serves, was {store.version()}")
        expect_status(row, store)
        bad = store.deploy(hosts.application.archive("bad", {MODULE: DIES}))
        row.expect(bad.status == 10, f"a bad one ends with 10, was {bad.status}: {bad.text}")
        row.expect(store.version() == "good", f"good serves, was {store.version()}")
        row.saw(store.releases("status").output)


def expect_status(row: Row, store: HostStore) -> None:
    """Expect that status knows the running service."""
    status = store.releases("status")
    row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
    row.expect("no main process" not in status.text, f"status knows that it runs: {status.text}")
