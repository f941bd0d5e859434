"""The configuration of instances was changed, and no switch has applied the change yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances.instance_store import LIVE, SOCKET
from harness.host.instances.quick import (
    QuickStore,
    expect_status,
    quick_store,
)
from harness.host.scenario import scenario
from harness.host.scenarios.instance_boots import reboot
from harness.host.scenarios.instance_changes import expect_running, install_template
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

OTHER_SOCKET = "/run/web/{id}/http.sock"
REFUSAL = "was started with an earlier service.unit, service.socket or service.manager"


def codes(store: QuickStore) -> list[str]:
    """Return the codes of what `status` finds about the service."""
    findings = store.releases("status", "--json").json["findings"]
    found = [str(one["code"]) for one in findings]
    return [code for code in found if code.startswith(("instance", "service", "unhealthy"))]


def expect_untouched(row: Row, store: QuickStore, live: str, when: str) -> None:
    """Expect that only the instance of the first template runs, and that it serves."""
    expect_running(row, store, [f"diting@{live}.service"], when)
    row.expect(store.ask() == live, f"{when}: {live} serves: {store.state()}")


def try_commands(row: Row, store: QuickStore, live: str, what: str) -> None:
    """Run every command that could start the live release a second time."""
    row.expect(codes(store) == ["instanceOutdated"], f"{what}: status says why: {codes(store)}")
    status = store.releases("status")
    expect_status(row, status, 0, what, REFUSAL)
    row.expect(f"diting@{live}.service" in status.output, f"{what}: the unit that runs: {status}")
    for words in (["recover"], ["recover", "--dry-run"], ["prune"]):
        run = store.releases(*words)
        row.expect(run.status == 0 and "instance" not in run.text, f"{what}, {words}: {run}")
        expect_untouched(row, store, live, f"{what}, {words}")
    dry = store.releases("restart", "--dry-run")
    expect_status(row, dry, 0, f"{what}, restart", f"would stop diting@{live}.service")
    expect_untouched(row, store, live, f"{what}, {dry}")
    run = store.releases("activate", live)
    row.expect("releases restart" in run.text, f"{what}, activate {live}: {run}")
    expect_untouched(row, store, live, f"{what}, activate {live}")
    for link in ("rm", "ln -sfn elsewhere"):
        store.host.must(*link.split(), LIVE)
        row.expect(
            codes(store) == ["instanceNotServing", "instanceOutdated"],
            f"{what}, {link}: {codes(store)}",
        )
        run = store.releases("recover")
        row.expect(run.status == 0 and "recovered" in run.output, f"{what}, {link}: {run}")
        expect_untouched(row, store, live, f"{what}, {link}")
    run = store.releases("diagnose")
    row.expect(f"diting@{live}.service" in run.output, f"{what}: diagnose names the unit")
    run = store.releases("logs", live)
    expect_status(row, run, 0, f"{what}, logs", f"journal of diting@{live}.service")


@scenario(
    "instance-change-pending",
    "instances: no command but restart touches the live release after a change",
    for_old=False,
)
def pending(hosts: HostFactory, row: Row) -> None:
    """Change the template, the socket or both, with and without overlap."""
    with quick_store(hosts) as store:
        for overlap in ("true", "false"):
            for units, socket in (
                ("web@", SOCKET),
                ("web@", OTHER_SOCKET),
                ("diting@", OTHER_SOCKET),
            ):
                what = f"overlap {overlap}, {units}, {socket}"
                # The template keeps its own socket, unless another one has been configured.
                install_template(store, "web", socket)
                names = "exclusive" if overlap == "false" else "beside"
                names += units[0] + ("s" if socket == SOCKET else "o")
                old, new = f"{names}1", f"{names}2"
                store.put(old)
                store.put(new)
                more = f"  overlap: {overlap}\n"
                store.set_up(drain="1s", more=more)
                expect_status(row, store.releases("activate", old), 0, f"{what}: {old}")
                store.set_up(drain="1s", more=more, units=units, socket=socket)
                try_commands(row, store, old, what)
                if units == "diting@":
                    # The unit itself still has the earlier socket, so the change is taken back.
                    store.set_up(drain="1s", more=more)
                    row.expect(not codes(store), f"{what}, taken back: {codes(store)}")
                    expect_status(row, store.releases("restart"), 0, f"{what}, taken back")
                    continue
                planned = store.releases("activate", new, "--dry-run")
                expect_status(row, planned, 0, what, f"would stop diting@{old}.service")
                expect_status(row, store.releases("activate", new), 0, f"{what}: {new}")
                expect_running(row, store, [f"web@{new}.service"], f"{what}: applied")
                row.expect(store.ask() == new, f"{what}: {new} serves: {store.state()}")
                row.expect(not codes(store), f"{what}, applied: {codes(store)}")


@scenario(
    "instance-change-boot",
    "instances: a boot applies a change of the configuration",
    for_old=False,
)
def boots(hosts: HostFactory, row: Row) -> None:
    """Change the template, and cut the power before a switch."""
    with quick_store(hosts) as store:
        install_template(store, "web", OTHER_SOCKET)
        store.put("a")
        expect_status(row, store.releases("activate", "a"), 0, "a")
        store.set_up(units="web@", socket=OTHER_SOCKET)
        store.host.must("sync")
        reboot(row, store, "changed")
        row.expect(wait_until(lambda: store.ask() == "a", 20), f"a serves: {store.state()}")
        expect_running(row, store, ["web@a.service"], "after the boot")
        row.expect(not codes(store), f"after the boot: {codes(store)}")
        expect_status(row, store.releases("restart"), 0, "restart")
        expect_running(row, store, ["web@a.service"], "after a restart")
