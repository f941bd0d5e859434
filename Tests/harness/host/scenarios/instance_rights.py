"""What the polkit rule allows, and how instances run as other users than the store's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.application import MODULE
from harness.host.host_store import UV_SYNC
from harness.host.installation import EXAMPLES
from harness.host.instances.applications import APP
from harness.host.instances.instance_store import (
    HERE,
    RUN,
    InstanceStore,
    install_front,
    install_instances,
)
from harness.host.scenario import scenario

if TYPE_CHECKING:
    from harness.host.booted_host import Host
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row
    from harness.processes import Run

LONGEST_ID = "i" * 64
# A unit that was stopped is not loaded any more, and then has no state to reset.
ALLOWED_VERBS = ("start", "reset-failed", "restart", "stop")
# A unit that does nothing, in place of the application.
UNIT = """\
[Service]
User=deploy
ExecStart=/usr/bin/sleep 600
"""
TEMPLATES = ("diting@", "diting-worker@", "other@", "xditing@", "diting-x@")
REFUSED_UNITS = (
    "other@1.service",
    "xditing@1.service",
    "diting-x@1.service",
    "diting@.hidden.service",
    "diting@-1.service",
    "diting@a:b.service",
    f"diting@{LONGEST_ID}i.service",
    r"diting@..\x2fx.service",
    "diting@../x.service",
    "diting@1.timer",
    "diting.service",
    "ssh.service",
    "systemd-journald.service",
)
REFUSED_VERBS = (
    ("kill", "diting@1.service"),
    ("reload", "diting@1.service"),
    ("try-restart", "diting@1.service"),
    ("freeze", "diting@1.service"),
    ("set-property", "diting@1.service", "CPUWeight=10"),
    ("enable", "diting@1.service"),
    ("mask", "diting@1.service"),
    ("edit", "diting@1.service"),
    ("link", "/tmp/diting@1.service"),
    ("start", "diting@1.service", "ssh.service"),
    ("isolate", "diting@1.service"),
    ("daemon-reload",),
    ("set-environment", "LD_PRELOAD=/tmp/x.so"),
    ("poweroff",),
    ("reset-failed",),
)


DENIALS = (
    *("Access denied", "authentication required", "Invalid unit name", "Permission denied"),
    # What systemd says before it asks polkit, or whatever polkit says.
    *("not loaded", "may not be isolated", "not on a tty"),
)


def systemctl(host: Host, user: str, *words: str) -> Run:
    """Run systemctl for a user without a terminal."""
    return host.as_user(user, "systemctl", "--no-ask-password", *words)


def expect_denied(row: Row, host: Host, user: str, *words: str) -> None:
    """Expect that systemd refuses a command because of its user or its unit."""
    run = systemctl(host, user, *words)
    denied = run.status != 0 and any(denial in run.errors for denial in DENIALS)
    row.expect(denied, f"{user} may not {words}, was {run}")


@scenario("instance-rights", "the polkit rule allows the instances and nothing else", for_old=False)
def rights(hosts: HostFactory, row: Row) -> None:
    """Try verbs, units and users."""
    with hosts.store() as plain:
        host = plain.host
        host.must("useradd", "--create-home", "other")
        for name in TEMPLATES:
            host.write(f"/etc/systemd/system/{name}.service", UNIT)
        host.write("/etc/systemd/system/diting@.timer", "[Timer]\nOnCalendar=yearly\n")
        expect_denied(row, host, "deploy", "start", "diting@1.service")
        host.must(
            "install", "--mode=644", f"{EXAMPLES}/polkit/50-diting.rules", "/etc/polkit-1/rules.d/"
        )
        host.must("systemctl", "restart", "polkit")
        names = ("1", LONGEST_ID, "a-b_c.d", "1.service", "x.socket")
        units = [f"{template}{name}.service" for template in TEMPLATES[:2] for name in names]
        for instance in units:
            for verb in ALLOWED_VERBS:
                run = systemctl(host, "deploy", verb, instance)
                row.expect(run.status == 0, f"deploy may {verb} {instance}, was {run}")
        # Units that run are loaded, so that only the rule decides.
        host.inside("systemctl", "start", "diting@1.service", *REFUSED_UNITS[:6])
        for refused_unit in REFUSED_UNITS:
            for verb in ALLOWED_VERBS:
                expect_denied(row, host, "deploy", verb, refused_unit)
        for words in REFUSED_VERBS:
            expect_denied(row, host, "deploy", *words)
        transient = ("systemd-run", "--no-ask-password", "--unit=diting@2", "/usr/bin/true")
        row.expect(host.as_user("deploy", *transient).status != 0, "deploy makes no unit")
        for verb in ALLOWED_VERBS:
            expect_denied(row, host, "other", verb, "diting@1.service")
        refused = (len(REFUSED_UNITS) + 1) * len(ALLOWED_VERBS) + len(REFUSED_VERBS) + 1
        row.saw(f"{len(units) * len(ALLOWED_VERBS)} commands allowed, {refused} refused")


def service_user(host: Host, *, closed: bool) -> None:
    """Let the instances run as the user `diting`, and close their directory to other users."""
    host.must("useradd", "--system", "--home-dir", "/nonexistent", "diting")
    host.shell("""
        sed -i 's/^User=deploy/User=diting/; s/^Group=deploy/Group=diting/' \\
          /etc/systemd/system/diting@.service
        chmod o+x /home/deploy
        systemctl daemon-reload""")
    if closed:
        host.shell("""
            sed -i 's/ 0755 / 0750 /; s/^#a /a /' /etc/tmpfiles.d/diting.conf
            systemd-tmpfiles --create /etc/tmpfiles.d/diting.conf""")


@scenario("instance-user", "instances of another user than the store's owner", for_old=False)
def other_user(hosts: HostFactory, row: Row) -> None:
    """Switch with an own service user, and look at who may do what."""
    with hosts.store() as plain:
        store, host = InstanceStore(plain.host), plain.host
        host.must("useradd", "--create-home", "other")
        install_instances(host)
        install_front(hosts, host, "nginx")
        service_user(host, closed=True)
        store.configure(prepare=UV_SYNC)
        for version in ("a", "b"):
            archive = hosts.application.archive(version, {MODULE: APP})
            store.releases("unpack", host.copy_in(archive, "/srv/in/v"), "--id", version)
        # The secret is for the owner's group alone, of which the service user is a member.
        host.must("usermod", "--append", "--groups", "deploy", "diting")
        script = host.copy_in(HERE / "switch_by_hand.sh", "/srv/harness/switch", 0o755)
        for new, *old in (["a"], ["b", "a"]):
            run = host.as_user("deploy", script, new, *old)
            row.expect(run.status == 0, f"switch to {new}: {run}: {host.journal('diting@a')}")
            row.expect(store.serves(new), f"{new} serves, was {store.version()}")
        curl = (
            "curl",
            "--silent",
            "--fail",
            "--unix-socket",
            f"{RUN}/live.sock",
            "http://x/version",
        )
        for user, may in (("deploy", True), ("www-data", True), ("other", False)):
            status = host.as_user(user, *curl).status
            row.expect((status == 0) == may, f"{user} connects: {may}, was {status}")
        for words in (("ln", "-sfn", "x", f"{RUN}/live.sock"), ("touch", f"{RUN}/x")):
            row.expect(host.as_user("diting", *words).status != 0, f"the service may not {words}")
        row.saw(host.must("ls", "-ln", RUN, f"{RUN}/b"))
