"""A situation that a host gets into, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from report import Row

if TYPE_CHECKING:
    from workshop import Workshop


@dataclass(frozen=True)
class Scenario:
    """One situation, tried on hosts of its own."""

    name: str
    title: str
    run: Callable[["Workshop", Row], None]
    # Whether it belongs to the slice that the gate runs.
    in_slice: bool
    # Whether the package of 0.1 alone can be tried in it.
    for_old: bool


ALL: dict[str, Scenario] = {}
Trial = Callable[["Workshop", Row], None]


def scenario(
    name: str, title: str, *, in_slice: bool = False, for_old: bool = True,
) -> Callable[[Trial], Trial]:
    """Adds the decorated function to the list."""

    def add(run: Trial) -> Trial:
        assert name not in ALL, name
        ALL[name] = Scenario(name, title, run, in_slice, for_old)
        return run

    return add
