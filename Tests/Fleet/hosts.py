"""Hosts with a network, a disk for /opt and a real sshd of their own, on one machine.

The whole runs in namespaces that end with it, and takes what it has set up along; see `isolated`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Callers"))

# pylint: disable=wrong-import-position
from sshd import SETTINGS, make_key

NETWORK = "10.77.0"
SSHD = SETTINGS + "Subsystem sftp internal-sftp\n"
INSIDE = "RELEASES_FLEET"


def run(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], check=True, capture_output=True, text=True, **more)


def isolated() -> None:
    """Begins this program once more where its network, mounts and processes are its own."""
    if INSIDE in os.environ:
        return
    ended = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
         sys.executable, "-B", *sys.argv], env={**os.environ, INSIDE: "1"}, check=False)
    sys.exit(ended.returncode)


class Host:
    def __init__(self, fleet: Fleet, number: int):
        self.name, self.address = f"host{number}", f"{NETWORK}.{10 + number}"
        self.directory = fleet.directory / self.name
        self.directory.mkdir()
        make_key(self.directory / "host")
        (self.directory / "authorized_keys").write_text(fleet.public_key)
        (self.directory / "config").write_text(SSHD.format(directory=self.directory))
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns",
            self.name)
        run("ip", "link", "set", self.name, "master", "fleet", "up")
        for words in (("address", "add", f"{self.address}/24", "dev", "eth0"),
                      ("link", "set", "lo", "up"), ("link", "set", "eth0", "up")):
            run("ip", "-n", self.name, *words)
        with (self.directory / "log").open("wb") as log:
            self.server = subprocess.Popen(
                ["ip", "netns", "exec", self.name, "sh", "-c",
                 "mount -t tmpfs tmpfs /opt && chmod 755 /opt && exec /usr/sbin/sshd -D -e -f "
                 f"{self.directory}/config"], stdin=subprocess.DEVNULL, stderr=log)

    @property
    def opt(self) -> Path:
        """Its /opt, as seen from outside."""
        return Path(f"/proc/{self.server.pid}/root/opt")

    @property
    def known(self) -> str:
        return f"{self.address} {(self.directory / 'host.pub').read_text()}"

    def unplug(self) -> None:
        run("ip", "link", "set", self.name, "down")

    def plug(self) -> None:
        run("ip", "link", "set", self.name, "up")


class Fleet:
    """Hosts, and an inventory and a configuration that lead Ansible to them."""

    def __init__(self, directory: Path, count: int, collection: Path):
        self.directory = directory
        run("mount", "-t", "tmpfs", "tmpfs", "/run")
        for name in ("/run/netns", "/run/sshd"):
            Path(name).mkdir(mode=0o755)
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "fleet", "type", "bridge")
        run("ip", "address", "add", f"{NETWORK}.1/24", "dev", "fleet")
        run("ip", "link", "set", "fleet", "up")
        make_key(directory / "user")
        self.public_key = (directory / "user.pub").read_text()
        self.hosts = [Host(self, number + 1) for number in range(count)]
        (directory / "known_hosts").write_text("".join(host.known for host in self.hosts))
        (directory / "inventory").write_text("[releases]\n" + "".join(
            f"{host.name} ansible_host={host.address}\n" for host in self.hosts))
        place = directory / "collections/ansible_collections/diting"
        place.mkdir(parents=True)
        (place / "releases").symlink_to(collection)
        self.environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(directory), "LANG": "C.UTF-8",
            "ANSIBLE_HOME": str(directory / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(directory / "local"),
            "ANSIBLE_REMOTE_TMP": "/opt/.ansible",
            "ANSIBLE_COLLECTIONS_PATH": f"{directory}/collections:/usr/lib/python3/dist-packages",
            "ANSIBLE_INVENTORY": str(directory / "inventory"), "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "1", "ANSIBLE_FORKS": "5", "ANSIBLE_TIMEOUT": "5",
            "ANSIBLE_REMOTE_USER": "root", "ANSIBLE_PRIVATE_KEY_FILE": str(directory / "user"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(directory / "control"),
            "ANSIBLE_SSH_ARGS": f"-F none -o UserKnownHostsFile={directory}/known_hosts -o "
                                "ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=2 "
                                "-o ServerAliveCountMax=2",
            "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
            "ANSIBLE_DEPRECATION_WARNINGS": "0",
        }

    def wait(self) -> None:
        """Until all answer."""
        for _ in range(50):
            if self.ansible("ansible", "releases", "-m", "ping").returncode == 0:
                return
            time.sleep(0.2)
        raise RuntimeError(self.ansible("ansible", "releases", "-m", "ping").stdout)

    def ansible(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in words], env=self.environment, cwd=self.directory,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
