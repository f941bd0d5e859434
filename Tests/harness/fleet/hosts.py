"""Hosts on this machine, each with a network, a /etc, a /opt and a real sshd of its own.

They are in namespaces that end with the process, which removes all that was set up.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from harness import processes
from harness.mounts import mount
from harness.processes import must_run, wait_until
from harness.ssh_server import SETTINGS, make_key

if TYPE_CHECKING:
    from harness.processes import Run

NETWORK = "10.77.0"
SSHD = SETTINGS + "Subsystem sftp internal-sftp\n"


class FleetHost:
    """One host, with a network namespace, accounts of its own, and a running sshd."""

    def __init__(self, fleet: Fleet, number: int) -> None:
        self.name, self.address = f"host{number}", f"{NETWORK}.{10 + number}"
        self.directory = fleet.directory / self.name
        self.directory.mkdir()
        make_key(self.directory / "host")
        (self.directory / "authorized_keys").write_text(fleet.public_key)
        (self.directory / "config").write_text(SSHD.format(directory=self.directory))
        self._make_network()
        script = (
            "mount -t tmpfs tmpfs /opt && chmod 755 /opt && mount -t tmpfs tmpfs /home && "
            "cp -a /etc /home/.etc && mount --bind /home/.etc /etc && "
            f"exec /usr/sbin/sshd -D -e -f {self.directory}/config"
        )
        with (self.directory / "log").open("wb") as log:
            self.server = subprocess.Popen(
                ["ip", "netns", "exec", self.name, "sh", "-c", script],
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    def _make_network(self) -> None:
        peer = ("peer", "name", "eth0", "netns", self.name)
        must_run("ip", "netns", "add", self.name)
        must_run("ip", "link", "add", self.name, "type", "veth", *peer)
        must_run("ip", "link", "set", self.name, "master", "fleet", "up")
        for words in (
            ("address", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "lo", "up"),
            ("link", "set", "eth0", "up"),
        ):
            must_run("ip", "-n", self.name, *words)

    @property
    def opt(self) -> Path:
        """The host's /opt, as this process sees it."""
        return Path(f"/proc/{self.server.pid}/root/opt")

    def inside(self, *words: str) -> str:
        """Run a command on the host that has to succeed, and return what it prints."""
        return must_run("nsenter", "-t", str(self.server.pid), "-m", "-n", *words)

    @property
    def known_hosts_line(self) -> str:
        """The line of the host in known_hosts."""
        return f"{self.address} {(self.directory / 'host.pub').read_text()}"

    def unplug(self) -> None:
        """Take the host off the network."""
        must_run("ip", "link", "set", self.name, "down")

    def plug(self) -> None:
        """Put the host back on the network."""
        must_run("ip", "link", "set", self.name, "up")


class Fleet:
    """Some hosts, with an inventory and a configuration of Ansible for them."""

    def __init__(self, directory: Path, count: int, collection: Path) -> None:
        """Make and start the hosts.

        collection: the directory of the Ansible collection.
        """
        self.directory = directory
        mount("tmpfs", "tmpfs", Path("/run"))
        for name in ("/run/netns", "/run/sshd"):
            Path(name).mkdir(mode=0o755)
        must_run("ip", "link", "set", "lo", "up")
        must_run("ip", "link", "add", "fleet", "type", "bridge")
        must_run("ip", "address", "add", f"{NETWORK}.1/24", "dev", "fleet")
        must_run("ip", "link", "set", "fleet", "up")
        make_key(directory / "user")
        self.public_key = (directory / "user.pub").read_text()
        self.hosts = [FleetHost(self, number + 1) for number in range(count)]
        known_hosts = "".join(host.known_hosts_line for host in self.hosts)
        (directory / "known_hosts").write_text(known_hosts)
        inventory = [f"{host.name} ansible_host={host.address}\n" for host in self.hosts]
        (directory / "inventory").write_text("[releases]\n" + "".join(inventory))
        place = directory / "collections/ansible_collections/diting"
        place.mkdir(parents=True)
        (place / "releases").symlink_to(collection)
        self.environment = ansible_environment(directory)

    def wait(self) -> None:
        """Wait until all hosts answer; raises RuntimeError when they do not."""
        ping = ("ansible", "releases", "-m", "ping")
        if not wait_until(lambda: self.ansible(*ping).status == 0, 60, 0.2):
            raise RuntimeError(self.ansible(*ping).text)

    def ansible(self, *words: object) -> Run:
        """Run a program of Ansible to its end."""
        command = [str(word) for word in words]
        return processes.run(command, environment=self.environment, directory=self.directory)


def ansible_environment(directory: Path) -> dict[str, str]:
    """Return the variables that configure Ansible for the fleet."""
    return {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(directory),
        "LANG": "C.UTF-8",
        "ANSIBLE_HOME": str(directory / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(directory / "local"),
        "ANSIBLE_REMOTE_TMP": "/opt/.ansible",
        "ANSIBLE_COLLECTIONS_PATH": f"{directory}/collections:/usr/lib/python3/dist-packages",
        "ANSIBLE_INVENTORY": str(directory / "inventory"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_FORKS": "5",
        "ANSIBLE_TIMEOUT": "5",
        "ANSIBLE_REMOTE_USER": "root",
        "ANSIBLE_PRIVATE_KEY_FILE": str(directory / "user"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(directory / "control"),
        "ANSIBLE_SSH_ARGS": f"-F none -o UserKnownHostsFile={directory}/known_hosts -o "
        "ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=2 "
        "-o ServerAliveCountMax=2",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
    }
