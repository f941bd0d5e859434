"""Services that start in other ways than the shipped one: releases go live or are rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from harness.host.installation import SUDOERS
from harness.host.scenario import scenario
from harness.host.service_units import replace_unit
from harness.repository import HARNESS

if TYPE_CHECKING:
    from harness.host.host_factory import HostFactory
    from harness.host.report import Row

PYTHON = "/usr/bin/python3 plain_app.py"
UNIT = """\
[Unit]
Description=A service of some kind

[Service]
{lines}

[Install]
WantedBy=multi-user.target
"""
HERE = "WorkingDirectory=/opt/diting/current\n"
AS_OWNER = "User=deploy\n" + HERE
APP = (HARNESS / "host/plain_app.py").read_text()
DIES = "raise SystemExit('the schema is too old')\n"


@dataclass(frozen=True)
class ServiceKind:
    """A way in which a unit starts its service."""

    title: str
    lines: str
    unit: str = "diting"


KINDS = {
    "simple": ServiceKind("Type=simple", f"{AS_OWNER}ExecStart={PYTHON}"),
    "notify": ServiceKind("Type=notify", f"Type=notify\n{AS_OWNER}ExecStart={PYTHON}"),
    "exec": ServiceKind(
        "Type=exec, Restart=always", f"Type=exec\nRestart=always\n{AS_OWNER}ExecStart={PYTHON}"
    ),
    "dynamic": ServiceKind("DynamicUser=yes", f"DynamicUser=yes\n{HERE}ExecStart={PYTHON}"),
    "narrow": ServiceKind(
        "TemporaryFileSystem=/opt with a bind of the store",
        f"{AS_OWNER}TemporaryFileSystem=/opt:ro\nBindReadOnlyPaths=/opt/diting\nExecStart={PYTHON}",
    ),
    "template": ServiceKind(
        "an instance of a template", f"{AS_OWNER}ExecStart={PYTHON}", "diting@main"
    ),
    "shell": ServiceKind(
        "a shell that starts it",
        f"User=deploy\nExecStart=/bin/sh -c 'cd /opt/diting/current && {PYTHON}; exit $?'",
    ),
    "workers": ServiceKind(
        "forked workers", f"{AS_OWNER}Environment=WORKERS=2\nExecStart={PYTHON}"
    ),
}


def sudoers_line(unit: str) -> str:
    """Return the shipped sudoers line for a unit of another name."""
    verbs = ("restart", "reset-failed")
    commands = ", ".join(f"/usr/bin/systemctl {verb} {unit}" for verb in verbs)
    return f"deploy ALL=(root) NOPASSWD: {commands}\n"


def try_kind(hosts: HostFactory, row: Row, one: ServiceKind) -> None:
    """Deploy good versions and a bad one."""
    with hosts.store() as store:
        file = f"{one.unit.split('@')[0]}{'@' if '@' in one.unit else ''}.service"
        replace_unit(store.host, UNIT.format(lines=one.lines), file)
        if one.unit != "diting":
            store.host.write(SUDOERS, sudoers_line(one.unit), 0o440)
        store.configure(prepare="true", service=one.unit)
        for version in ("good1", "good2"):
            run = store.deploy(hosts.application.archive(version, {"plain_app.py": APP}))
            row.expect(run.status == 0, f"{version} is deployed, was {run.status}: {run.text}")
            row.expect(store.version() == version, f"{version} serves, was {store.version()}")
            status = store.releases("status")
            row.expect(status.status == 0, f"status is 0, was {status.status}: {status.text}")
        bad = store.deploy(hosts.application.archive("bad", {"plain_app.py": DIES}))
        row.expect(bad.status == 10, f"a bad one ends with 10, was {bad.status}: {bad.text}")
        row.expect(store.serves("good2", 5), f"good2 serves, was {store.version()}")
        row.saw(
            next(
                (
                    line
                    for line in store.releases("status").output.splitlines()
                    if line.startswith("service")
                ),
                "status names no service",
            )
        )


for name, a_kind in KINDS.items():
    scenario(f"kind-{name}", f"a service with {a_kind.title}")(partial(try_kind, one=a_kind))
