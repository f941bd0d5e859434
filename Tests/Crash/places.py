"""Hardships that come of the place where a store lies: it is reached by two paths, is full, is
mounted read-only, or lies in layers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import oracle
from locks import expect_alone, holding
from oracle import State, expect
from scenarios import BECAUSE, DEPLOY, NEW, PRUNE, UNPACK, killed_at, with_archive
from store import Broken, Run, Store, mounted, pack
from tracing import KILLED, watch
from trials import INTERRUPTED, Trial, expect_works, settled_switch, switched, works

COMMANDS: dict[str, tuple[str, ...]] = {
    "activate": ("activate", "4"),
    "rollback": ("rollback",),
    "unpack": UNPACK,
    "deploy": DEPLOY,
    "prune": PRUNE,
    "remove": ("remove", "1"),
    "pin": ("pin", "1", *BECAUSE),
    "mark": ("mark", "1", "bad", *BECAUSE),
    "freeze": ("freeze", *BECAUSE),
}
# A hook that fills the disk and fails; it does not for the old release.
FILLING = "hooks: {{activate: {{run: 'test $RELEASES_EVENT = restore || {{ {fill}; false; }}'}}}}\n"
UNCONFIRMED = "hooks: {activate: {run: 'true'}}\n"
SMALL = {"room": "size=1m", "inodes": "nr_inodes=300"}
# What must work on a full disk: to settle, and to make room. A rollback takes a block and four
# inodes; where they are not to be had, it says what to remove first.
ESCAPES = ("recover", "prune", "remove")
# How many points of a command are tried in layers.
POINTS = 4


@contextmanager
def on(kind: str, source: str, path: Path, options: str = "") -> Iterator[Path]:
    """Something mounted for a while."""
    mounted(kind, source, path, options)
    try:
        yield path
    finally:
        # Of a directory bound to its own neighbour os.path.ismount sees nothing.
        subprocess.run(["umount", str(path)], check=True)


def words_of(name: str, store: Store) -> tuple[str, ...]:
    """A command, with its archive beside the start of the trial."""
    archive = store.path.parent / "new.tar.gz"
    if not archive.exists():
        pack(archive, "new", NEW)
    return with_archive(COMMANDS.get(name, (name,)), archive)


def end_of(store: Store, words: tuple[str, ...]) -> State:
    """What a command makes of this store where nothing hinders it."""
    free = store.copy(store.path.with_name("free"))
    free.do(*words)
    return oracle.state(free.path)


def expect_refused(run: Run) -> None:
    """It failed, and told so."""
    expect(run.status not in (0, 11), f"it is refused: {run}")
    expect("error:" in run.errors and run.output == "", f"a failure is told: {run}")


def expect_as_before(run: Run, before: State, store: Store) -> None:
    expect_refused(run)
    expect(oracle.state(store.path) == before, f"the store is as it was: {run}")


def bind_mount(store: Store, way: str) -> None:
    """One store under two paths."""
    before = oracle.state(store.path)
    with on("none", str(store.path), store.path.with_name("bound"), "bind") as path:
        other = Store(store.binary, path)
        if way == "locked":
            expect_alone(other, holding(store, "activate", "4"))
        elif way == "interrupted":
            INTERRUPTED(store)
        else:
            writers = [one.start("activate", identity, "--json")
                       for one in (store, other) for identity in ("4", "1")]
            for writer in writers:
                output, errors = writer.communicate()
                expect(writer.returncode == 0, f"each has its turn: {output!r}, {errors!r}")
            oracle.expect_settled(path)
            return
        settled_switch(other, before)
        expect_works(other)
        oracle.expect_settled(store.path)


def through_link(store: Store, way: str) -> None:
    """The directory of the store is a link to it."""
    path = store.path.with_name("link")
    path.symlink_to("store" if way == "relative" else store.path)
    other = Store(store.binary, path)
    expect_works(other)
    other.do("mark", "2", "good", *BECAUSE)
    works(other, "prune", "--keep", "4", "--keep-within", "0d")
    other.do("activate", "3")
    before = oracle.state(path)
    INTERRUPTED(other)
    settled_switch(other, before)
    expect(path.is_symlink(), "the link stays")


def full(store: Store, way: str) -> None:
    """The disk is full to the last byte, or to the last inode."""
    name, _, lack = way.partition(" without ")
    words = words_of(name, store)
    before = oracle.state(store.path)
    legal = [before, end_of(store, words)]
    with on("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[lack]) as disk:
        tried = store.copy(disk / "store")
        fill(disk / "ballast", lack)
        run = tried.run(*words)
        oracle.expect_servable(tried.path)
        if run.status == 0:
            oracle.expect_settled(tried.path)
        else:
            expect(run.status in (1, 8), f"the status tells of the room: {run}")
            expect_as_before(run, before, tried)
        shutil.rmtree(disk / "ballast")
        oracle.judge(tried, [legal[run.status == 0]])
        if run.status != 0:
            works(tried, *words)
            expect(oracle.expect_settled(tried.path) == legal[1], f"with room one can {name}")
        expect(run.status == 0 or name not in ESCAPES, f"on a full disk one can {name}: {run}")


def interrupted_and_full(store: Store, way: str) -> None:
    """A switch was interrupted, and then the disk ran full."""
    name, _, lack = way.partition(" without ")
    words = words_of(name, store)
    before = oracle.state(store.path)
    with on("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[lack]) as disk:
        tried = store.copy(disk / "store")
        INTERRUPTED(tried)
        fill(disk / "ballast", lack)
        run = tried.run(*words)
        oracle.expect_servable(tried.path)
        shutil.rmtree(disk / "ballast")
        works(tried, "recover")
        found = oracle.expect_settled(tried.path)
        expect(run.status == 0 or found in (before, switched(before, "4")), f"settled: {found}")
        expect(run.status == 0 or name not in ESCAPES, f"on a full disk one can {name}: {run}")


def fill(ballast: Path, lack: str) -> None:
    """Takes all that is left."""
    ballast.mkdir(exist_ok=True)
    subprocess.run(["sh", "-c", filling(ballast, lack)], check=False, stderr=subprocess.DEVNULL)


def filling(ballast: Path, lack: str) -> str:
    """What does that, for a shell."""
    if lack == "room":
        return f"cat /dev/zero 2>/dev/null >{ballast}/zeros"
    return f"n=0; while true 2>/dev/null >{ballast}/$n; do n=$((n + 1)); done"


def filled_by_release(store: Store, way: str) -> None:
    """The new release fills the disk and fails; the old one has to come back."""
    kill, _, lack = way.partition("without ")
    before = oracle.state(store.path)
    bad = before.with_release("4", "bad")
    with on("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[lack]) as disk:
        tried = store.copy(disk / "store")
        ballast = disk / "ballast"
        ballast.mkdir()
        if kill:
            tried.write("releases.yaml", UNCONFIRMED)
            # Both links are renamed, and nothing is confirmed.
            killed_at("renameat#3", "activate", "4")(tried)
            fill(ballast, lack)
            run = tried.run("recover")
        else:
            tried.write("releases.yaml", FILLING.format(fill=f"({filling(ballast, lack)})"))
            run = tried.run("activate", "4")
        oracle.expect_servable(tried.path)
        live = oracle.link(tried.path, "current")
        shutil.rmtree(ballast)
        tried.write("releases.yaml", "")
        oracle.judge(tried, [bad])
        if live != "3" and lack == "inodes":
            # No link can be made without one: a person is needed, and hears of it.
            expect(run.status in (8, 11) and "error:" in run.errors, f"that is told: {run}")
            return
        expect(live == "3", f"the old one is live at once: {live}, {run}")
        expect(run.status == (0 if kill else 10), f"the status says so: {run}")


def filled_by_preparation(store: Store, way: str) -> None:
    """A prepare hook fills the disk and the command is killed: one can make room all the same."""
    name, _, lack = way.partition(" without ")
    words = words_of(name, store)
    unpack = words_of("unpack", store)
    with on("tmpfs", "tmpfs", store.path.with_name("disk"), SMALL[lack]) as disk:
        tried = store.copy(disk / "store")
        ballast = disk / "ballast"
        ballast.mkdir()
        hook = f"({filling(ballast, lack)}); kill -9 $PPID"
        tried.write("releases.yaml", f"hooks: {{prepare: {{run: '{hook}'}}}}\n")
        expect(tried.run(*unpack).status == KILLED, "it is killed")
        run = tried.run(*words)
        expect(run.status == 0, f"on a full disk one can {name}: {run}")
        shutil.rmtree(ballast)
        works(tried, "recover")
        oracle.expect_settled(tried.path)


def read_only(store: Store, way: str) -> None:
    """The file system is mounted read-only, as after an error of the disk."""
    words = {name: words_of(name, store) for name in COMMANDS}
    before = oracle.state(store.path)
    with on("tmpfs", "tmpfs", store.path.with_name("disk")) as disk:
        tried = store.copy(disk / "store")
        if way == "interrupted":
            INTERRUPTED(tried)
        was = oracle.content(tried.path)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for reader in (("list",), ("show", "1"), ("history",), ("verify", "--all")):
            works(tried, *reader)
        status = tried.run("status")
        wanted = 7 if way == "interrupted" else 0
        is_told = status.status == wanted and not status.errors
        expect(is_told, f"status ends with {wanted}: {status}")
        check = tried.run("check")
        expect("mounted read-only" in check.output and check.status != 0, f"check tells: {check}")
        for name, command in {**words, "recover": ("recover",)}.items():
            run = tried.run(*command)
            expect_refused(run)
            expect("read-only" in run.errors, f"{name} tells why: {run}")
        expect(oracle.content(tried.path) == was, "nothing at all was changed")
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        settled_switch(tried, before)
        expect_works(tried)


@contextmanager
def layers(store: Store) -> Iterator[Store]:
    """The store in the lower layer of an overlay, seen and changed from above."""
    place = store.path.with_name("layers")
    shutil.rmtree(place, ignore_errors=True)
    for name in ("upper", "work", "merged"):
        (place / name).mkdir(parents=True)
    options = f"lowerdir={store.path},upperdir={place}/upper,workdir={place}/work"
    with on("overlay", "overlay", place / "merged", options) as path:
        yield Store(store.binary, path)


def overlay(store: Store, way: str) -> None:
    """Of a container: what was built is below, what happens is above."""
    words = words_of(way, store)
    before = oracle.state(store.path)
    after = end_of(store, words)
    log = store.path.with_name("log")
    with layers(store) as tried:
        check = tried.run("check").output
        expect("overlay" in check and "not promised" in check, f"check tells: {check!r}")
        run, calls = watch(tried, words, log)
        found = oracle.expect_settled(tried.path)
        if run.status != 0:
            expect_as_before(run, before, tried)
        elif found != after:
            # A prune that could do nothing is none that failed.
            is_told = found == before and "warning: can't remove release 1" in run.errors
            expect(is_told, f"it works, or says that it does not: {found}, {run}")
        works(tried, "thaw")
        works(tried, "unpack", words_of("unpack", store)[1], "--id", "above")
        works(tried, "activate", "above")
        works(tried, "rollback")
        works(tried, "remove", "above")
    for call in calls[::max(1, len(calls) // POINTS)]:
        with layers(store) as tried:
            run = tried.run(*words, launcher=call.killing())
            if run.status != KILLED:
                raise Broken(f"{way} is killed at {call}: {run}")
            oracle.expect_servable(tried.path)
            # A deployment may have come as far as to be unpacked.
            oracle.judge(tried, [before, after, before.with_release("new", "ready")])


TRIALS = {
    "bind mount": Trial(bind_mount, ("locked", "interrupted", "at the same time")),
    "store through a link": Trial(through_link, ("relative", "absolute")),
    "full disk": Trial(full, tuple(
        f"{name} without {lack}" for lack in SMALL for name in (*COMMANDS, "recover"))),
    "interrupted, disk full": Trial(interrupted_and_full, tuple(
        f"{name} without {lack}" for lack in SMALL for name in ESCAPES)),
    "release fills the disk": Trial(filled_by_release, tuple(
        f"{kill}without {lack}" for lack in SMALL for kill in ("", "killed, "))),
    "preparation fills the disk": Trial(filled_by_preparation, tuple(
        f"{name} without {lack}" for lack in SMALL for name in ESCAPES)),
    "read-only": Trial(read_only, ("settled", "interrupted")),
    "overlay": Trial(overlay, tuple(COMMANDS)),
}
