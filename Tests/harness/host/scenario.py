"""What a scenario of the host tests is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.host.host_factory import HostFactory
from harness.host.report import Row

RunScenario = Callable[[HostFactory, Row], None]


@dataclass(frozen=True)
class Scenario:
    """One situation of a host, which is tried on hosts of its own."""

    name: str
    title: str
    run: RunScenario
    # Whether the gate runs it.
    in_slice: bool
    # Whether it can be tried with the package of 0.1 alone.
    for_old: bool


ALL: dict[str, Scenario] = {}


def scenario(
    name: str,
    title: str,
    *,
    in_slice: bool = False,
    for_old: bool = True,
) -> Callable[[RunScenario], RunScenario]:
    """Return a decorator that adds a function to the list."""

    def add(run: RunScenario) -> RunScenario:
        assert name not in ALL, name
        ALL[name] = Scenario(name, title, run, in_slice, for_old)
        return run

    return add
