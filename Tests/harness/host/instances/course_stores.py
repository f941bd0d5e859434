"""The stores of the courses: two releases, a and b, of which one is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.host_store import PLACE
from harness.host.instances.instance_store import LIVE
from harness.host.instances.quick import APP

if TYPE_CHECKING:
    from harness.host.instances.quick import QuickStore

Pair = tuple[str, str]
# The template of a rehearsal, which the polkit rule of the examples permits too.
REHEARSAL = "diting-worker@"
DRAIN = "1s"


def live_and_other(store: QuickStore) -> Pair:
    """Return the live release of a and b, and the other one."""
    live = store.live()
    return live, "b" if live == "a" else "a"


def links(store: QuickStore) -> Pair:
    """Return the releases that `current` and `previous` point to."""
    return store.live(), store.link("previous").removeprefix("releases/")


def must(store: QuickStore, *words: str) -> None:
    """Run a command of the tool that has to end with 0."""
    run = store.releases(*words)
    if run.status != 0:
        raise RuntimeError(f"{words}: {run}")


def stop_all(store: QuickStore) -> None:
    """Stop every instance, without the tool."""
    store.host.shell(f"""
        systemctl stop 'diting@*.service' '{REHEARSAL}*.service'
        systemctl reset-failed
        rm -rf {LIVE} /run/diting/.live*""")


def initialize(store: QuickStore, *releases: str) -> None:
    """Make the store, and unpack releases."""
    must(store, "init")
    for release in releases:
        store.put(release, APP, {"bin/run": release})


def start_again(store: QuickStore, *switches: str) -> None:
    """Replace the store by one with the releases a and b, and switch to the given ones."""
    stop_all(store)
    store.host.shell(f"cd {PLACE} && rm -rf .releases current previous releases/*")
    store.set_up(drain=DRAIN)
    initialize(store, "a", "b")
    for release in switches:
        must(store, "activate", release)
