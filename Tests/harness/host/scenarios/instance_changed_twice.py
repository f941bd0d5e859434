"""The configuration of instances changes again, while the live release has not been switched since.

What a boot, a restart, a recovery or an undone switch has started must be found as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.host_store import PLACE
from harness.host.instances.instance_store import LIVE, RUN
from harness.host.instances.quick import APP, QuickStore, expect_status, quick_store
from harness.host.scenario import scenario
from harness.host.scenarios.instance_boots import reboot
from harness.host.scenarios.instance_changes import install_template, running
from harness.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

EXCLUSIVE = "  overlap: false\n"
DROP_IN = "/etc/systemd/system/diting@.service.d"

# Passes its rehearsal, beside the live instance, and then acts as `lonely` says.
LONELY = """
import socket, time
try:
    with socket.socket(socket.AF_UNIX) as other:
        other.connect("/run/diting/live.sock")
except OSError:
    {lonely}
"""
SLOW_ALONE = LONELY.format(lonely="time.sleep(4)") + APP
SLOW = "import time\ntime.sleep(6)\n" + APP


def expect_one(row: Row, store: QuickStore, unit: str, when: str) -> None:
    """Expect that one unit runs, and that its release serves."""
    release = unit.partition("@")[2]
    ok = wait_until(lambda: running(store) == [f"{unit}.service"] and store.ask() == release, 10)
    row.expect(ok, f"{when}: only {unit} runs: {running(store)}; {store.state()}")


def expect_codes(row: Row, store: QuickStore, codes: list[str], when: str) -> None:
    """Expect what `status` finds about the service."""
    findings = store.releases("status", "--json").json["findings"]
    found = [str(one["code"]) for one in findings]
    found = [code for code in found if code.startswith(("instance", "service", "unhealthy"))]
    row.expect(found == codes, f"{when}: status finds {codes}: {found}")


def expect_way_out(row: Row, store: QuickStore, unit: str, when: str) -> None:
    """Expect that recover leaves what runs, and that a restart and a switch apply the change.

    unit: the unit that runs, which the configuration no longer has: it has diting@.
    """
    release = unit.partition("@")[2]
    expect_codes(row, store, ["instanceOutdated"], when)
    for _ in range(2):
        run = store.releases("recover")
        row.expect(run.status == 0 and "instance" not in run.text, f"{when}: recover: {run}")
        expect_one(row, store, unit, f"{when}, recover")
    expect_status(row, store.releases("restart"), 0, f"{when}: restart")
    expect_one(row, store, f"diting@{release}", f"{when}, restart")
    expect_codes(row, store, [], f"{when}, restart")
    expect_status(row, store.releases("activate", "next"), 0, f"{when}: next")
    expect_one(row, store, "diting@next", f"{when}, next")


def boots(row: Row, store: QuickStore, more: str) -> None:
    """A boot starts the release with another template."""
    expect_status(row, store.releases("activate", "a"), 0, "a")
    store.set_up(more=more, units="web@")
    store.host.must("sync")
    reboot(row, store, "changed")
    expect_one(row, store, "web@a", "the boot applies the change")


def stopped(row: Row, store: QuickStore, more: str) -> None:
    """Recovery starts the release with another template, after a person has stopped it."""
    expect_status(row, store.releases("activate", "a"), 0, "a")
    store.set_up(more=more, units="web@")
    store.host.must("systemctl", "stop", "diting@a")
    expect_status(row, store.releases("recover"), 0, "recover")
    expect_one(row, store, "web@a", "recover has started it")


def restarted(row: Row, store: QuickStore, more: str) -> None:
    """The first instance of a store is started by a restart."""
    store.write("releases.yaml", "hooks:\n  activate: {run: 'true'}\n")
    expect_status(row, store.releases("activate", "a"), 0, "a")
    store.set_up(more=more, units="web@")
    expect_status(row, store.releases("restart"), 0, "the first restart")
    expect_one(row, store, "web@a", "the first restart")


def forced(row: Row, store: QuickStore, more: str) -> None:
    """The last switch was made without a usable configuration, and recovery starts the release."""
    store.set_up(more=more, units="web@", drain="1s")
    for version in ("a", "b"):
        expect_status(row, store.releases("activate", version), 0, version)
    store.write("releases.yaml", "service: [\n")
    run = store.releases("rollback", "--force")
    row.expect(run.status == 0, f"a forced rollback: {run}")
    store.set_up(more=more, units="web@")
    expect_status(row, store.releases("recover"), 0, "recover")
    expect_one(row, store, "web@a", "recover has started it")
    expect_status(row, store.releases("restart"), 0, "restart")


WAYS: list[Callable[[Row, QuickStore, str], None]] = [boots, stopped, restarted, forced]


@scenario(
    "instance-change-twice",
    "instances: the configuration changes, something starts the live release, and it changes back",
    for_old=False,
)
def twice(hosts: HostFactory, row: Row) -> None:
    """Try each way to start the live release without a switch."""
    for way in WAYS:
        for more in ("", EXCLUSIVE):
            with quick_store(hosts) as store:
                install_template(store, "web")
                for version in ("a", "b", "next"):
                    store.put(version)
                store.set_up(more=more)
                when = f"{way.__name__}, {more.strip() or 'overlap'}"
                way(row, store, more)
                store.set_up(more=more)
                expect_way_out(row, store, "web@a", when)


@scenario(
    "instance-change-killed",
    "instances: the configuration changes after a switch without overlap was killed",
    for_old=False,
)
def killed(hosts: HostFactory, row: Row) -> None:
    """Kill a switch after the old instance has stopped, and change the configuration."""
    for units in ("diting@", "web@", "other@"):
        with quick_store(hosts) as store:
            for name in ("web", "other"):
                install_template(store, name)
            store.host.must(
                "sed",
                "-i",
                "s/(diting|web)/(diting|web|other)/g",
                "/etc/polkit-1/rules.d/50-diting.rules",
            )
            store.set_up(more=EXCLUSIVE, timeout="20s")
            store.put("a")
            store.put("slow", SLOW_ALONE)
            expect_status(row, store.releases("activate", "a"), 0, "a")
            store.set_up(more=EXCLUSIVE, timeout="20s", units="web@")
            process = store.begin("activate", "slow")
            row.expect(
                wait_until(lambda: running(store) == ["web@slow.service"], 30),
                f"only the new one runs: {running(store)}",
            )
            store.host.must("pkill", "--signal", "KILL", "--full", "^releases.* activate slow")
            process.communicate(timeout=60)
            store.set_up(more=EXCLUSIVE, units=units)
            for _ in range(2):
                expect_status(row, store.releases("recover"), 0, f"{units}: recover")
                expect_one(row, store, "web@a", f"{units}: recovered")
            expect_codes(row, store, [] if units == "web@" else ["instanceOutdated"], units)


@scenario(
    "instance-change-by-hand",
    "instances: `current` is moved by hand after the configuration was changed",
    for_old=False,
)
def moved_by_hand(hosts: HostFactory, row: Row) -> None:
    """Move `current` after a change of the template, and after a change of the link."""
    for more in ("", EXCLUSIVE):
        for command in ("restart", "recover"):
            with quick_store(hosts) as store:
                install_template(store, "web")
                store.set_up(more=more)
                store.put("a")
                store.put("b")
                expect_status(row, store.releases("activate", "a"), 0, "a")
                store.set_up(more=more, units="web@")
                store.host.must("ln", "-sfn", "releases/b", f"{PLACE}/current")
                expect_status(row, store.releases(command), 0, command)
                expect_status(row, store.releases("recover"), 0, "recover")
                expect_one(row, store, "web@b", f"{command}, {more}")
                expect_codes(row, store, [], f"{command}, {more}")
    with quick_store(hosts) as store:
        store.put("a")
        store.put("b")
        expect_status(row, store.releases("activate", "a"), 0, "a")
        store.set_up(live=f"{RUN}/front.sock")
        store.host.must("ln", "-sfn", "releases/b", f"{PLACE}/current")
        expect_status(row, store.releases("recover"), 0, "recover")
        expect_one(row, store, "diting@b", f"{LIVE} was configured before")


@scenario(
    "instance-change-repairs",
    "instances: a new template repairs the only release, whose old one is in a crash loop",
    for_old=False,
)
def repairs(hosts: HostFactory, row: Row) -> None:
    """Follow the hints when no other release is there."""
    for more in ("", EXCLUSIVE):
        with quick_store(hosts) as store:
            install_template(store, "web")
            store.set_up(more=more)
            store.put("a")
            expect_status(row, store.releases("activate", "a"), 0, "a")
            store.host.must("sed", "-i", "s/app.py/missing.py/", f"{DROP_IN}/quick.conf")
            store.host.must("systemctl", "daemon-reload")
            store.host.must("systemctl", "kill", "--signal=KILL", "diting@a.service")
            row.expect(wait_until(lambda: store.ask() == "-", 5), f"a is down: {store.state()}")
            store.set_up(more=more, units="nowhere@")
            run = store.releases("restart")
            expect_status(row, run, 3, "a unit that is not installed", "nowhere@a.service")
            store.set_up(more=more, units="web@")
            status = store.releases("status", "--json")
            hints = [str(one["hint"]) for one in status.json["findings"]]
            row.expect(
                any(hint.endswith("restart") for hint in hints), f"the hint is restart: {hints}"
            )
            expect_status(row, store.releases("restart"), 0, "the hint is followed")
            expect_one(row, store, "web@a", "repaired")
            expect_codes(row, store, [], "repaired")


@scenario(
    "instance-change-watched",
    "instances: status and metrics are right while a switch applies a change",
    for_old=False,
)
def watched(hosts: HostFactory, row: Row) -> None:
    """Look at the store while the new release starts, and after the switch was killed."""
    for more in ("", EXCLUSIVE):
        with quick_store(hosts) as store:
            install_template(store, "web", "/run/web/{id}/http.sock")
            store.set_up(more=more, timeout="20s")
            store.put("a")
            store.put("slow", SLOW)
            expect_status(row, store.releases("activate", "a"), 0, "a")
            socket = "/run/web/{id}/http.sock"
            store.set_up(more=more, timeout="20s", units="web@", socket=socket)
            process = store.begin("activate", "slow")
            wait_until(lambda: "web@slow.service" in running(store), 30)
            for when in ("running", "killed"):
                status = store.releases("status", "--json").json
                codes = [str(one["code"]) for one in status["findings"]]
                row.expect("serviceMismatch" not in codes, f"{when}, {more}: {codes}")
                roles = {one["release"]: one["role"] for one in status["instances"]}
                row.expect(roles.get("a") == "live", f"{when}, {more}: a is live: {roles}")
                metrics = store.releases("metrics").output
                wrong = [x for x in metrics.splitlines() if x.startswith("releases_live_link_ok")]
                row.expect(wrong[0].endswith(" 1"), f"{when}, {more}: the link is right: {wrong}")
                if when == "running":
                    store.host.must(
                        "pkill", "--signal", "KILL", "--full", "^releases.* activate slow"
                    )
                    process.communicate(timeout=60)
            dry = store.releases("recover", "--dry-run")
            row.expect("start the instance of a" not in dry.text, f"{more}: a is left: {dry}")
            expect_status(row, store.releases("recover"), 0, "recover")
            expect_one(row, store, "diting@a", f"recovered, {more}")
