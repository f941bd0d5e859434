"""Makes and prepares the stores that commands are run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from harness.archives import pack_files, release_files, write_files
from harness.assertions import SetupFailed
from harness.crash.tracing import KILLED, Call, kill_at
from harness.store_files import seal

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store import Store

HOOKS = """\
hooks: {prepare: {run: echo x > built}, activate: {run: 'true'}}
health: {command: test -e VERSION}
"""
# The files of the release `new`.
NEW = {**release_files("new"), "lib/a/b": "b", "lib/a/c": "c"}
# The size in bytes from which the history is rotated.
HISTORY_LIMIT = 4 << 20
BY_REASON = ("--reason", "x")


def four_releases(store: Store) -> None:
    """Make 4 ready and 3 live; 2 and 1 were live before it."""
    store.must("init")
    store.activate("1", "2", "3")
    store.publish("4")


def one_release(store: Store) -> None:
    """Make one release that is ready."""
    store.must("init")
    store.publish("4")


def two_releases(store: Store) -> None:
    """Make two releases, of which the second is live."""
    store.must("init")
    store.activate("1", "2")


def nothing(_: Store) -> None:
    """Make nothing, not even a directory."""


def leave_as_made(_: Store) -> None:
    """Change nothing."""


def made_by_hand(store: Store) -> None:
    """Make what a deployment by shell commands leaves."""
    for identity in ("1", "2", "3"):
        write_files(store.path / "releases" / identity, release_files(identity))
    (store.path / "current").symlink_to("previous")
    (store.path / "previous").symlink_to("releases/2")


def five_releases(store: Store) -> None:
    """Publish a fifth release."""
    store.publish("5")


def with_hooks(store: Store) -> None:
    """Configure hooks and a health check that succeed."""
    store.write("releases.yaml", HOOKS)


def failed_preparation(store: Store) -> None:
    """Unpack release 4 again with a prepare hook that fails."""
    store.must("remove", "4")
    store.write("releases.yaml", "hooks: {prepare: {run: 'false'}}\n")
    archive = pack_files(store.path.parent / "4.tar.gz", release_files("4"))
    store.must("unpack", str(archive), "--id", "4", status=1)
    with_hooks(store)


def failing_hook(store: Store) -> None:
    """Configure a hook that fails for the new release, and succeeds for the old one."""
    run = "test $RELEASES_EVENT = restore"
    store.write("releases.yaml", f"hooks: {{activate: {{run: '{run}'}}}}\n")


def running(*words: str) -> Callable[[Store], object]:
    """Return a preparation that runs a command."""
    return lambda store: store.must(*words)


def with_moved_link(store: Store) -> None:
    """Move `current` by hand."""
    (store.path / "current").unlink()
    (store.path / "current").symlink_to("./releases/1")


def with_moved_links(store: Store) -> None:
    """Move both links by hand."""
    with_moved_link(store)
    (store.path / "previous").unlink()
    (store.path / "previous").symlink_to("./releases/4")


def history_is_full(store: Store) -> None:
    """Make the history so large that the next change rotates it."""
    path = store.path / ".releases/history.jsonl"
    lines = path.read_bytes().splitlines()
    # The last line has to fit the journal; a member that is not known does not count.
    padding = b'{"a":"' + bytes([ord("x")]) * (HISTORY_LIMIT // (len(lines) - 1) + 1) + b'",'
    large = [seal(padding + line[1:]) for line in lines[:-1]]
    path.write_bytes(b"".join(large) + lines[-1] + b"\n")


def journal_lost(store: Store) -> None:
    """Overwrite the journal with zeros."""
    (store.path / ".releases/lock").write_bytes(bytes(8192))


def with_archive(words: tuple[str, ...], archive: Path | None) -> tuple[str, ...]:
    """Replace NEW in a command by the path of an archive."""
    return tuple(str(archive) if word == "NEW" else word for word in words)


@dataclass(frozen=True)
class Interruption:
    """A preparation after which `recover` has something to do: a command is killed at a call."""

    call: Call
    words: tuple[str, ...]
    # What prepares the store for the command.
    first: Callable[[Store], object] = leave_as_made

    def __call__(self, store: Store) -> None:
        """Prepare the store and interrupt the command."""
        self.first(store)
        self.happen(store, self.call.killing())

    def happen(self, store: Store, launcher: list[str]) -> None:
        """Run the command with a launcher that kills it."""
        archive = pack_files(store.path.parent / "4th.tar.gz", NEW)
        run = store.run(*with_archive(self.words, archive), launcher=launcher)
        if run.status != KILLED:
            raise SetupFailed(f"{' '.join(self.words)} is killed at {self.call}: {run}")
        archive.unlink()


def killed_at(call: str, *words: str) -> Interruption:
    """Return the interruption of a command at the call that is written as NAME#NUMBER."""
    return Interruption(kill_at(call), words)
