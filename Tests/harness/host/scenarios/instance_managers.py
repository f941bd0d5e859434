"""Switches with the other ways to control units: sudo, the systemd of the owner, and no rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.installation import EXAMPLES, unit
from harness.host.instances.quick import expect_only, expect_status, quick_store
from harness.host.scenario import scenario
from harness.processes import wait_until

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

RULE = "/etc/polkit-1/rules.d/50-diting.rules"
USER_UNIT = """\
[Unit]
AssertPathExists=/opt/diting/releases/%i
StartLimitIntervalSec=0

[Service]
WorkingDirectory=/opt/diting/releases/%i
RuntimeDirectory=diting/%i
ExecStart=/usr/bin/python3 -I -S -B app.py %t/diting/%i/http.sock
Type=exec
Restart=on-failure
RestartSec=1s
"""


@scenario("instance-switch-sudo", "instances: switches with sudo instead of polkit", for_old=False)
def sudo(hosts: HostFactory, row: Row) -> None:
    """Switch, roll back and fail without the polkit rule."""
    with quick_store(hosts) as store:
        host = store.host
        host.must("rm", RULE)
        host.must("systemctl", "restart", "polkit")
        store.set_up(drain="1s")
        for version in ("a", "b"):
            store.put(version)
        run = store.releases("activate", "a")
        row.expect(run.status in (1, 3), f"without rights it is refused: {run}")
        row.saw(f"no rights: {run}")
        row.expect(store.instances() == {}, f"nothing runs: {store.instances()}")
        host.must("install", "--mode=440", f"{EXAMPLES}/sudoers/instances", "/etc/sudoers.d/")
        for words, live in (
            (("activate", "a"), "a"),
            (("activate", "b"), "b"),
            (("rollback",), "a"),
        ):
            run = store.releases(*words)
            expect_status(row, run, 0, f"{words}")
            expect_only(row, store, live, f"{words}")
        host.must("rm", "/etc/sudoers.d/instances")
        before = store.process("a")
        run = store.releases("activate", "b", "--force")
        row.saw(f"no rights: {run}")
        row.expect(run.status in (1, 3), f"it is refused without rights: {run.status}")
        row.expect("does not serve" not in run.text, f"it says nothing wrong of a: {run.text}")
        expect_only(row, store, "a", "refused")
        row.expect(store.process("a") == before, "a was not touched")
        store.put("c")
        run = store.releases("activate", "c")
        row.expect(run.status in (1, 3), f"a new one is refused too: {run}")
        listed = store.releases("list", "--json").json["releases"]
        states = {one["id"]: one["state"] for one in listed}
        row.expect(states["c"] == "ready", f"the new one is not bad: {states}")
        status = store.releases("status")
        expect_status(row, status, 0, "status after a refusal")
        host.must("install", "--mode=440", f"{EXAMPLES}/sudoers/instances", "/etc/sudoers.d/")
        run = store.releases("recover")
        expect_status(row, store.releases("status"), 0, f"status after recover ({run})")


@scenario("instance-switch-user", "instances: units of the owner's systemd", for_old=False)
def user(hosts: HostFactory, row: Row) -> None:
    """Switch, roll back, and boot."""
    with quick_store(hosts) as store:
        host = store.host
        host.must("rm", RULE)
        host.must("loginctl", "enable-linger", "deploy")
        number = host.must("id", "--user", "deploy").strip()

        def has_bus() -> bool:
            return host.inside("test", "-S", f"/run/user/{number}/bus").status == 0

        row.expect(
            wait_until(has_bus, 20),
            "the systemd of deploy runs",
        )
        home = "/home/deploy/.config/systemd/user"
        host.write(f"{home}/diting@.service", USER_UNIT)
        host.write("/home/deploy/.config/user-tmpfiles.d/diting.conf", "d %t/diting 0755 - - -\n")
        host.must("chown", "-R", "deploy:", "/home/deploy/.config")
        run_dir = f"/run/user/{number}"
        store.set_up(drain="2s", more="  manager: user\n")
        path = store.directory / "releases.yaml"
        text = path.read_text().replace("/run/diting/", f"{run_dir}/diting/")
        store.write("releases.yaml", text)

        def control(*words: str) -> str:
            return host.as_user(
                "deploy", "env", f"XDG_RUNTIME_DIR={run_dir}", "systemctl", "--user", *words
            ).text

        # Recovery at boot must be a unit of the same systemd.
        recover = unit(host, "recover")
        host.must("systemctl", "disable", recover)
        control("daemon-reload")
        control("enable", recover, "systemd-tmpfiles-setup.service")
        # At a boot, systemd-tmpfiles-setup.service of the user does that.
        variables = (f"XDG_RUNTIME_DIR={run_dir}", "HOME=/home/deploy")
        host.as_user("deploy", "env", *variables, "systemd-tmpfiles", "--user", "--create")

        def ask() -> str:
            words = [
                "curl",
                "-s",
                "--unix-socket",
                f"{run_dir}/diting/live.sock",
                "http://x/version",
            ]
            return host.inside(*words).output

        def running() -> str:
            return control("list-units", "--plain", "--no-legend", "diting@*.service")

        for version in ("a", "b"):
            store.put(version)
            run = store.releases("activate", version)
            expect_status(row, run, 0, f"activate {version}")
            row.expect(version in ask(), f"{version} serves: {ask()}")
        lines = [line.split()[0] for line in running().splitlines()]
        row.expect(lines == ["diting@b.service"], f"only b runs: {lines}")
        run = store.releases("rollback")
        expect_status(row, run, 0, "rollback")
        row.expect("a" in ask(), f"a serves: {ask()}")
        expect_status(row, store.releases("status"), 0, "status")
        # As root, which becomes the owner.
        run = host.inside(*store.words("activate", "b", "--force"))
        expect_status(row, run, 0, "as root")
        host.must("sync")
        host.power_cut()
        host.boot()
        wait_until(lambda: "b" in ask(), 20)
        row.expect("b" in ask(), f"after a boot b serves: {running()} {control('status', recover)}")
        expect_status(row, store.releases("status"), 0, "status after a boot")


@scenario("instance-late-bus", "instances: a boot at which polkit starts late", for_old=False)
def late(hosts: HostFactory, row: Row) -> None:
    """Delay polkit at boot, and mask it."""
    with quick_store(hosts) as store:
        host = store.host
        store.set_up(drain="1s")
        for version in ("a", "b"):
            store.put(version)
            store.releases("activate", version)
        host.write(
            "/etc/systemd/system/polkit.service.d/late.conf",
            "[Service]\nExecStartPre=/bin/sleep 4\n",
        )
        host.power_cut()
        host.boot()
        serves = wait_until(lambda: store.ask() == "b", 30)
        row.expect(serves, f"b serves: {store.state()} {host.journal(unit(host, 'recover'))}")
        expect_only(row, store, "b", "polkit is late")
        expect_status(row, store.releases("status"), 0, "polkit is late")
        host.must("systemctl", "mask", "polkit.service")
        host.power_cut()
        host.boot()
        host.inside("sleep", "5")
        log = host.journal(unit(host, "recover"))
        status = store.releases("status")
        row.saw(f"no polkit: {store.state()}, {log}, status {status}")
        expect_status(row, status, 7, "no polkit")
