"""Makes a store in which everything has happened that leaves something on the disk."""

from __future__ import annotations

import shutil
import signal
import subprocess
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from harness import processes
from harness.archives import pack_files
from harness.assertions import expect
from harness.processes import must_run, wait_until
from harness.ssh_server import make_key
from harness.store import Store

if TYPE_CHECKING:
    from pathlib import Path

# The prepare hook copies what is there only while it runs.
PREPARE = (
    'cp -aT "$RELEASES_STORE/.releases" "$RELEASES_STORE/../during-prepare"; test ! -e unready'
)
CONFIGURATION = f"""
shared: {{directories: [logs]}}
unpack: {{share: hardlink}}
trust: {{allowed-signers: ../allowed_signers}}
hooks:
  prepare: {{run: '{PREPARE}'}}
  activate: {{run: 'test ! -e dying || kill -9 $PPID; test ! -e slow || sleep 20'}}
health: {{command: 'test ! -e sick', timeout: 1s}}
"""
KILLED = -signal.SIGKILL
# The size in bytes from which the history is rotated.
HISTORY_LIMIT = 4 << 20
FILES = {"same": "in all releases\n" * 400, "a name = 1": "with blanks\n"}


def killed_at(call: str, number: int, *options: str) -> tuple[str, ...]:
    """Return the strace(1) that kills a command at its call of this name and number."""
    injection = f"inject={call}:signal=KILL:when={number}"
    return ("strace", *options, "-o", "/dev/null", "-e", f"trace=unlinkat,{call}", "-e", injection)


