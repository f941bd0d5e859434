"""What was seen, as Markdown, and which of the promises did not hold."""

import re
from dataclasses import dataclass, field
from pathlib import Path


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "**NO**"
    if isinstance(value, float):
        return f"{value:.2f}"
    text = re.sub(r"\s*\n\s*", "<br>", str(value).strip())
    return text.replace("|", "\\|")


@dataclass
class Report:
    """Collects sections and broken promises; paths of the machine are taken out of all text."""

    work: Path
    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def section(self, title: str, *paragraphs: str) -> None:
        self.lines += [f"## {title}", ""]
        for paragraph in paragraphs:
            self.lines += [self.portable(paragraph), ""]

    def table(self, head: list[str], rows: list[list[object]]) -> None:
        self.lines += [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
        for row in rows:
            self.lines.append(self.portable(f"| {' | '.join(_cell(value) for value in row)} |"))
        self.lines.append("")

    def expect(self, holds: bool, promise: str) -> bool:
        """Notes a promise that was not kept; returns what it was given."""
        if not holds:
            self.broken.append(self.portable(" / ".join(promise.split("\n"))))
        return holds

    def portable(self, text: str) -> str:
        return text.replace(f"{self.work}/store", "/opt/diting").replace(str(self.work), "WORK")

    def text(self, head: list[str]) -> str:
        verdict = ["All promises were kept."]
        if self.broken:
            verdict = [f"**{len(self.broken)} promises were broken:**", ""]
            verdict += [f"- {promise}" for promise in self.broken]
        return "\n".join([*head, "", *verdict, "", *self.lines]).rstrip() + "\n"
