"""The output of `releases metrics`, and the names in expressions of PromQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAMPLE = re.compile(r"(?P<name>[a-z_]+)\{(?P<labels>.*)\} (?P<value>\S+)")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
MATCHER = re.compile(r"([a-z_]+) *(?:=~|!~|!=|=)")
SELECTOR = re.compile(r"\b((?:releases|node)_[a-z_]+)(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\bby *\(([^)]*)\)")
LEGEND = re.compile(r"\{\{ *([a-z_]+) *\}\}")


@dataclass(frozen=True)
class Sample:
    """One line of the output."""

    name: str
    labels: str
    value: str

    @property
    def label_names(self) -> set[str]:
        """Return the names of the labels."""
        return {name for name, _ in LABEL.findall(self.labels)}


def samples(text: str) -> list[Sample]:
    """Return the samples in the output."""
    found = [SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    return [Sample(**match.groupdict()) for match in found if match]


def selectors(expression: str) -> list[tuple[str, set[str]]]:
    """Return the metrics in an expression, each with the labels that it is selected by."""
    found = SELECTOR.findall(expression)
    return [(name, set(MATCHER.findall(matchers))) for name, matchers in found]


def groupings(expression: str) -> set[str]:
    """Return the labels that an expression groups by."""
    return {label.strip() for labels in GROUPING.findall(expression) for label in labels.split(",")}
