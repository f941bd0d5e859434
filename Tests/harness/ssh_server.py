"""A real sshd on the loopback interface, with its own keys, for the current user alone."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from harness.network import free_port
from harness.processes import wait_until

if TYPE_CHECKING:
    from types import TracebackType

# Debian's sshd drops its rights in this directory when root runs it.
PRIVILEGE_SEPARATION = Path("/run/sshd")

# The server keeps its files in one directory, and accepts nothing but keys.
SETTINGS = """\
HostKey {directory}/host
AuthorizedKeysFile {directory}/authorized_keys
PidFile {directory}/pid
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
"""


def make_key(path: Path, comment: str = "") -> None:
    """Make a key pair without a passphrase."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], check=True
    )


def client_options(key: Path, known_hosts: Path) -> list[str]:
    """Return the command line of an SSH client that asks nothing and uses this key alone."""
    options = [
        "IdentitiesOnly=yes",
        f"UserKnownHostsFile={known_hosts}",
        "StrictHostKeyChecking=yes",
        "BatchMode=yes",
        "LogLevel=ERROR",
    ]
    words = [word for option in options for word in ("-o", option)]
    return ["ssh", "-F", "none", "-i", str(key), *words]


class SSHServer:
    """The server runs while the `with` statement does."""

    def __init__(self, directory: Path, restrictions: str = "") -> None:
        """Make the server's files.

        restrictions: what stands before the user's key in authorized_keys, see sshd(8).
        """
        directory.mkdir()
        self.directory, self.port = directory, free_port()
        for name in ("host", "user"):
            make_key(directory / name)
        (directory / "authorized_keys").write_text(
            f"{restrictions} {(directory / 'user.pub').read_text()}".lstrip()
        )
        key = " ".join((directory / "host.pub").read_text().split()[:2])
        (directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}\n")
        (directory / "config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\n"
            f"ListenAddress [::1]:{self.port}\n"
            f"{SETTINGS.format(directory=directory)}"
        )

    def client(self, command: str, *options: str) -> list[str]:
        """Return the command line of an SSH client that runs the command on the host."""
        return [
            *client_options(self.directory / "user", self.directory / "known_hosts"),
            "-p",
            str(self.port),
            *options,
            f"{getpass.getuser()}@127.0.0.1",
            "--",
            command,
        ]

    def __enter__(self) -> SSHServer:
        """Start the server, and wait until it lets the user in."""
        self.made_directory = not PRIVILEGE_SEPARATION.exists()
        if self.made_directory:
            PRIVILEGE_SEPARATION.mkdir(mode=0o755)
        with (self.directory / "log").open("wb") as log:
            self.server = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", self.directory / "config"],
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        if not wait_until(self._answers, 10, 0.1):
            raise RuntimeError((self.directory / "log").read_text())
        return self

    def _answers(self) -> bool:
        # ssh itself ends with 255; a forced command may end with anything else.
        probe = subprocess.run(
            self.client("true"), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        return probe.returncode != 255

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.server.terminate()
        self.server.wait()
        if self.made_directory:
            PRIVILEGE_SEPARATION.rmdir()
