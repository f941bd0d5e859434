"""Keeps the results of a run as files, from which the report is made."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from harness.crash.tasks import Ended, Task


class Results:
    """The results of one run; there is a file for each kind of task."""

    def __init__(self, directory: Path, seed: int, share: float, is_single: bool) -> None:
        """Begin without results.

        is_single: whether the run repeats one task, whose result replaces that of a former run.
        """
        self.directory, self.seed, self.share = directory, seed, share
        self.is_single = is_single
        self.start = time.monotonic()

    def write(self, ended: list[Ended], tasks: list[Task]) -> None:
        """Write what has been done until now, which is kept when the rest is interrupted."""
        self.directory.mkdir(exist_ok=True)
        for kind in {one.task.kind for one in ended}:
            rows = [
                {**asdict(one.tally), "seconds": one.seconds, "seed": self.seed}
                for one in ended
                if one.task.kind == kind
            ]
            self._write_kind(kind, rows, sum(task.kind == kind for task in tasks))

    def _write_kind(self, kind: str, rows: list[dict[str, Any]], wanted: int) -> None:
        path = self.directory / f"{kind}.json"
        seconds = time.monotonic() - self.start
        if self.is_single and path.exists():
            before = json.loads(path.read_text("utf-8"))
            again = {(row["scenario"], row["kind"]) for row in rows}
            kept = [
                {"seed": before["seed"], **row}
                for row in before["rows"]
                if (row["scenario"], row["kind"]) not in again
            ]
            rows = kept + rows
            seconds += before["seconds"]
            wanted = max(before["tasks"], len(rows))
        result = {
            "seed": ", ".join(str(seed) for seed in dict.fromkeys(row["seed"] for row in rows)),
            "share": self.share,
            "seconds": seconds,
            "rows": rows,
            "tasks": wanted,
            "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "kernel": os.uname().release.partition("-")[0],
        }
        path.write_text(json.dumps(result, indent=1), encoding="utf-8")
