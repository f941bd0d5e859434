"""A real SSH server on loopback, with keys of its own, for the current user alone."""

import getpass
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

# Where root runs it, sshd wants this to drop its rights in.
PRIVILEGE_SEPARATION = Path("/run/sshd")

# Of a server that keeps all that is its own in one directory, and lets in by key alone.
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


def free_port() -> int:
    """One that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_key(path: Path) -> None:
    """A pair without a passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


class SSHServer:
    """Runs while the `with` statement does."""

    def __init__(self, directory: Path, rights: str = ""):
        """rights: what sshd(8) lets stand before a key in authorized_keys."""
        directory.mkdir()
        self.directory, self.port = directory, free_port()
        for name in ("host", "user"):
            make_key(directory / name)
        (directory / "authorized_keys").write_text(
            f"{rights} {(directory / 'user.pub').read_text()}".lstrip())
        key = " ".join((directory / "host.pub").read_text().split()[:2])
        (directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}\n")
        (directory / "config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\n{SETTINGS.format(directory=directory)}")

    def client(self, command: str, *more: str) -> list[str]:
        """The command line of an SSH client that runs the command on the host."""
        options = [
            "IdentitiesOnly=yes", f"UserKnownHostsFile={self.directory}/known_hosts",
            "StrictHostKeyChecking=yes", "BatchMode=yes", "LogLevel=ERROR",
        ]
        return [
            "ssh", "-F", "none", "-i", str(self.directory / "user"), "-p", str(self.port),
            *(part for option in options for part in ("-o", option)), *more,
            f"{getpass.getuser()}@127.0.0.1", "--", command,
        ]

    def __enter__(self) -> "SSHServer":
        self.made = not PRIVILEGE_SEPARATION.exists()
        if self.made:
            PRIVILEGE_SEPARATION.mkdir(mode=0o755)
        with (self.directory / "log").open("wb") as log:
            self.server = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", self.directory / "config"],
                stdin=subprocess.DEVNULL, stderr=log)
        deadline = time.monotonic() + 10
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError((self.directory / "log").read_text())
            time.sleep(0.1)
        return self

    def _answers(self) -> bool:
        # 255 is ssh's own; a forced command may end with anything else.
        return subprocess.run(
            self.client("true"), stdin=subprocess.DEVNULL, capture_output=True).returncode != 255

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.terminate()
        self.server.wait()
        if self.made:
            PRIVILEGE_SEPARATION.rmdir()
