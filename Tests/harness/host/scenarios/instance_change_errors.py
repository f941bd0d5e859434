"""The configuration of instances changes, and what it applies to then fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.host_store import PLACE
from harness.host.instances.instance_store import LIVE, RUN
from harness.host.instances.quick import APP, expect_status, quick_store
from harness.host.scenario import scenario
from harness.host.scenarios.instance_changed_twice import (
    EXCLUSIVE,
    LONELY,
    expect_codes,
    expect_one,
)
from harness.host.scenarios.instance_changes import install_template

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

WEB = "/etc/systemd/system/web@.service.d"
FAILS_ALONE = LONELY.format(lonely="raise SystemExit(3)") + APP


@scenario(
    "instance-change-fails",
    "instances: what a failed switch or restart has stopped is started again where it ran",
    for_old=False,
)
def fails(hosts: HostFactory, row: Row) -> None:
    """Change the template, and let a switch and a restart fail in several ways."""
    rule = "/etc/polkit-1/rules.d/50-diting.rules"
    for name, app in (("the release", FAILS_ALONE), ("the template", APP)):
        with quick_store(hosts) as store:
            install_template(store, "web")
            store.set_up(more=EXCLUSIVE)
            store.put("a")
            store.put("b", app)
            expect_status(row, store.releases("activate", "a"), 0, "a")
            if name == "the template":
                # It works in a rehearsal, and fails where no other instance serves.
                check = "[Service]\nExecStartPre=/bin/sh -c 'test -S /run/diting/a/http.sock'\n"
                store.host.write(f"{WEB}/check.conf", check)
                store.host.must("systemctl", "daemon-reload")
            store.set_up(more=EXCLUSIVE, units="web@")
            expect_status(row, store.releases("activate", "b"), 10, f"{name} fails")
            expect_one(row, store, "diting@a", f"{name} fails")
            expect_codes(row, store, ["instanceOutdated"], f"{name} fails")
            store.host.write(f"{WEB}/check.conf", "[Service]\nExecStartPre=/bin/false\n")
            store.host.must("systemctl", "daemon-reload")
            run = store.releases("restart")
            row.expect(run.status == 11, f"a restart with a broken template: {run}")
            expect_one(row, store, "diting@a", "a restart with a broken template")
            store.set_up(more=EXCLUSIVE, units="web@", live="/run/absent/live.sock")
            run = store.releases("restart")
            row.expect(run.status != 0 and "start" not in run.errors, f"no directory: {run}")
            expect_one(row, store, "diting@a", "a restart without the directory of the link")
            store.set_up(more=EXCLUSIVE, units="web@")
            store.host.must("sed", "-i", "s/(diting|web)/(web)/", rule)
            store.host.shell(f"rm {WEB}/check.conf; systemctl daemon-reload")
            store.put("c")
            run = store.releases("activate", "c")
            row.expect(run.status == 1, f"the old one may not be stopped: {run}")
            expect_one(row, store, "diting@a", "the old one may not be stopped")


@scenario(
    "instance-change-recorded",
    "instances: the record of starts is lost, broken or can't be written",
    for_old=False,
)
def recorded(hosts: HostFactory, row: Row) -> None:
    """Spoil the record, and change the template."""
    for spoil in (
        "rm record",
        "echo x > record",
        "chmod 600 record; chown root: record",
        "ln -sf /etc/passwd record",
        "rm record; mkdir record",
    ):
        with quick_store(hosts) as store:
            install_template(store, "web")
            store.set_up()
            store.put("a")
            store.put("next")
            expect_status(row, store.releases("activate", "a"), 0, "a")
            store.host.shell(f"cd {PLACE}/.releases; {spoil.replace('record', 'instances.json')}")
            store.set_up(units="web@")
            expect_codes(row, store, ["instanceOutdated"], spoil)
            expect_status(row, store.releases("recover"), 0, spoil)
            expect_one(row, store, "diting@a", spoil)
            run = store.releases("restart")
            if "mkdir" in spoil:
                expect_status(row, run, 1, spoil, "instances.json")
                expect_one(row, store, "diting@a", f"{spoil}, restart")
                continue
            expect_status(row, run, 0, spoil)
            expect_one(row, store, "web@a", f"{spoil}, restart")
            store.set_up()
            expect_status(row, store.releases("activate", "next"), 0, spoil)
            expect_one(row, store, "diting@next", f"{spoil}, next")


@scenario(
    "instance-change-link-and-unit",
    "instances: a restart applies a change of the unit and of the link",
    for_old=False,
)
def link_and_unit(hosts: HostFactory, row: Row) -> None:
    """Restart after both have changed, and leave the old link to another store."""
    for more in ("", EXCLUSIVE):
        with quick_store(hosts) as store:
            install_template(store, "web", "/run/web/{id}/http.sock")
            store.set_up(more=more)
            store.put("a")
            expect_status(row, store.releases("activate", "a"), 0, "a")
            socket, live = "/run/web/{id}/http.sock", f"{RUN}/front.sock"
            store.set_up(more=more, units="web@", socket=socket, live=live)
            expect_status(row, store.releases("restart"), 0, "restart", LIVE)
            expect_one(row, store, "web@a", "the old link leads to the new instance")
            # Another store takes the path.
            store.host.must("ln", "-sfn", "other/http.sock", LIVE)
            expect_status(row, store.releases("recover"), 0, "recover")
            expect_status(row, store.releases("restart"), 0, "restart")
            link = store.live_socket()
            row.expect(link == "other/http.sock", f"another store's link stays: {link}")
