"""The commands that are interrupted, each with the store that it is run on."""

from __future__ import annotations

from harness.crash.preparations import (
    BY_REASON,
    failed_preparation,
    failing_hook,
    five_releases,
    history_is_full,
    journal_lost,
    killed_at,
    made_by_hand,
    nothing,
    one_release,
    running,
    two_releases,
    with_hooks,
    with_moved_link,
    with_moved_links,
)
from harness.crash.scenario import Scenario, after_first_switch, release_is, rolled_back_unconfirmed

UNPACK = ("unpack", "NEW", "--id", "new")
DEPLOY = ("deploy", "NEW", "--id", "new")
PRUNE = ("prune", "--keep", "1", "--keep-within", "0d")

SCENARIOS = [
    Scenario("init", ("init",), recovery=("init",), make=nothing),
    Scenario("adopt", ("init",), recovery=("init",), make=made_by_hand, is_several=True),
    Scenario("first activation", ("activate", "4"), make=one_release),
    Scenario("activate", ("activate", "4")),
    Scenario("activate the rollback target", ("activate", "2")),
    Scenario("rollback", ("rollback",)),
    Scenario("rollback --to", ("rollback", "--to", "1")),
    Scenario("rollback to the only other", ("rollback",), make=two_releases),
    Scenario("unpack", UNPACK),
    Scenario(
        "unpack and prepare", UNPACK, with_hooks, release_is("new", "failed"), is_several=True
    ),
    Scenario("unpack 5,000 files", UNPACK, files=5000),
    Scenario("remove", ("remove", "1")),
    Scenario("remove the rollback target", ("remove", "2", "--force")),
    Scenario("prune", PRUNE, five_releases, is_several=True, is_piecemeal=True),
    Scenario("pin", ("pin", "1", *BY_REASON)),
    Scenario("rotate the history", ("pin", "1", *BY_REASON), history_is_full),
    Scenario("unpin", ("unpin", "1"), running("pin", "1", *BY_REASON)),
    Scenario("mark bad", ("mark", "1", "bad", *BY_REASON)),
    Scenario("mark the rollback target bad", ("mark", "2", "bad", *BY_REASON)),
    Scenario(
        "mark good", ("mark", "1", "good", *BY_REASON), running("mark", "1", "bad", *BY_REASON)
    ),
    Scenario("freeze", ("freeze", *BY_REASON)),
    Scenario("thaw", ("thaw",), running("freeze", *BY_REASON)),
    Scenario("activate, confirmed", ("activate", "4"), with_hooks, release_is("4", "bad")),
    Scenario("rollback, confirmed", ("rollback",), with_hooks, rolled_back_unconfirmed),
    Scenario("activate, not confirmed", ("activate", "4"), failing_hook, status=10),
    # The release that failed was the rollback target, which moves in a transaction of its own.
    Scenario("return, not confirmed", ("activate", "2"), failing_hook, is_several=True, status=10),
    Scenario(
        "deploy", DEPLOY, with_hooks, release_is("new", "failed", "ready", "bad"), is_several=True
    ),
    Scenario("prepare", ("prepare", "4"), failed_preparation, is_several=True),
    # The next command points `previous` to the release that was left if this one can't.
    Scenario(
        "recover a moved link", ("recover",), with_moved_link, other_ends=lambda before: [before]
    ),
    Scenario("recover two moved links", ("recover",), with_moved_links),
    Scenario("recover a journal", ("recover",), journal_lost),
    # A release that cannot be moved to the trash stays.
    Scenario(
        "recover a removal",
        ("recover",),
        killed_at("renameat2#1", "remove", "1"),
        other_ends=lambda before: [before],
    ),
    Scenario("recover a switch", ("recover",), killed_at("renameat#2", "activate", "4")),
    Scenario("recover an unpacking", ("recover",), killed_at("renameat#1", *UNPACK)),
    Scenario("recover a publication", ("recover",), killed_at("fsync#4", *UNPACK)),
    Scenario(
        "two switches", ("activate", "4"), then=("activate", "1"), other_ends=after_first_switch
    ),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
