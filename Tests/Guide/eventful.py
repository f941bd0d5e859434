"""A store in which everything has happened that leaves something on the disk."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

# What is only there while a hook runs is copied aside by it.
PREPARE = 'cp -aT "$RELEASES_STORE/.releases" "$RELEASES_STORE/../during-prepare"; test ! -e unready'
CONFIGURATION = f"""
shared: {{directories: [logs]}}
unpack: {{share: hardlink}}
trust: {{allowed-signers: ../allowed_signers}}
hooks:
  prepare: {{run: '{PREPARE}'}}
  activate: {{run: 'test ! -e dying || kill -9 $PPID; test ! -e slow || sleep 20'}}
health: {{command: 'test ! -e sick', timeout: 1s}}
"""


class EventfulStore:
    """Keeps each journal it has seen in `journals`, and each line of it in `lines`."""

    def __init__(self, work: Path, binary: Path):
        self.work, self.binary = work, binary
        self.path = work / "store"
        self.control = self.path / ".releases"
        self.journals: list[bytes] = []
        self.made_in_releases: set[str] = set()
        shutil.rmtree(work, ignore_errors=True)
        self.path.mkdir(parents=True, mode=0o755)

    def run(self, *words: str, status: int = 0, launcher: tuple[str, ...] = ()) -> None:
        run = subprocess.run(
            [*launcher, self.binary, "--store", self.path, *words], capture_output=True, text=True,
            check=False, cwd=self.work, timeout=60)
        assert run.returncode == status, f"{words}: {run.returncode}: {run.stderr}"
        self.look()

    def look(self) -> None:
        self.journals.append((self.control / "lock").read_bytes())

    def pack(self, *marks: str) -> str:
        tree = self.work / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        (tree / "same").write_text("in all releases\n" * 400)
        (tree / "a name = 1").write_text("with blanks\n")
        for mark in marks:
            (tree / mark).touch()
        subprocess.run(["tar", "-czf", "app.tar.gz", "-C", tree, "."], check=True, cwd=self.work)
        return "app.tar.gz"

    def sign(self) -> str:
        def keygen(*words: str) -> None:
            subprocess.run(["ssh-keygen", "-q", *words], check=True, cwd=self.work,
                           capture_output=True)
        if not (self.work / "key").exists():
            keygen("-t", "ed25519", "-N", "", "-C", "ci", "-f", "key")
            public = (self.work / "key.pub").read_text()
            (self.work / "allowed_signers").write_text(f"ci@example.org {public}")
        (self.work / "app.tar.gz.sig").unlink(missing_ok=True)
        keygen("-Y", "sign", "-n", "release", "-f", "key", "app.tar.gz")
        return "app.tar.gz.sig"

    def live_through(self) -> None:
        """All operations, states, phases and outcomes there are."""
        for name in ("1762061285", "1762147685"):
            (self.path / "releases" / name).mkdir(parents=True)
            (self.path / "releases" / name / "VERSION").touch()
        (self.path / "current").symlink_to("releases/1762061285")
        self.run("init")
        (self.path / "releases.yaml").write_text(CONFIGURATION)
        self.run("deploy", self.pack(), "--id", "good", "--ref", "v1")
        archive = self.pack("signed")
        self.run("deploy", archive, "--id", "signed", "--signature", self.sign())
        self.run("deploy", self.pack("sick"), "--id", "sick", status=10)
        self.run("unpack", self.pack("unready"), "--id", "unready", status=1)
        self.run("deploy", self.pack("dying"), "--id", "dying", status=-signal.SIGKILL)
        self.run("recover")
        self.abort(self.pack("slow"))
        # An unpacking is cut off before anything has left the stage.
        self.run("unpack", self.pack(), "--id", "cut", status=-signal.SIGKILL, launcher=(
            "strace", "-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
            "inject=renameat2:signal=KILL:when=1"))
        shutil.copytree(self.control, self.work / "staged", symlinks=True)
        self.run("rollback")
        self.run("mark", "signed", "good", "--reason", "it was not that")
        self.run("activate", "signed")
        self.run("pin", "good", "--reason", "audit")
        self.run("unpin", "good")
        self.run("pin", "good", "--reason", "audit")
        self.run("freeze", "--reason", "migration")
        shutil.copytree(self.control, self.work / "frozen", symlinks=True)
        self.run("thaw")
        (self.path / "new").symlink_to("releases/good")
        (self.path / "new").rename(self.path / "current")
        self.run("recover")
        self.run("activate", "signed")
        # The removal is cut off after the release has left its place; the first flush is of what the
        # switch before left.
        self.run("remove", "sick", status=-signal.SIGKILL, launcher=(
            "strace", "-f", "-o", "/dev/null", "-e", "trace=unlinkat,fsync", "-e",
            "inject=fsync:signal=KILL:when=2"))
        shutil.copytree(self.control, self.work / "removing", symlinks=True)
        self.run("recover")
        (self.control / "lock").write_bytes(b"\0" * 8192)
        self.run("recover")
        self.inherit()

    def inherit(self) -> None:
        """The tree of a new release is cut off where it is made in `releases/`."""
        releases = self.path / "releases"
        releases.chmod(0o2755)
        self.run("unpack", self.pack(), "--id", "inherits", status=-signal.SIGKILL, launcher=(
            "strace", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
            "inject=renameat2:signal=KILL:when=1"))
        self.made_in_releases = {path.name for path in releases.glob(".tree.*")}
        releases.chmod(0o755)
        self.run("recover")

    def abort(self, archive: str) -> None:
        """Stops the process that would take the request up, to see it lie there."""
        words = [self.binary, "--store", self.path, "deploy", archive, "--id", "slow"]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL, cwd=self.work) as deploy:
            while b'"confirm":true' not in (self.control / "lock").read_bytes() or not any(
                    path.name == "slow-activate.log" for path in (self.control / "logs").iterdir()):
                time.sleep(0.02)
            self.look()
            deploy.send_signal(signal.SIGSTOP)
            try:
                self.run("abort", "--reason", "wrong branch", "--wait", "0s")
                shutil.copytree(self.control, self.work / "aborting", symlinks=True)
            finally:
                deploy.send_signal(signal.SIGCONT)
            assert deploy.wait() == 10
        self.look()
