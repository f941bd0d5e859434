"""What the rule for sudo allows, and how such a host boots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.host_store import PLACE
from harness.host.installation import EXAMPLES, unit
from harness.host.instances.quick import QuickStore, expect_only, quick_store
from harness.host.scenario import scenario
from harness.host.scenarios.instance_rights import LONGEST_ID, TEMPLATES, UNIT

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

SUDO_ALLOWED = (
    "start diting@1.service",
    "--no-block start diting@1.service",
    f"stop diting@{LONGEST_ID}.service",
    "restart diting@a-b_c.d.service diting-worker@a-b_c.d.service",
    "reset-failed diting-worker@1.service",
)
SUDO_REFUSED = (
    "start diting@1.service ssh.service",
    "start diting@1.service diting@2.service diting@3.service",
    "start ssh.service",
    "start diting@../x.service",
    "start diting@.x.service",
    "start diting@1.timer",
    f"start diting@{LONGEST_ID}i.service",
    "kill diting@1.service",
    "--force start diting@1.service",
    "start --job-mode=isolate diting@1.service",
    "edit diting@1.service",
    "start xditing@1.service",
    "",
)


@scenario("instance-sudo", "the rule for sudo allows the instances and nothing else", for_old=False)
def sudo_rights(hosts: HostFactory, row: Row) -> None:
    """Try command lines of systemctl with sudo."""
    with hosts.store() as plain:
        host = plain.host
        for name in TEMPLATES:
            host.write(f"/etc/systemd/system/{name}.service", UNIT)
        host.must("install", "--mode=440", f"{EXAMPLES}/sudoers/instances", "/etc/sudoers.d/")
        sudo = ("sudo", "-n", "/usr/bin/systemctl")
        for words in SUDO_ALLOWED:
            run = host.as_user("deploy", *sudo, *words.split())
            is_allowed = run.status == 0 or "not loaded" in run.errors
            row.expect(is_allowed, f"sudo allows {words}, was {run}")
        for words in SUDO_REFUSED:
            run = host.as_user("deploy", *sudo, *words.split())
            row.expect("password is required" in run.errors, f"sudo refuses {words}, was {run}")
        row.saw(f"{len(SUDO_ALLOWED)} commands allowed, {len(SUDO_REFUSED)} refused")
    boot_with_sudo(hosts, row)


def boot_with_sudo(hosts: HostFactory, row: Row) -> None:
    """Boot a host whose owner can start instances only with sudo."""
    with quick_store(hosts) as store:
        host = store.host
        host.shell(f"""
            rm /etc/polkit-1/rules.d/50-diting.rules
            systemctl restart polkit
            install --mode=440 {EXAMPLES}/sudoers/instances /etc/sudoers.d/""")
        for version in ("a", "b"):
            store.put(version)
        run = store.releases("activate", "a")
        row.expect(run.status == 0, f"sudo starts an instance: {run}")
        missing = "diting-start.service is not enabled"
        check = store.releases("check")
        row.expect(missing in check.text, f"check misses the unit: {check}")
        host.must("sync")
        host.power_cut()
        host.boot()
        row.expect(store.ask() == "-", f"without the unit nothing serves: {store.state()}")
        host.shell(f"""
            install --mode=644 {EXAMPLES}/diting-start.service /etc/systemd/system/
            systemctl daemon-reload
            systemctl enable --now diting-start.service""")
        expect_only(row, store, "a", "the unit starts it", 15)
        check = store.releases("check")
        row.expect(
            check.status == 0 and missing not in check.text, f"check finds the unit: {check}"
        )
        row.expect("start limit" not in check.text, f"start limits can be reset: {check}")
        for live in ("a", "b"):
            if live != store.live():
                row.expect(store.releases("activate", live).status == 0, f"{live} goes live")
            host.must("sync")
            host.power_cut()
            host.boot()
            expect_only(row, store, live, f"after a boot: {host.journal('diting-start')}", 15)
            log = host.journal(unit(host, "recover"))
            row.expect("to diting-start.service" in log and "denied" not in log, f"recover: {log}")
            status = store.releases("status")
            row.expect(status.status == 0, f"status after a boot: {status}")
        forge_link(row, store)


FORGED = (
    "releases/b ssh.service",
    "../ssh.service",
    "releases/b.service ssh",
    "ssh.service\n",
)


def forge_link(row: Row, store: QuickStore) -> None:
    """Try link texts of the owner that name another unit."""
    host, current = store.host, f"{PLACE}/current"
    kept = store.link("current")
    host.must("systemctl", "stop", "ssh.service")
    for text in (
        "releases/b ssh.service",
        "../ssh.service",
        "releases/b.service ssh",
        "ssh.service\n",
    ):
        host.must("ln", "-sfn", text, current)
        status = host.inside("systemctl", "start", "diting-start.service").status
        state = host.state("ssh.service")
        row.expect(state != "active", f"{text!r} starts no other unit, was {status}, {state}")
    host.must("ln", "-sfn", kept, current)
