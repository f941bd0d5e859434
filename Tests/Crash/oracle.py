"""The one judge: what must hold of a store, whatever interrupted whichever command.

It reads the files themselves, by the format's description and without the tool's help: the links,
the sealed lines of catalog, journal and history, and each tree against its manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from store import Store

SEAL = re.compile(rb'(\{.*),"sha256":"([0-9a-f]{64})"\}', re.DOTALL)
LINK = re.compile(r"(?:\./|/.*/)?releases/[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
SLOT = 4096
# What a recovery says when it has to do without a journal.
REBUILT = "made again from the links"
# What a recovery may take, in seconds; on a processor in software everything takes longer.
LIMIT = float(os.environ.get("RELEASES_CRASH_SECONDS", "1"))


@dataclass(frozen=True)
class State:
    """What a store says, without times."""

    current: str | None
    previous: str | None
    # Of each release its state, and whether it is pinned.
    releases: tuple[tuple[str, str], ...]
    is_frozen: bool = False

    def __str__(self) -> str:
        listed = [f"{identity} {state}" for identity, state in self.releases]
        links = f"current {self.current or '-'}, previous {self.previous or '-'}"
        return ", ".join([links, *listed, *(["frozen"] if self.is_frozen else [])])

    def with_release(self, identity: str, state: str) -> State:
        releases = {**dict(self.releases), identity: state}
        return replace(self, releases=tuple(sorted(releases.items())))


class Violation(Exception):
    """Something that must never be."""


def expect(holds: bool, promise: str) -> None:
    if not holds:
        raise Violation(promise)


def opened(line: bytes, what: str) -> dict:
    """The object in a sealed line."""
    match = SEAL.fullmatch(line)
    if not match:
        raise Violation(f"{what} is no sealed line: {line[:80]!r}")
    expect(hashlib.sha256(match[1] + b"}").hexdigest().encode() == match[2], f"{what}: wrong seal")
    return json.loads(match[1] + b"}")


def link(root: Path, name: str) -> str | None:
    """The release a link leads to."""
    path = root / name
    if not path.is_symlink():
        expect(not path.exists(), f"{name} is a link")
        return None
    target = Path(os.path.realpath(path))
    releases = Path(os.path.realpath(root)) / "releases"
    expect(target.parent == releases, f"{name} leads to a release, not to {os.readlink(path)!r}")
    return target.name


def names(path: Path) -> list[str]:
    expect(path.is_dir(), f"{path.name} is there")
    return sorted(os.listdir(path))


def state(root: Path) -> State:
    """Looks at a store; everything that is there has to be readable."""
    control = root / ".releases"
    releases = {}
    for name in names(control / "catalog"):
        if name.startswith("."):
            continue
        entry = opened((control / "catalog" / name).read_bytes().rstrip(b"\n"), f"catalog/{name}")
        expect(entry["id"] == name.removesuffix(".json"), f"catalog/{name} is of {entry['id']}")
        releases[entry["id"]] = entry["state"] + (" pinned" if "pin" in entry else "")
    frozen = control / "freeze.json"
    if frozen.exists():
        opened(frozen.read_bytes().rstrip(b"\n"), "freeze.json")
    return State(
        link(root, "current"), link(root, "previous"), tuple(sorted(releases.items())),
        frozen.exists())


def journal(root: Path) -> dict:
    """The entry of the highest sequence that checks out."""
    content = (root / ".releases/lock").read_bytes()
    entries = []
    for slot in (content[:SLOT], content[SLOT:2 * SLOT]):
        try:
            entries.append(opened(slot.rstrip(b" \n"), "a slot"))
        except Violation:
            continue
    expect(bool(entries), "the journal has a valid slot")
    return max(entries, key=lambda entry: entry["sequence"])


def history(root: Path) -> list[dict]:
    """Oldest first; no torn line, no number twice."""
    path = root / ".releases/history.jsonl"
    content = path.read_bytes() if path.exists() else b""
    expect(not content or content.endswith(b"\n"), "the history ends with a whole line")
    entries = [opened(line, "a line of the history") for line in content.splitlines()]
    numbers = [entry["sequence"] for entry in entries]
    expect(numbers == sorted(set(numbers)), f"the history's numbers rise: {numbers}")
    for one, other in zip(entries, entries[1:]):
        # Each transaction takes two; one that takes over a store numbers the releases too.
        is_gap = other["sequence"] - one["sequence"] > 2 and other["operation"] != "init"
        expect(not is_gap, f"no transaction is missing in the history: {numbers}")
    return entries


def expect_whole(root: Path, identity: str, may_have_more: bool = False) -> None:
    """The tree is what its manifest says: every name, kind, mode, size, digest and target."""
    tree = root / "releases" / identity
    wanted = {}
    lines = (root / f".releases/manifests/{identity}.mtree").read_text("utf-8").splitlines()
    expect(lines[:1] == ["#mtree v2.0"], f"the manifest of {identity} is one")
    for line in lines[1:]:
        name, *words = line.split(" ")
        wanted[name] = dict(word.split("=", 1) for word in words)
    found = {"."}
    for folder, folders, files in os.walk(tree):
        place = os.path.relpath(folder, tree)
        found |= {os.path.join(".", os.path.normpath(os.path.join(place, name)))
                  for name in [*folders, *files]}
    expect(set(wanted) <= found, f"{identity} has all of its manifest: {set(wanted) - found}")
    if not may_have_more:
        expect(found <= set(wanted), f"{identity} has no more: {found - set(wanted)}")
    for name, facts in wanted.items():
        path = tree / name
        status = path.lstat()
        kind = {stat.S_IFDIR: "dir", stat.S_IFREG: "file", stat.S_IFLNK: "link"}.get(
            stat.S_IFMT(status.st_mode))
        where = f"{identity}/{name}"
        expect(kind == facts["type"], f"{where} is a {facts['type']}")
        expect(stat.S_IMODE(status.st_mode) == int(facts["mode"], 8), f"{where} has its mode")
        if kind == "link":
            expect(os.readlink(path) == facts["link"], f"{where} has its target")
        if kind == "file":
            content = path.read_bytes()
            expect(len(content) == int(facts["size"]), f"{where} has its size")
            digest = hashlib.sha256(content).hexdigest()
            expect(digest == facts["sha256digest"], f"{where} has its content")


def expect_servable(root: Path, before: State | None = None) -> None:
    """Whoever starts a service now finds a whole release where one is live: at any time, also
    before a recovery.

    before: what the store said before a command that leaves something live.
    """
    live = link(root, "current")
    if live is None:
        expect(before is None or before.current is None, "current is there at any moment")
        return
    for name in ("VERSION", "bin/run"):
        path = root / "current" / name
        expect(path.is_file() and live in path.read_text("utf-8"), f"current/{name} is {live}'s")


def expect_settled(root: Path) -> State:
    """Nothing is half done, and nothing is left."""
    control = root / ".releases"
    found = state(root)
    expect_servable(root)
    for place in ("staging", "trash"):
        expect(names(control / place) == [], f"{place} is empty: {names(control / place)}")
    for place in (".", "releases", ".releases", ".releases/catalog", ".releases/manifests"):
        left = [name for name in names(root / place)
                if name.startswith(".") and name != ".releases"]
        expect(left == [], f"nothing is left in {place}: {left}")
    known = [identity for identity, _ in found.releases]
    expect(names(root / "releases") == known, f"the catalog knows what is there: {known}")
    written = [name.removesuffix(".mtree") for name in names(control / "manifests")]
    expect(written == known, f"each release has a manifest: {written}")
    for identity, word in found.releases:
        # What a prepare hook made before it failed, or was killed, is in no manifest.
        expect_whole(root, identity, may_have_more=word.startswith("failed"))
    for identity, word in found.releases:
        expect("preparing" not in word, f"nobody prepares {identity}")
    live = dict(found.releases).get(found.current or "")
    expect(found.current is None or live is not None, "what is live is known")
    fallback = dict(found.releases).get(found.previous or "", "ready")
    expect(fallback.startswith("ready"), f"the fallback is ready, not {fallback}")
    for name in ("current", "previous"):
        text = os.readlink(root / name) if (root / name).is_symlink() else "releases/none"
        expect(LINK.fullmatch(text) is not None, f"{name} leads to its release itself: {text!r}")
    last = journal(root)
    expect(last["phase"] == "done", "the journal is closed")
    entries = history(root)
    expect(bool(entries) and entries[-1]["sequence"] == last["sequence"], "the history has it all")
    return found


def content(root: Path) -> dict[str, object]:
    """All there is, to compare it."""
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


def judge(
    store: Store, legal: list[State], settle: tuple[str, ...] = ("recover",),
    may_rebuild: bool = True
) -> State:
    """Settles what was interrupted, and throws where anything but a legal state comes of it.

    may_rebuild: the journal may have been lost, and no torn write can do that.
    """
    run = store.run(*settle)
    expect(run.status == 0, f"{settle[0]} ends with 0: {run}")
    expect(run.seconds < LIMIT, f"{settle[0]} takes under {LIMIT} s: {run.seconds:.2f}")
    expect(may_rebuild or REBUILT not in run.errors, f"the journal is never lost: {run.errors}")
    found = expect_settled(store.path)
    expect(found in legal, f"legal is {' or '.join(map(str, legal))}: {found}; {run.errors!r}")
    before = content(store.path)
    again = store.run("recover")
    silent = again.status == 0 and not again.output and not again.errors
    expect(silent, f"a second recovery has nothing to say: {again}")
    expect(content(store.path) == before, "a second recovery changes nothing")
    return found
