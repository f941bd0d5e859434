"""A command that has ended, and waiting for what comes true by itself."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """What a command answered."""

    status: int
    seconds: float
    output: str
    errors: str

    @property
    def text(self) -> str:
        return (self.output + self.errors).strip()

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.output)

    @property
    def message(self) -> str:
        """What a person reads last: the error, and all that follows it."""
        lines = self.errors.splitlines()
        first = [number for number, line in enumerate(lines) if line.startswith("releases: error:")]
        return "\n".join(lines[first[-1]:] if first else [])

    def step(self, name: str) -> float:
        """Seconds of a step of a deploy with `--json`; 0 when there was none."""
        return sum(step["seconds"] for step in self.json["steps"] if step["name"] == name)


def wait_until(condition: Callable[[], bool], seconds: float, interval: float = 0.05) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True
