"""Stores whose pages are looked at."""

from __future__ import annotations

import random
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.archives import pack_files
from harness.assertions import SetupFailed, expect
from harness.processes import MINIMAL_ENVIRONMENT, must_run, wait_until
from harness.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOTE = (
    "the acceptance test of the customer runs against this release until the contract is signed;"
    " 在合同签署之前请勿删除; ask Ümit <umit@example.org> & see"
    " https://tickets.example.org/browse/OPERATIONS-20261130?focusedId=" + "1234567890" * 8
)
LONGEST_ID = "release-" + "0123456789abcdef" * 3 + "-of-web1"
LONG_REF = "refs/heads/" + "feature_without_any_place_to_break_" * 4


def hash_like(seed: int) -> str:
    """Return a ref of 40 characters, as the commits of Git have."""
    return f"{random.Random(seed).getrandbits(160):040x}"


def deploy(store: Store, identity: str, ref: str) -> None:
    """Deploy a small release."""
    archive = pack_files(store.path.parent / "app.tar.gz", {"VERSION": identity})
    store.must("deploy", str(archive), "--id", identity, "--ref", ref)


def crowded_store(binary: Path, directory: Path) -> Store:
    """Make a store in which every text is as long as it may be."""
    store = Store(binary, directory / "crowded")
    store.path.mkdir(parents=True)
    store.must("init")
    deploy(store, "1762061285", hash_like(1))
    deploy(store, LONGEST_ID, LONG_REF)
    deploy(store, "1762147685", hash_like(2))
    store.must("rollback")
    deploy(store, "1762234085", hash_like(3))
    deploy(store, "1762320485", hash_like(4))
    store.must("pin", "1762061285", "--reason", NOTE)
    # The name of a key is part of the user's name.
    gate = store.command("gate", "--allow", "operator", "--name", "workflow-of-the-customer-portal")
    must_run(*gate, environment={**MINIMAL_ENVIRONMENT, "SSH_ORIGINAL_COMMAND": "unpin latest"})
    store.must("mark", "1762147685", "bad", "--reason", NOTE)
    return store


def troubled_store(binary: Path, directory: Path) -> Store:
    """Make a store that has problems of many kinds."""
    store = crowded_store(binary, directory).copy(directory / "troubled")
    (store.path / "releases/unknown" / "x").mkdir(parents=True)
    (store.path / "releases/1762234085/VERSION").unlink()
    store.write(
        "releases.yaml",
        "keep: {count: 1, age: 0d}\n"
        f"shared: {{files: [config/{'long-name-' * 6}.yaml], directories: [logs]}}\n",
    )
    store.must("mark", "1762320485", "bad", "--reason", NOTE)
    store.must("freeze", "--reason", NOTE)
    (store.path / "previous").unlink()
    (store.path / "previous").symlink_to("releases/1762061285")
    return store


def new_store(binary: Path, directory: Path) -> Store:
    """Make a store in which nothing has happened."""
    store = Store(binary, directory / "new")
    store.path.mkdir(parents=True)
    store.must("init")
    return store


@contextmanager
def uploading(store: Store) -> Iterator[None]:
    """Let an archive be on its way for as long as the `with` statement runs."""
    upload = store.start("unpack", "-", stdin=subprocess.PIPE)
    try:
        seen = wait_until(lambda: "is being unpacked" in store.run("status").output, 20)
        expect(seen, "status shows the upload")
        yield
    finally:
        upload.kill()
        upload.communicate()


@contextmanager
def unconfirmed(store: Store, start: Callable[[], subprocess.Popen[str]]) -> Iterator[None]:
    """Let a switch wait for its health check for as long as the `with` statement runs.

    start: starts the command.
    """
    store.write(
        "releases.yaml",
        "health: {command: 'test -e ../../healthy', timeout: 60s, interval: 2s}\n",
    )
    switch = start()
    try:
        if not wait_until(lambda: "waiting for health" in store.run("status").output, 20):
            raise SetupFailed("the switch does not wait")
        yield
    finally:
        store.write("healthy", "")
        switch.communicate()
