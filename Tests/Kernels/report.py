"""What was seen, as Markdown, and which of the promises did not hold."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path


def cell(value: object) -> str:
    """A table's cell: one line, without what the table itself is made of."""
    if isinstance(value, bool):
        return "yes" if value else "**NO**"
    if isinstance(value, float):
        return f"{value:.1f}"
    return re.sub(r"\s*\n\s*", "<br>", str(value).strip()).replace("|", "\\|")


@dataclass
class Part:
    """One chapter of RESULTS.md. It is kept beside the disks, so that another part can be run alone
    without losing this one."""

    name: str
    title: str
    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def text(self, *paragraphs: str) -> None:
        for paragraph in paragraphs:
            self.lines += [paragraph, ""]

    def table(self, head: list[str], rows: list[list[object]]) -> None:
        self.lines += [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
        self.lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
        self.lines.append("")

    def block(self, text: str) -> None:
        self.lines += ["```", text.rstrip(), "```", ""]

    def expect(self, holds: bool, promise: str) -> bool:
        """Notes a promise that was not kept; returns whether it was."""
        if not holds:
            self.broken.append(" / ".join(promise.strip().split("\n")))
        return holds

    def save(self, directory: Path) -> None:
        path = directory / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def write(parts: Path, order: list[str], to: Path) -> None:
    """RESULTS.md of all parts that have been run."""
    files = [parts / f"{name}.json" for name in order]
    found = [Part(**json.loads(file.read_text("utf-8"))) for file in files if file.exists()]
    broken = [f"{part.title}: {promise}" for part in found for promise in part.broken]
    lines = ["# Real kernels", "",
             "Written by `make kernels`: Debian's own kernels, booted by qemu without KVM (`-accel "
             "tcg`, one processor), each with the systemd of its own Debian and the package that "
             "`make deb` builds. A power cut is `kill -9` of qemu, which loses whatever the "
             "guest's kernel has only in memory. Seconds are those of a processor in software.", ""]
    if broken:
        lines += [f"**{len(broken)} promises were broken:**", "", *(f"- {one}" for one in broken)]
    else:
        lines += ["All promises were kept."]
    for part in found:
        lines += ["", f"## {part.title}", "", *part.lines]
    text = "\n".join(lines).rstrip() + "\n"
    to.write_text(re.sub(r"\n{3,}", "\n\n", text), encoding="utf-8")
