"""Sets a host up as a person does once, in the order of the README."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.host.host_store import PLACE, SHARED, UV, HostStore

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.booted_host import Host

EXAMPLES = "/usr/share/doc/releases/examples"
SUDOERS = "/etc/sudoers.d/releases"
# The network of these hosts reaches nothing.
UV_SETTINGS = 'offline = true\npython-downloads = "never"\nlink-mode = "copy"\n'


def clean_machine(host: Host) -> None:
    """Remove the machine's own services and any `releases` from the host's view."""
    for wanted in host.path("/etc/systemd/system").glob("*.wants/*"):
        if "ssh" not in wanted.name:
            wanted.unlink()
    host.write("/etc/machine-id", "", 0o444)
    host.path("/usr/bin/releases").unlink(missing_ok=True)
    host.path("/usr/local/bin/releases").unlink(missing_ok=True)
    # The journal then survives a boot.
    host.path("/var/log/journal").mkdir(parents=True, exist_ok=True)
    for name in ("opt", "srv", "home"):
        (host.disk.mountpoint / name).mkdir()


def make_users(host: Host, uv: Path, cache: Path) -> None:
    """Make the user `deploy`, who may read the journal and has uv."""
    host.must(
        "useradd", "--create-home", "--shell", "/bin/bash", "--groups", "systemd-journal", "deploy"
    )
    host.copy_in(uv, UV, 0o755)
    host.write("/home/deploy/.config/uv/uv.toml", UV_SETTINGS)
    target = host.path("/home/deploy/.cache/uv")
    target.parent.mkdir()
    subprocess.run(["cp", "-a", cache, target], check=True)
    host.must("chown", "-R", "deploy:", "/home/deploy")


def install(host: Host, package: Path) -> None:
    """Install package, sudoers file and service, enable recovery at boot, and make a store."""
    host.copy_in(package, "/root/releases.deb")
    host.must("dpkg", "--install", "/root/releases.deb")
    host.shell(f"""
        visudo --check --quiet --file={EXAMPLES}/sudoers/releases
        install --mode=440 {EXAMPLES}/sudoers/releases {SUDOERS}
        install --mode=644 {EXAMPLES}/diting.service /etc/systemd/system/
        install --directory --owner=deploy --group=deploy {PLACE} /var/lib/node_exporter
        systemctl daemon-reload""")
    host.must("systemctl", "enable", unit(host, "recover"))
    store = HostStore(host)
    made = store.releases("init")
    if made.status != 0:
        raise RuntimeError(f"init: {made.text}")
    store.write(SHARED, "token: of the host tests\n")
    store.configure()


def unit(host: Host, job: str, store: str = PLACE, kind: str = "service") -> str:
    """Return the shipped unit for a store: an instance of the template, where there is one."""
    if host.path(f"/usr/lib/systemd/system/releases-{job}@.{kind}").exists():
        return f"releases-{job}@{host.must('systemd-escape', '--path', store).strip()}.{kind}"
    return f"releases-{job}.{kind}"
