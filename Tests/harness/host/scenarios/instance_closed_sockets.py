"""Instances of another user, whose sockets are closed to the store's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances.instance_store import RUN
from harness.host.instances.quick import APP, expect_only, expect_status, quick_store
from harness.host.scenario import scenario
from harness.host.scenarios.instance_rights import service_user

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

CLOSED = "/etc/systemd/system/diting@.service.d/closed.conf"


@scenario(
    "instance-closed-socket", "instances whose sockets are closed to the owner", for_old=False
)
def closed_socket(hosts: HostFactory, row: Row) -> None:
    """Let the service run as another user, with sockets that the store's owner may not use."""
    with quick_store(hosts) as store:
        store.set_up(timeout="2s")
        host = store.host
        service_user(host, closed=False)
        closed = APP.replace("0o666", "0o755")
        for version, app in (("open", APP), ("closed", closed), ("again", APP)):
            store.put(version, app)
        expect_status(row, store.releases("activate", "open"), 0, "an open socket")
        run = store.releases("activate", "closed")
        expect_status(row, run, 1, "a closed socket", "deploy may not connect to")
        for words in ("belongs to diting:diting and has mode 0755", "UMask=", "systemctl edit"):
            row.expect(words in run.text, f"'{words}' in {run.text}")
        row.saw(run.errors)
        expect_only(row, store, "open", "nothing has changed")
        host.write(CLOSED, "[Service]\nRuntimeDirectoryMode=0700\n")
        host.must("systemctl", "daemon-reload")
        run = store.releases("activate", "again")
        expect_status(row, run, 1, "a closed directory", "the directory /run/diting/again")
        row.saw(run.errors)
        # Only with this setting systemd makes the directory in /run/private.
        settings = (
            "User=diting-dynamic\nGroup=\nDynamicUser=yes\nRuntimeDirectoryPreserve=restart\n"
        )
        host.write(CLOSED, f"[Service]\n{settings}")
        host.must("systemctl", "daemon-reload")
        run = store.releases("activate", "again")
        expect_status(row, run, 1, "DynamicUser=yes", "the directory /run/private belongs to root")
        row.expect("socket unit" in run.text, f"the hint names the way: {run.text}")
        row.saw(run.errors)
        listed = store.releases("list", "--json").json["releases"]
        states = {one["id"]: one["state"] for one in listed}
        row.expect(set(states.values()) == {"ready"}, f"no release is bad: {states}")
        host.must("chmod", "0700", f"{RUN}/open")
        check = store.releases("check")
        words = f"the directory {RUN}/open belongs to diting:diting and has mode 0700"
        row.expect(words in check.text and check.status == 1, f"check says it: {check}")
        host.must("chmod", "0755", f"{RUN}/open")
        host.must("rm", CLOSED)
        # The setting keeps the link that systemd has made.
        host.must("rm", f"{RUN}/again")
        host.must("systemctl", "daemon-reload")
        expect_status(row, store.releases("activate", "again"), 0, "opened")
        expect_only(row, store, "again", "opened")
