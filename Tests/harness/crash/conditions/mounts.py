"""Conditions of the mount of a store: a second path, a symlink, read-only, or an overlay."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness import oracle
from harness.assertions import SetupFailed, expect
from harness.crash.conditions.condition import (
    COMMANDS,
    INTERRUPTED,
    Condition,
    command_words,
    expect_refused,
    expect_unchanged,
    expect_usable,
    expect_whole_switch,
    state_after,
    succeeds,
)
from harness.crash.conditions.locking import expect_exclusive, holding
from harness.crash.preparations import BY_REASON
from harness.crash.tracing import KILLED, watch
from harness.mounts import mounted
from harness.store import Store
from harness.tool_messages import CANNOT_REMOVE, MOUNTED_READ_ONLY, SURVIVAL_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

# The number of a command's calls at which it is killed in an overlay.
POINTS = 4


def bind_mount(store: Store, way: str) -> None:
    """A bind mount gives the store a second path."""
    before = oracle.state(store.path)
    with mounted("none", str(store.path), store.path.with_name("bound"), "bind") as path:
        other = Store(store.binary, path)
        if way == "locked":
            expect_exclusive(other, holding(store, "activate", "4"))
        elif way == "interrupted":
            INTERRUPTED(store)
        else:
            writers = [
                one.start("activate", identity, "--json")
                for one in (store, other)
                for identity in ("4", "1")
            ]
            for writer in writers:
                output, errors = writer.communicate()
                expect(writer.returncode == 0, f"each writer has its turn: {output!r}, {errors!r}")
            oracle.expect_in_order(path)
            return
        expect_whole_switch(other, before)
        expect_usable(other)
        oracle.expect_in_order(store.path)


def through_link(store: Store, way: str) -> None:
    """A symlink to the store is given as its path."""
    path = store.path.with_name("link")
    path.symlink_to("store" if way == "relative" else store.path)
    other = Store(store.binary, path)
    expect_usable(other)
    other.must("mark", "2", "good", *BY_REASON)
    succeeds(other, "prune", "--keep", "4", "--keep-within", "0d")
    other.must("activate", "3")
    before = oracle.state(path)
    INTERRUPTED(other)
    expect_whole_switch(other, before)
    expect(path.is_symlink(), "the symlink stays")


def read_only(store: Store, way: str) -> None:
    """The file system is mounted read-only, as the kernel does after a disk error."""
    words = {name: command_words(name, store) for name in COMMANDS}
    before = oracle.state(store.path)
    with mounted("tmpfs", "tmpfs", store.path.with_name("disk")) as disk:
        tried = store.copy(disk / "store")
        if way == "interrupted":
            INTERRUPTED(tried)
        was = oracle.content(tried.path)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for reader in (("list",), ("show", "1"), ("history",), ("verify", "--all")):
            succeeds(tried, *reader)
        status = tried.run("status")
        is_reported = status.status == 7 and MOUNTED_READ_ONLY in status.output
        expect(is_reported and not status.errors, f"status reports it with 7: {status}")
        check = tried.run("check")
        expect(
            MOUNTED_READ_ONLY in check.output and check.status != 0, f"check reports it: {check}"
        )
        for name, command in {**words, "recover": ("recover",)}.items():
            run = tried.run(*command)
            expect_refused(run)
            expect("read-only" in run.errors, f"{name} reports why: {run}")
        expect(oracle.content(tried.path) == was, "no file has changed")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        expect_whole_switch(tried, before)
        expect_usable(tried)


@contextmanager
def layers(store: Store) -> Iterator[Store]:
    """Mount an overlay whose lower layer is the store."""
    place = store.path.with_name("layers")
    shutil.rmtree(place, ignore_errors=True)
    for name in ("upper", "work", "merged"):
        (place / name).mkdir(parents=True)
    options = f"lowerdir={store.path},upperdir={place}/upper,workdir={place}/work"
    with mounted("overlay", "overlay", place / "merged", options) as path:
        yield Store(store.binary, path)


def overlay(store: Store, way: str) -> None:
    """The store was built into a container image, and changes go to the upper layer."""
    words = command_words(way, store)
    before = oracle.state(store.path)
    after = state_after(store, words)
    log = store.path.with_name("log")
    with layers(store) as tried:
        check = tried.run("check").output
        expect(f"overlay: {SURVIVAL_UNKNOWN}" in check, f"check reports the overlay: {check!r}")
        run, calls = watch(tried, words, log)
        found = oracle.expect_in_order(tried.path)
        if run.status != 0:
            expect_unchanged(run, before, tried)
        elif found != after:
            # A prune that cannot remove a release does not fail.
            is_told = found == before and f"warning: {CANNOT_REMOVE} 1" in run.errors
            expect(is_told, f"the command succeeds, or reports that it did not: {found}, {run}")
        succeeds(tried, "thaw")
        succeeds(tried, "unpack", command_words("unpack", store)[1], "--id", "above")
        succeeds(tried, "activate", "above")
        succeeds(tried, "rollback")
        succeeds(tried, "remove", "above")
    for call in calls[:: max(1, len(calls) // POINTS)]:
        with layers(store) as tried:
            run = tried.run(*words, launcher=call.killing())
            if run.status != KILLED:
                raise SetupFailed(f"{way} is killed at {call}: {run}")
            oracle.expect_servable(tried.path)
            # A deploy may have unpacked the release.
            oracle.judge(tried, [before, after, before.with_release("new", "ready")])


CONDITIONS = {
    "bind mount": Condition(bind_mount, ("locked", "interrupted", "at the same time")),
    "store through a symlink": Condition(through_link, ("relative", "absolute")),
    "read-only": Condition(read_only, ("in order", "interrupted")),
    "overlay": Condition(overlay, tuple(COMMANDS)),
}
