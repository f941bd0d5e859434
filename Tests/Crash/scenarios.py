"""Commands that change a store, each with a store to run it on and the ends it may come to."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import oracle
from oracle import State
from store import Broken, Store, pack, small_tree
from tracing import KILLED, Call

HOOKS = """\
hooks: {prepare: {run: echo x > built}, activate: {run: 'true'}}
health: {command: test -e VERSION}
"""
NEW = {**small_tree("new"), "lib/a/b": "b", "lib/a/c": "c"}


EMPTY = State(None, None, ())


@dataclass(frozen=True)
class Scenario:
    """A command, and how its store is made ready."""

    name: str
    # NEW stands for an archive of a release of that name.
    words: tuple[str, ...]
    prepare: Callable[[Store], None] = lambda store: None
    # Ends beside the beginning and the end, made from the beginning.
    other_ends: Callable[[State], list[State]] = lambda before: []
    # What it is run for: 10 stands for a switch that is taken back.
    status: int = 0
    # A second command, right after the first.
    then: tuple[str, ...] = ()
    # A command of several transactions may finish some.
    is_several: bool = False
    # Of several removals any may have happened.
    is_piecemeal: bool = False
    # Beside some others, in the archive.
    files: int = 0
    # What brings an interrupted one to its end.
    settle: tuple[str, ...] = ("recover",)
    make: Callable[[Store], None] = lambda store: four(store)

    @property
    def may_rebuild(self) -> bool:
        """It makes the journal, or begins without one."""
        begins = self.prepare
        interrupted: tuple[str, ...] = ()
        if isinstance(begins, Interruption):
            begins, interrupted = begins.first, begins.words
        return "init" in (*self.words, *interrupted) or begins is journal_lost

    @property
    def is_bare_switch(self) -> bool:
        """It only moves the links, and nothing has to confirm it."""
        return self.words[0] in ("activate", "rollback") and not self.other_ends(EMPTY) \
            and self.status == 0

    @property
    def is_all_or_nothing(self) -> bool:
        """What it says has failed will not be done later either, not by a recovery."""
        return not self.is_several and not self.then and self.words[0] not in ("init", "recover")


def four(store: Store) -> None:
    """4 is ready, 3 is live, 2 and 1 were before it."""
    store.do("init")
    store.activate("1", "2", "3")
    store.publish("4")


def one(store: Store) -> None:
    store.do("init")
    store.publish("4")


def two(store: Store) -> None:
    store.do("init")
    store.activate("1", "2")


def nothing(store: Store) -> None:
    """Not even a directory."""


def by_hand(store: Store) -> None:
    """What the shell workflow leaves."""
    for identity in ("1", "2", "3"):
        for name, text in small_tree(identity).items():
            path = store.path / "releases" / identity / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    (store.path / "current").symlink_to("previous")
    (store.path / "previous").symlink_to("releases/2")


def hooks(store: Store) -> None:
    store.write("releases.yaml", HOOKS)


def failed_preparation(store: Store) -> None:
    store.do("remove", "4")
    store.write("releases.yaml", "hooks: {prepare: {run: 'false'}}\n")
    archive = pack(store.path.parent / "4.tar.gz", "4", small_tree("4"))
    if store.run("unpack", str(archive), "--id", "4").status != 1:
        raise Broken("a preparation that fails")
    hooks(store)


def failing_hook(store: Store) -> None:
    """It fails for the new release, and not for the old one."""
    run = "test $RELEASES_EVENT = restore"
    store.write("releases.yaml", f"hooks: {{activate: {{run: '{run}'}}}}\n")


def doing(*words: str) -> Callable[[Store], None]:
    return lambda store: store.do(*words) and None


def drifted(store: Store) -> None:
    (store.path / "current").unlink()
    (store.path / "current").symlink_to("./releases/1")


def journal_lost(store: Store) -> None:
    (store.path / ".releases/lock").write_bytes(bytes(8192))


def with_archive(words: tuple[str, ...], archive: Path | None) -> tuple[str, ...]:
    """A command's words, NEW replaced by what it stands for."""
    return tuple(str(archive) if word == "NEW" else word for word in words)


@dataclass(frozen=True)
class Interruption:
    """Something for `recover` to do: a command was killed as it was about to make a call."""

    call: Call
    words: tuple[str, ...]
    # How its store is made ready.
    first: Callable[[Store], None] = lambda store: None

    def __call__(self, store: Store) -> None:
        self.first(store)
        self.happen(store, self.call.killing())

    def happen(self, store: Store, launcher: list[str]) -> None:
        archive = pack(store.path.parent / "4th.tar.gz", "new", NEW)
        if store.run(*with_archive(self.words, archive), launcher=launcher).status != KILLED:
            raise Broken(f"{self.words} is killed at {self.call}")
        archive.unlink()


def killed_at(call: str, *words: str) -> Interruption:
    name, _, number = call.partition("#")
    return Interruption(Call(name, int(number), ""), words)


def resumed(course: Course, call: Call) -> Scenario:
    """What brings a command to its end that was killed as it was about to make a call."""
    scenario = course.scenario
    return replace(
        scenario, name=f"{scenario.name}, killed at {call}", words=scenario.settle, status=0,
        prepare=Interruption(call, scenario.words, scenario.prepare),
        other_ends=lambda _: course.legal())


