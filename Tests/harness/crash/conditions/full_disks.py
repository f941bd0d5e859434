"""Conditions in which the disk of a store is full."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from harness import oracle, store_files
from harness.assertions import expect
from harness.crash.conditions.condition import (
    COMMANDS,
    INTERRUPTED,
    Condition,
    command_words,
    expect_unchanged,
    state_after,
    succeeds,
    switched,
)
from harness.crash.preparations import killed_at
from harness.crash.tracing import KILLED
from harness.mounts import mounted

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store import Store

# A hook that fills the disk and fails, but not for the old release.
FILLING = "hooks: {{activate: {{run: 'test $RELEASES_EVENT = restore || {{ {fill}; false; }}'}}}}\n"
UNCONFIRMED = "hooks: {activate: {run: 'true'}}\n"
# The options of a small tmpfs, by what is used up.
SMALL = {"space": "size=1m", "inodes": "nr_inodes=300"}
# These must work on a full disk: to recover, and to make space. A rollback takes a block and four
# inodes; where it cannot get them, it says what to remove first.
ESCAPES = ("recover", "prune", "remove")


def full(store: Store, way: str) -> None:
    """The disk has no free block, or no free inode."""
    name, _, shortage = way.partition(" without ")
    words = command_words(name, store)
    before = oracle.state(store.path)
    legal = [before, state_after(store, words)]
    with mounted("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[shortage]) as disk:
        tried = store.copy(disk / "store")
        fill(disk / "ballast", shortage)
        run = tried.run(*words)
        oracle.expect_servable(tried.path)
        if run.status == 0:
            oracle.expect_in_order(tried.path)
        else:
            expect(run.status in (1, 8), f"the status says that space is short: {run}")
            expect_unchanged(run, before, tried)
        shutil.rmtree(disk / "ballast")
        oracle.judge(tried, [legal[run.status == 0]])
        if run.status != 0:
            succeeds(tried, *words)
            expect(
                oracle.expect_in_order(tried.path) == legal[1], f"{name} succeeds with enough space"
            )
        expect(run.status == 0 or name not in ESCAPES, f"{name} succeeds on a full disk: {run}")


def interrupted_and_full(store: Store, way: str) -> None:
    """A switch was interrupted, and then the disk became full."""
    name, _, shortage = way.partition(" without ")
    words = command_words(name, store)
    before = oracle.state(store.path)
    with mounted("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[shortage]) as disk:
        tried = store.copy(disk / "store")
        INTERRUPTED(tried)
        fill(disk / "ballast", shortage)
        run = tried.run(*words)
        oracle.expect_servable(tried.path)
        shutil.rmtree(disk / "ballast")
        succeeds(tried, "recover")
        found = oracle.expect_in_order(tried.path)
        expect(
            run.status == 0 or found in (before, switched(before, "4")),
            f"the switch is whole: {found}",
        )
        expect(run.status == 0 or name not in ESCAPES, f"{name} succeeds on a full disk: {run}")


def fill(directory: Path, shortage: str) -> None:
    """Use up all blocks or inodes with files in a directory."""
    directory.mkdir(exist_ok=True)
    subprocess.run(
        ["sh", "-c", fill_command(directory, shortage)], check=False, stderr=subprocess.DEVNULL
    )


def fill_command(directory: Path, shortage: str) -> str:
    """Return the shell command that uses up all blocks or inodes."""
    if shortage == "space":
        return f"cat /dev/zero 2>/dev/null >{directory}/zeros"
    return f"n=0; while true 2>/dev/null >{directory}/$n; do n=$((n + 1)); done"


def filled_by_release(store: Store, way: str) -> None:
    """The new release fills the disk and fails, and the old one has to be live again."""
    kill, _, shortage = way.partition("without ")
    before = oracle.state(store.path)
    bad = before.with_release("4", "bad")
    with mounted("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[shortage]) as disk:
        tried = store.copy(disk / "store")
        ballast = disk / "ballast"
        ballast.mkdir()
        if kill:
            tried.write("releases.yaml", UNCONFIRMED)
            # Both links are moved, and the switch is not confirmed.
            killed_at("renameat#3", "activate", "4")(tried)
            fill(ballast, shortage)
            run = tried.run("recover")
        else:
            tried.write(
                "releases.yaml", FILLING.format(fill=f"({fill_command(ballast, shortage)})")
            )
            run = tried.run("activate", "4")
        oracle.expect_servable(tried.path)
        live = store_files.link(tried.path, "current")
        shutil.rmtree(ballast)
        tried.write("releases.yaml", "")
        oracle.judge(tried, [bad])
        if live != "3" and shortage == "inodes":
            # A link takes an inode, so a person has to make space first.
            expect(
                run.status in (8, 11) and "error:" in run.errors, f"the command reports that: {run}"
            )
            return
        expect(live == "3", f"the old one is live at once: {live}, {run}")
        expect(run.status == (0 if kill else 10), f"the status says that it was rolled back: {run}")


def filled_by_preparation(store: Store, way: str) -> None:
    """A prepare hook fills the disk and the command is killed; space can be made again."""
    name, _, shortage = way.partition(" without ")
    words = command_words(name, store)
    unpack = command_words("unpack", store)
    with mounted("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[shortage]) as disk:
        tried = store.copy(disk / "store")
        ballast = disk / "ballast"
        ballast.mkdir()
        hook = f"({fill_command(ballast, shortage)}); kill -9 $PPID"
        tried.write("releases.yaml", f"hooks: {{prepare: {{run: '{hook}'}}}}\n")
        expect(tried.run(*unpack).status == KILLED, "the command is killed")
        run = tried.run(*words)
        expect(run.status == 0, f"{name} succeeds on a full disk: {run}")
        shutil.rmtree(ballast)
        succeeds(tried, "recover")
        oracle.expect_in_order(tried.path)


CONDITIONS = {
    "full disk": Condition(
        full,
        tuple(
            f"{name} without {shortage}" for shortage in SMALL for name in (*COMMANDS, "recover")
        ),
    ),
    "interrupted, disk full": Condition(
        interrupted_and_full,
        tuple(f"{name} without {shortage}" for shortage in SMALL for name in ESCAPES),
    ),
    "release fills the disk": Condition(
        filled_by_release,
        tuple(f"{kill}without {shortage}" for shortage in SMALL for kill in ("", "killed, ")),
    ),
    "preparation fills the disk": Condition(
        filled_by_preparation,
        tuple(f"{name} without {shortage}" for shortage in SMALL for name in ESCAPES),
    ),
}
