"""Judges a store: what must hold of it, whatever interrupted whichever command.

The oracle reads the files themselves, by the description of their formats and without the tool's
help: the links, the sealed lines of catalog, journal and history, and each tree against its
manifest. What the files must be is in store_files.py.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.assertions import BrokenPromise, expect
from harness.store_files import (
    LINK_TARGET,
    expect_whole,
    history,
    journal,
    link,
    names,
    open_sealed,
)
from harness.tool_messages import JOURNAL_REBUILT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store import Store

# The longest recovery, in seconds; on an emulated processor everything takes longer.
LIMIT = float(os.environ.get("RELEASES_CRASH_SECONDS", "3"))


@dataclass(frozen=True)
class State:
    """What the files of a store say, without times."""

    current: str | None
    previous: str | None
    # The state of each release, followed by " pinned" when it is.
    releases: tuple[tuple[str, str], ...]
    is_frozen: bool = False

    def __str__(self) -> str:
        """Return the state in one line, for messages."""
        listed = [f"{identity} {state}" for identity, state in self.releases]
        links = f"current {self.current or '-'}, previous {self.previous or '-'}"
        return ", ".join([links, *listed, *(["frozen"] if self.is_frozen else [])])

    def with_release(self, identity: str, state: str) -> State:
        """Return this state with one release in another state."""
        releases = {**dict(self.releases), identity: state}
        return replace(self, releases=tuple(sorted(releases.items())))


def state(root: Path) -> State:
    """Read a store; raises BrokenPromise when a file of it cannot be read."""
    control = root / ".releases"
    releases = {}
    for name in names(control / "catalog"):
        if name.startswith("."):
            continue
        line = (control / "catalog" / name).read_bytes().rstrip(b"\n")
        entry = open_sealed(line, f"catalog/{name}")
        expect(entry["id"] == name.removesuffix(".json"), f"catalog/{name} describes {entry['id']}")
        releases[entry["id"]] = entry["state"] + (" pinned" if "pin" in entry else "")
    frozen = control / "freeze.json"
    if frozen.exists():
        open_sealed(frozen.read_bytes().rstrip(b"\n"), "freeze.json")
    return State(
        link(root, "current"),
        link(root, "previous"),
        tuple(sorted(releases.items())),
        frozen.exists(),
    )


def expect_servable(root: Path, before: State | None = None) -> None:
    """Expect that a service which starts now finds a whole release, if one is live.

    This holds at any time, also before a recovery.
    before: what the store said before a command that leaves a release live.
    """
    live = link(root, "current")
    if live is None:
        expect(before is None or before.current is None, "current is there at any moment")
        return
    for name in ("VERSION", "bin/run"):
        path = root / "current" / name
        expect(path.is_file() and live in path.read_text("utf-8"), f"current/{name} is {live}'s")


def expect_in_order(root: Path) -> State:
    """Expect that no operation is half done and that no temporary file is left."""
    control = root / ".releases"
    found = state(root)
    expect_servable(root)
    expect_nothing_left(root)
    known = [identity for identity, _ in found.releases]
    expect(names(root / "releases") == known, f"the catalog lists what is in releases/: {known}")
    written = [name.removesuffix(".mtree") for name in names(control / "manifests")]
    expect(written == known, f"each release has a manifest: {written}")
    for identity, word in found.releases:
        # No manifest has what a prepare hook made before it failed or was killed.
        expect_whole(root, identity, may_have_more=word.startswith("failed"))
    for identity, word in found.releases:
        expect("preparing" not in word, f"no process prepares {identity}")
    live = dict(found.releases).get(found.current or "")
    expect(found.current is None or live is not None, "the catalog has the live release")
    target = dict(found.releases).get(found.previous or "", "ready")
    expect(target.startswith("ready"), f"the rollback target is ready, not {target}")
    for name in ("current", "previous"):
        text = os.readlink(root / name) if (root / name).is_symlink() else "releases/none"
        expect(
            LINK_TARGET.fullmatch(text) is not None,
            f"{name} points to its release itself: {text!r}",
        )
    last = journal(root)
    expect(last["phase"] == "done", "the journal is closed")
    entries = history(root)
    expect(
        bool(entries) and entries[-1]["sequence"] == last["sequence"],
        "the history has the last transaction of the journal",
    )
    expect_links_are_noted(root, last)
    return found


def expect_links_are_noted(root: Path, last: dict[str, Any]) -> None:
    """Expect that the links are those that the last transaction has left."""
    if last["operation"] in ("init", "rebuild") or last.get("outcome") != "done":
        return
    links = {
        name: os.readlink(root / name)
        for name in ("current", "previous")
        if (root / name).is_symlink()
    }
    expect(links == last["after"], f"the journal knows the links: {last['after']}, not {links}")


def expect_nothing_left(root: Path) -> None:
    """Expect that staging and trash are empty and that no temporary file is left."""
    control = root / ".releases"
    for place in ("staging", "trash"):
        expect(names(control / place) == [], f"{place} is empty: {names(control / place)}")
    for place in (".", "releases", ".releases", ".releases/catalog", ".releases/manifests"):
        left = [
            name for name in names(root / place) if name.startswith(".") and name != ".releases"
        ]
        expect(left == [], f"no temporary file is left in {place}: {left}")


def content(root: Path) -> dict[str, object]:
    """Return everything in a directory, so that it can be compared."""
    found: dict[str, object] = {}
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            kind = stat.S_IFMT(status.st_mode)
            facts: list[object] = [status.st_mode, status.st_ino, status.st_mtime_ns]
            if kind == stat.S_IFLNK:
                facts.append(os.readlink(path))
            if kind == stat.S_IFREG and status.st_size < 65536:
                with open(path, "rb") as file:
                    facts.append(file.read())
            found[os.path.relpath(path, root)] = facts
    return found


def expect_silent_recovery(store: Store) -> None:
    """Expect that a recovery has nothing to do and prints nothing."""
    again = store.run("recover")
    is_silent = again.status == 0 and not again.output and not again.errors
    expect(is_silent, f"a second recovery has nothing to do: {again}")


def judge(
    store: Store,
    legal: list[State],
    recovery: tuple[str, ...] = ("recover",),
    may_rebuild: bool = True,
) -> State:
    """Recover from an interruption, and return the state that the store has then.

    recovery: the command that does it.
    may_rebuild: whether the journal may have been lost; no torn write does that.
    Raises BrokenPromise when the store is not in order or its state is not one of the legal ones.
    """
    run = store.run(*recovery)
    expect(run.status == 0, f"{recovery[0]} ends with 0: {run}")
    expect(run.seconds < LIMIT, f"{recovery[0]} takes less than {LIMIT} s: {run.seconds:.2f}")
    expect(
        may_rebuild or JOURNAL_REBUILT not in run.errors, f"the journal is never lost: {run.errors}"
    )
    found = expect_in_order(store.path)
    if found not in legal:
        legal_states = " or ".join(map(str, legal))
        raise BrokenPromise(f"the store is as legal: {legal_states}; it is {found}; {run.errors!r}")
    before = content(store.path)
    expect_silent_recovery(store)
    expect(content(store.path) == before, "a second recovery changes nothing")
    return found
