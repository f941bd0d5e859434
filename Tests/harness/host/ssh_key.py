"""An SSH key that may do what CI does, and the client that uses it from outside the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.ssh_server import client_options, make_key

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.booted_host import Host

FORCED = 'restrict,command="releases gate --allow ci --name github --store /opt/diting"'


class Key:
    """The host's own sshd accepts this key for the user `deploy`."""

    def __init__(self, host: Host, place: Path, restrictions: str = FORCED) -> None:
        """Make the key, and allow it on the host.

        place: the directory of the key on the machine.
        restrictions: what stands before the key in authorized_keys.
        """
        self.host, self.place = host, place
        self.file = place / "key"
        place.mkdir(exist_ok=True)
        if not self.file.exists():
            make_key(self.file)
        host.shell("ssh-keygen -A")
        host.write(
            "/home/deploy/.ssh/authorized_keys",
            f"{restrictions} {self.file.with_suffix('.pub').read_text()}",
            0o600,
        )
        host.shell("chmod 700 /home/deploy/.ssh; chown -R deploy: /home/deploy/.ssh")
        host.shell("systemctl restart ssh")
        (place / "known_hosts").write_text(
            f"127.0.0.1 {host.path('/etc/ssh/ssh_host_ed25519_key.pub').read_text()}"
        )

    def client(self, command: str) -> list[str]:
        """Return the command line of an SSH client that runs the command on the host."""
        options = client_options(self.file, self.place / "known_hosts")
        return self.host.command_on_network(*options, "deploy@127.0.0.1", "--", command)
