"""What was seen under each kernel, and the RESULTS.md that is made of it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from harness.reports import Promises, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEAD = (
    "`make kernels` writes this page. qemu boots Debian's own kernels without KVM (`-accel tcg`,"
    " one processor), each with the systemd of its own Debian and the package that `make deb`"
    " builds. A power cut is `kill -9` of qemu, which loses what the guest's kernel has only in"
    " memory. Times are those of an emulated processor."
)


@dataclass
class Part(Promises):
    """One chapter of RESULTS.md, which is kept so that another part can be run alone."""

    lines: list[str] = field(default_factory=list)

    def text(self, *paragraphs: str) -> None:
        """Add paragraphs."""
        for paragraph in paragraphs:
            self.lines += [paragraph, ""]

    def table(self, head: list[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table."""
        self.lines += table(head, rows)

    def block(self, text: str) -> None:
        """Add a block of output."""
        self.lines += ["```", text.rstrip(), "```", ""]

    def save(self, directory: Path) -> None:
        """Keep the chapter in a directory."""
        path = directory / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def write(parts: Path, order: list[str], to: Path) -> None:
    """Write RESULTS.md with all parts that have been run."""
    files = [parts / f"{name}.json" for name in order]
    found = [Part(**json.loads(file.read_text("utf-8"))) for file in files if file.exists()]
    broken = [f"{part.title}: {promise}" for part in found for promise in part.broken]
    lines = ["# Kernel tests", "", HEAD, ""]
    if broken:
        lines += [f"**{len(broken)} promises were broken:**", "", *(f"- {one}" for one in broken)]
    else:
        lines += ["All promises were kept."]
    for part in found:
        lines += ["", f"## {part.title}", "", *part.lines]
    text = "\n".join(lines).rstrip() + "\n"
    to.write_text(re.sub(r"\n{3,}", "\n\n", text), encoding="utf-8")
