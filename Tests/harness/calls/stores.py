"""Makes one store of each kind that the commands are run on."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from harness.archives import pack_directory
from harness.calls.commands import ARCHIVES
from harness.processes import MINIMAL_ENVIRONMENT, must_run
from harness.ssh_server import make_key
from harness.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOOKS = """\
hooks: {prepare: {run: echo x > built}, activate: {run: 'true'}, succeeded: {run: [/bin/true]}}
health: {command: test -e VERSION}
shared: {directories: [logs]}
"""
KILLED = "hooks: {activate: {run: 'kill -9 $PPID'}}\n"


class Stores:
    """One store of each kind, of which the commands get copies."""

    def __init__(self, binary: Path, work: Path, port: int) -> None:
        """Take note of the places.

        port: where a service answers health checks.
        """
        self.binary = binary
        self.work = work
        self.port = port

    def store(self, kind: str) -> Store:
        """Return the store of a kind."""
        return Store(self.binary, self.work / "stores" / kind)

    def make(self) -> None:
        """Make archives, keys and stores."""
        tree = self.work / "tree"
        write_release(tree, "5")
        for name, option in ARCHIVES.items():
            must_run("tar", *option.split(), self.work / name, "-C", tree, ".")
        must_run("zip", "-qry", self.work / "NEW.zip", ".", directory=tree)
        self.sign(self.work / "NEW.tar.gz")
        plain = self.store("plain")
        plain.path.mkdir(parents=True)
        plain.must("init")
        for identity in "1234":
            write_release(tree, identity)
            archive = pack_directory(self.work / "old.tar.gz", tree)
            command = "unpack" if identity == "4" else "deploy"
            plain.must(command, str(archive), "--id", identity)
        for kind, make in STORES.items():
            make(self, kind)

    def sign(self, archive: Path) -> None:
        """Sign an archive with a new key, which the file `signers` allows."""
        key = self.work / "key"
        make_key(key, "ci")
        must_run("ssh-keygen", "-q", "-Y", "sign", "-n", "release", "-f", key, archive)
        signer = "ci " + key.with_suffix(".pub").read_text("utf-8")
        (self.work / "signers").write_text(signer, encoding="utf-8")

    def copy(self, kind: str, path: Path) -> Store:
        """Copy the store of a kind to a path, in place of what is there."""
        if path.exists():
            shutil.rmtree(path)
        original = self.store(kind).path
        if original.exists():
            # Some stores have hard links between releases.
            must_run("cp", "-a", original, path, environment=MINIMAL_ENVIRONMENT)
        return Store(self.binary, path)


def configured(text: str) -> Callable[[Stores, str], None]:
    """Return what makes a copy of the plain store with this configuration."""

    def make(stores: Stores, kind: str) -> None:
        store = stores.copy("plain", stores.store(kind).path)
        filled = text.replace("PORT", str(stores.port)).replace("DIR", str(stores.work))
        store.write("releases.yaml", filled)
        # A deploy makes it where it is missing, and leaves it there.
        (store.path / "shared/logs").mkdir(parents=True)

    return make


def made_by_hand(stores: Stores, kind: str) -> None:
    """Make what a deployment by shell commands leaves."""
    path = stores.store(kind).path
    for identity in ("1700000001", "1700000002"):
        write_release(path / "releases" / identity, identity)
    (path / "current").symlink_to("releases/1700000002")


def interrupted(stores: Stores, kind: str) -> None:
    """Make a store whose last switch was killed before it was confirmed."""
    configured(KILLED)(stores, kind)
    stores.store(kind).must("activate", "4", status=128 + 9)
    stores.store(kind).write("releases.yaml", "hooks: {activate: {run: 'true'}}\n")


def unprepared(stores: Stores, kind: str) -> None:
    """Make a store in which the prepare hook of release 4 has failed."""
    configured("hooks: {prepare: {run: 'false'}}\n")(stores, kind)
    store = stores.store(kind)
    store.must("remove", "4")
    store.must("unpack", str(stores.work / "old.tar.gz"), "--id", "4", status=1)
    store.write("releases.yaml", HOOKS)


def modified(stores: Stores, kind: str) -> None:
    """Make a store in which a file of release 3 was modified."""
    store = stores.copy("plain", stores.store(kind).path)
    store.write("releases/3/VERSION", "x")


STORES: dict[str, Callable[[Stores, str], None]] = {
    "hooks": configured(HOOKS),
    "hard links": configured("unpack: {share: hardlink}\n"),
    "signed": configured("trust: {allowed-signers: DIR/signers, require: signature}\n"),
    "health URL": configured("health: {url: 'http://127.0.0.1:PORT/', timeout: 5s}\n"),
    "failing": configured("hooks: {activate: {run: test $RELEASES_EVENT = restore}}\n"),
    "by hand": made_by_hand,
    "interrupted": interrupted,
    "unprepared": unprepared,
    "modified": modified,
}


def write_release(tree: Path, identity: str) -> None:
    """Write a release with directories, links, hard links, programs and an unchanging file."""
    (tree / "lib/a").mkdir(parents=True, exist_ok=True)
    (tree / "bin").mkdir(exist_ok=True)
    (tree / "VERSION").write_text(identity, encoding="utf-8")
    (tree / "lib/a/shared").write_text("shared\n" * 9000, encoding="utf-8")
    (tree / "bin/run").write_text(f"#!/bin/sh\necho {identity}\n", encoding="utf-8")
    (tree / "bin/run").chmod(0o755)
    if not (tree / "link").is_symlink():
        (tree / "link").symlink_to("lib/a/shared")
        os.link(tree / "bin/run", tree / "bin/again")
