"""Draws what a terminal shows as SVG."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from harness.guide.recording import Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
FONT_SIZE = 14
COLUMN = 8.4
ROW = 20
MARGIN = 20
PROMPT = "$ "
# The CSS classes of the parameters of SGR sequences.
CLASSES = {"1": "b", "2": "d", "31": "r", "32": "g", "33": "y", "36": "c"}


@dataclass(frozen=True)
class Palette:
    """The colors of a picture."""

    background: str
    border: str
    text: str
    dim: str
    red: str
    green: str
    yellow: str
    cyan: str

    @property
    def style(self) -> str:
        """The rules for the colors."""
        return (
            f"rect{{fill:{self.background};stroke:{self.border}}}"
            f"text{{fill:{self.text};font:{FONT_SIZE}px {FONT};white-space:pre}}"
            f".b{{font-weight:bold}}.d{{fill:{self.dim}}}.r{{fill:{self.red}}}"
            f".g{{fill:{self.green}}}.y{{fill:{self.yellow}}}.c{{fill:{self.cyan}}}"
        )


PALETTES = {
    "light": Palette(
        "#ffffff", "#d0d7de", "#1f2328", "#59636e", "#cf222e", "#1a7f37", "#9a6700", "#0a6c74"
    ),
    "dark": Palette(
        "#0d1117", "#3d444d", "#e6edf3", "#9198a1", "#ff7b72", "#3fb950", "#d29922", "#39c5cf"
    ),
}


def classes(style: str) -> str:
    """Return the CSS classes of an SGR sequence."""
    return " ".join(CLASSES[code] for code in style.split(";") if code in CLASSES)


def spans(cells: Sequence[Cell]) -> str:
    """Return the characters of a line, with a span for each style."""
    text = ""
    for style, group in groupby(cells, key=lambda cell: cell.style):
        characters = escape("".join(cell.character for cell in group))
        names = classes(style)
        text += f'<tspan class="{names}">{characters}</tspan>' if names else characters
    return text


def rows_of(line: Sequence[Cell], columns: int) -> list[Sequence[Cell]]:
    """Return the rows that a line takes on the screen."""
    starts = range(0, max(1, len(line)), columns)
    return [line[start : start + columns] for start in starts]


def drawn_line(line: Sequence[Cell], columns: int, first_row: int) -> str:
    """Return the element of a line: a span for each row, and in it one for each style."""
    is_command = text_of(line).startswith(PROMPT)
    bold = [Cell(cell.character, "1") for cell in line[len(PROMPT) :]]
    cells = [*line[: len(PROMPT)], *bold] if is_command else line
    rows = "".join(
        f'<tspan x="{MARGIN}" y="{MARGIN + ROW * number + FONT_SIZE}"'
        f' textLength="{len(row) * COLUMN:.1f}">{spans(row)}</tspan>'
        for number, row in enumerate(rows_of(cells, columns), first_row)
    )
    return f'<text xml:space="preserve">{rows}</text>\n'


def draw(lines: Sequence[Sequence[Cell]], columns: int, title: str, palette: Palette) -> str:
    """Return the SVG document of what a terminal shows."""
    body = ""
    row = 0
    for line in lines:
        if text_of(line):
            body += drawn_line(line[: len(text_of(line))], columns, row)
        row += len(rows_of(line, columns))
    width = round(columns * COLUMN) + 2 * MARGIN
    height = ROW * row + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>{palette.style}</style>\n"
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>\n'
        f"{body}</svg>\n"
    )


def drawn_text(picture: Path) -> list[str]:
    """Return the lines of a picture."""
    texts = ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")
    return [re.sub(r"\s+$", "", "".join(text.itertext())) for text in texts]