class EventfulStore:
    """A store that keeps each journal it has seen in `journals`."""

    def __init__(self, work: Path, binary: Path) -> None:
        self.work = work
        self.store = Store(binary, work / "store")
        self.path = self.store.path
        self.control = self.path / ".releases"
        self.journals: list[bytes] = []
        self.made_in_releases: set[str] = set()
        shutil.rmtree(work, ignore_errors=True)
        self.path.mkdir(parents=True, mode=0o755)

    def run(self, *words: str, status: int = 0, launcher: tuple[str, ...] = ()) -> None:
        """Run a command that has to end with this status, and keep the journal."""
        command = [*launcher, *self.store.command(*words)]
        run = processes.run(command, directory=self.work, timeout=60)
        expect(run.status == status, f"{' '.join(words)} ends with {status}: {run}")
        self.keep_journal()

    def use_key(self, request: str) -> None:
        """Run a command as the client of an SSH key does."""
        gate = self.store.command("gate", "--allow", "ci", "--name", "github")
        environment = {**processes.MINIMAL_ENVIRONMENT, "SSH_ORIGINAL_COMMAND": request}
        run = processes.run(gate, directory=self.work, timeout=60, environment=environment)
        expect(run.status == 0, f"the key may run {request}: {run}")

    def keep_journal(self) -> None:
        """Keep the journal as it is now."""
        self.journals.append((self.control / "lock").read_bytes())

    def keep_control_files(self, name: str) -> None:
        """Copy `.releases` as it is now to the work directory."""
        shutil.copytree(self.control, self.work / name, symlinks=True)

    def pack(self, *marks: str) -> str:
        """Pack a release that has these empty files besides the usual ones."""
        files = {**FILES, **dict.fromkeys(marks, "")}
        return pack_files(self.work / "app.tar.gz", files).name

    def sign(self) -> str:
        """Sign the archive that was packed last."""
        if not (self.work / "key").exists():
            make_key(self.work / "key", "ci")
            public = (self.work / "key.pub").read_text()
            (self.work / "allowed_signers").write_text(f"ci@example.org {public}")
        (self.work / "app.tar.gz.sig").unlink(missing_ok=True)
        sign = ("ssh-keygen", "-q", "-Y", "sign", "-n", "release", "-f", "key", "app.tar.gz")
        must_run(*sign, directory=self.work)
        return "app.tar.gz.sig"

    def live_through_everything(self) -> None:
        """Go through all operations, states, phases and outcomes that the formats have."""
        self.adopt()
        self.deploy()
        self.change()
        self.recover()
        self.rotate()

    def adopt(self) -> None:
        """Adopt releases that were made by hand."""
        for name in ("1762061285", "1762147685"):
            (self.path / "releases" / name).mkdir(parents=True)
            (self.path / "releases" / name / "VERSION").touch()
        (self.path / "current").symlink_to("releases/1762061285")
        self.run("init")
        (self.path / "releases.yaml").write_text(CONFIGURATION)

    def deploy(self) -> None:
        """Deploy releases that work, that fail in each way, and that are interrupted."""
        self.run("deploy", self.pack(), "--id", "good", "--ref", "v1")
        archive = self.pack("signed")
        self.run("deploy", archive, "--id", "signed", "--signature", self.sign())
        self.run("deploy", self.pack("sick"), "--id", "sick", status=10)
        self.run("unpack", self.pack("unready"), "--id", "unready", status=1)
        self.run("deploy", self.pack("dying"), "--id", "dying", status=KILLED)
        self.run("recover")
        self.abort(self.pack("slow"))
        # The command is killed before anything has left the stage.
        launcher = killed_at("renameat2", 1, "-f")
        self.run("unpack", self.pack(), "--id", "cut", status=KILLED, launcher=launcher)
        self.keep_control_files("staged")

    def rotate(self) -> None:
        """Let a copy of the store rotate its history."""
        copy = self.store.copy(self.work / "rotating")
        history = copy.path / ".releases/history.jsonl"
        lines = history.read_bytes()
        history.write_bytes(lines * (HISTORY_LIMIT // len(lines) + 1))
        copy.must("freeze", "--reason", "rotation")
        rotated = list(history.parent.glob("history-*.jsonl"))
        expect(len(rotated) == 1, f"the history was rotated: {rotated}")
        sizes = [rotated[0].stat().st_size, history.read_bytes().count(b"\n")]
        expect(sizes[0] >= HISTORY_LIMIT and sizes[1] == 2, f"the last line stays: {sizes}")
        shutil.copytree(history.parent, self.work / "rotated", symlinks=True)

    def change(self) -> None:
        """Run the commands that change releases and the store."""
        self.use_key("list")
        self.run("rollback", "--request", "back")
        self.run("mark", "signed", "good", "--reason", "it was not that")
        self.run("activate", "signed")
        self.run("pin", "good", "--reason", "audit")
        self.run("unpin", "good")
        self.run("pin", "good", "--reason", "audit")
        self.run("freeze", "--reason", "migration")
        self.keep_control_files("frozen")
        self.run("thaw")
        self.start_instance()

    def start_instance(self) -> None:
        """Try to start an instance of the live release, whose unit is not on this host."""
        with TemporaryDirectory() as place:
            (self.path / "releases.yaml").write_text(
                f"service: {{unit: absent-unit@, socket: '{place}/{{id}}', live: {place}/live}}\n"
                "trust: {allowed-signers: ../allowed_signers}\n"
            )
            self.run("restart", status=3)
        (self.path / "releases.yaml").write_text(CONFIGURATION)

    def recover(self) -> None:
        """Interrupt commands and recover, and lose the journal."""
        (self.path / "new").symlink_to("releases/good")
        (self.path / "new").rename(self.path / "current")
        self.run("recover")
        self.run("activate", "signed")
        # The first flush is of what the switch before left; at the second one the release has left
        # its place.
        self.run("remove", "sick", status=KILLED, launcher=killed_at("fsync", 2, "-f"))
        self.keep_control_files("removing")
        self.run("recover")
        (self.control / "lock").write_bytes(b"\0" * 8192)
        self.run("recover")
        self.inherit()

    def inherit(self) -> None:
        """Interrupt a command whose new release is made in `releases/` itself."""
        releases = self.path / "releases"
        releases.chmod(0o2755)
        launcher = killed_at("renameat2", 1)
        self.run("unpack", self.pack(), "--id", "inherits", status=KILLED, launcher=launcher)
        self.made_in_releases = {path.name for path in releases.glob(".tree.*")}
        releases.chmod(0o755)
        self.run("recover")

    def abort(self, archive: str) -> None:
        """Abort a deploy that is stopped, so that the request stays on the disk for a while."""
        command = self.store.command("deploy", archive, "--id", "slow")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=self.work) as deploy:
            expect(wait_until(self._is_unconfirmed, 30, 0.02), "the deploy waits for its hook")
            self.keep_journal()
            deploy.send_signal(signal.SIGSTOP)
            try:
                self.run("abort", "--reason", "wrong branch", "--wait", "0s")
                self.keep_control_files("aborting")
            finally:
                deploy.send_signal(signal.SIGCONT)
            expect(deploy.wait() == 10, "the aborted deploy is rolled back")
        self.keep_journal()

    def _is_unconfirmed(self) -> bool:
        journal = (self.control / "lock").read_bytes()
        return b'"confirm":true' in journal and (self.control / "logs/slow-activate.log").exists()
