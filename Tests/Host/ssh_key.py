"""A key that may do what CI does, and the client that comes with it, from another computer."""

import subprocess
from pathlib import Path

from host import Host

FORCED = 'restrict,command="releases gate --allow ci --name github --store /opt/diting"'


class Key:
    """The host's own sshd lets it in as `deploy`."""

    def __init__(self, host: Host, place: Path, rights: str = FORCED):
        self.host, self.place = host, place
        self.file = place / "key"
        place.mkdir(exist_ok=True)
        if not self.file.exists():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.file], check=True)
        host.shell("ssh-keygen -A")
        host.write(
            "/home/deploy/.ssh/authorized_keys",
            f"{rights} {self.file.with_suffix('.pub').read_text()}", 0o600)
        host.shell("chmod 700 /home/deploy/.ssh; chown -R deploy: /home/deploy/.ssh")
        host.shell("systemctl restart ssh")
        (place / "known_hosts").write_text(
            f"127.0.0.1 {host.path('/etc/ssh/ssh_host_ed25519_key.pub').read_text()}")

    def client(self, command: str) -> list[str]:
        options = ("IdentitiesOnly=yes", f"UserKnownHostsFile={self.place}/known_hosts",
                   "StrictHostKeyChecking=yes", "BatchMode=yes", "LogLevel=ERROR")
        return self.host.command_on_network(
            "ssh", "-F", "none", "-i", str(self.file),
            *(word for option in options for word in ("-o", option)), "deploy@127.0.0.1",
            "--", command)