def release_is(identity: str, *states: str) -> Callable[[State], list[State]]:
    return lambda before: [before.with_release(identity, state) for state in states]


def after_one(before: State) -> list[State]:
    """The first of two switches."""
    return [replace(before, current="4", previous="3")]


def rolled_back_ends(before: State) -> list[State]:
    """Not confirmed, so the target is bad, and the fallback another one."""
    bad = before.with_release("2", "bad")
    return [State(bad.current, "1", bad.releases)]


UNPACK = ("unpack", "NEW", "--id", "new")
DEPLOY = ("deploy", "NEW", "--id", "new")
PRUNE = ("prune", "--keep", "1", "--keep-within", "0d")
BECAUSE = ("--reason", "x")

SCENARIOS = [
    Scenario("init", ("init",), settle=("init",), make=nothing),
    Scenario("adopt", ("init",), settle=("init",), make=by_hand, is_several=True),
    Scenario("first activation", ("activate", "4"), make=one),
    Scenario("activate", ("activate", "4")),
    Scenario("activate the fallback", ("activate", "2")),
    Scenario("rollback", ("rollback",)),
    Scenario("rollback --to", ("rollback", "--to", "1")),
    Scenario("rollback to the last", ("rollback",), make=two),
    Scenario("unpack", UNPACK),
    Scenario("unpack and prepare", UNPACK, hooks, release_is("new", "failed"), is_several=True),
    Scenario("unpack 5,000 files", UNPACK, files=5000),
    Scenario("remove", ("remove", "1")),
    Scenario("remove the fallback", ("remove", "2", "--force")),
    Scenario("prune", PRUNE, lambda store: store.publish("5"), is_several=True,
             is_piecemeal=True),
    Scenario("pin", ("pin", "1", *BECAUSE)),
    Scenario("unpin", ("unpin", "1"), doing("pin", "1", *BECAUSE)),
    Scenario("mark bad", ("mark", "1", "bad", *BECAUSE)),
    Scenario("mark the fallback bad", ("mark", "2", "bad", *BECAUSE)),
    Scenario("mark good", ("mark", "1", "good", *BECAUSE), doing("mark", "1", "bad", *BECAUSE)),
    Scenario("freeze", ("freeze", *BECAUSE)),
    Scenario("thaw", ("thaw",), doing("freeze", *BECAUSE)),
    Scenario("activate, confirmed", ("activate", "4"), hooks, release_is("4", "bad")),
    Scenario("rollback, confirmed", ("rollback",), hooks, rolled_back_ends),
    Scenario("activate, not confirmed", ("activate", "4"), failing_hook, status=10),
    Scenario("deploy", DEPLOY, hooks, release_is("new", "failed", "ready", "bad"), is_several=True),
    Scenario("prepare", ("prepare", "4"), failed_preparation, is_several=True),
    Scenario("recover drift", ("recover",), drifted),
    Scenario("recover a journal", ("recover",), journal_lost),
    # Where nothing can be moved to the trash, nothing is removed.
    Scenario("recover a removal", ("recover",), killed_at("renameat2#1", "remove", "1"),
             other_ends=lambda before: [before]),
    Scenario("recover a switch", ("recover",), killed_at("renameat#2", "activate", "4")),
    Scenario("recover an unpacking", ("recover",), killed_at("renameat#1", *UNPACK)),
    Scenario("recover a publication", ("recover",), killed_at("fsync#4", *UNPACK)),
    Scenario("two switches", ("activate", "4"), then=("activate", "1"), other_ends=after_one),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@dataclass(frozen=True)
class Course:
    """A scenario made ready: where it begins, and where it may end."""

    scenario: Scenario
    start: Store
    words: tuple[str, ...]
    before: State | None
    after: State

    @staticmethod
    def make(scenario: Scenario, binary: str, work: Path) -> Course:
        """Makes the store at work/start, and lets the command run to its end on a copy of it."""
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        start = Store(binary, work / "start")
        scenario.make(start)
        scenario.prepare(start)
        more = {f"files/{number % 50}/{number}": f"{number}\n" for number in range(scenario.files)}
        archive = pack(work / "new.tar.gz", "new", {**NEW, **more})
        words = with_archive(scenario.words, archive)
        finished = start.copy(work / "finished")
        course = Course(scenario, start, words, None, State(None, None, ()))
        for command in course.all_words():
            run = finished.run(*command)
            if run.status != scenario.status:
                raise Broken(f"{scenario.name}: {run}")
        after = oracle.expect_settled(finished.path)
        is_store = (start.path / ".releases").exists()
        return Course(scenario, start, words, oracle.state(start.path) if is_store else None, after)

    def all_words(self) -> list[tuple[str, ...]]:
        return [self.words, *([self.scenario.then] if self.scenario.then else [])]

    def legal(self) -> list[State]:
        """Where the command may have come to after an interruption and a recovery."""
        if self.before is None or self.words[0] == "init":
            return [self.after]
        if self.words[0] == "recover":
            return [self.after, *self.scenario.other_ends(self.before)]
        ends = [self.before, self.after, *self.scenario.other_ends(self.before)]
        if self.scenario.is_piecemeal:
            gone = set(self.before.releases) - set(self.after.releases)
            for count in range(1, len(gone)):
                for some in itertools.combinations(gone, count):
                    kept = tuple(sorted(set(self.before.releases) - set(some)))
                    ends.append(replace(self.before, releases=kept))
        return ends
