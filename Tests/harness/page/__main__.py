"""Looks at the pages of three stores in Chromium: new, with long texts, and with problems.

In every width and color scheme and on paper, no text is cut off, and each text has the contrast of
WCAG's level AA. The browser applies the style sheet, and no policy of a page forbids anything.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.assertions import expect
from harness.command_line import run_suite, suite_parser
from harness.directories import empty_directory
from harness.page.chromium import Chromium, View, chromium
from harness.page.measures import CONTRAST, LAYOUT, REF_LINES
from harness.page.stores import crowded_store, new_store, troubled_store, unconfirmed, uploading

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store import Store

# From a large screen to a small phone, with both sides of the widths at which the layout changes.
WIDTHS = (1920, 1280, 1217, 1216, 1100, 1025, 1024, 800, 481, 480, 390, 320)
DARK_WIDTHS = (1280, 390)
# The width of A4 without its margins, in pixels of CSS.
PAPER = View(680, "dark", "print")
VIEWS = [*map(View, WIDTHS), *(View(width, "dark") for width in DARK_WIDTHS)]
# The width from which a ref of 40 characters takes one line.
WIDE = 1280


def look(browser: Chromium, page: Path, view: View) -> None:
    """Measure a page in one view."""
    browser.open(page, view)
    for fault in [*browser.evaluate(LAYOUT), *browser.evaluate(CONTRAST)]:
        expect(False, f"{page.name}, {view}: {fault}")
    expect(not browser.complaints, f"{page.name}: the browser says {browser.complaints}")
    ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = int(ground[4:].split(",")[0]) < 128
    expected = view.scheme == "dark" and view.media == "screen"
    expect(is_dark == expected, f"{page.name}, {view}: the ground is {ground}")
    if view.width >= WIDE:
        lines = browser.evaluate(REF_LINES)
        expect(set(lines) <= {1}, f"{page.name}, {view}: refs of 40 characters take {lines} lines")
    # Cards are still a table for a screen reader.
    roles, tables = browser.roles(), page.read_text().count("<table")
    expect(roles.count("table") == tables, f"{page.name}, {view}: {tables} tables have their role")
    expect(not tables or "columnheader" in roles, f"{page.name}, {view}: columns have their titles")
    expect(not tables or "rowheader" in roles, f"{page.name}, {view}: rows have their names")


def write_page(store: Store, directory: Path) -> Path:
    """Write the page of a store."""
    page = directory / f"{store.path.name}.html"
    store.must("report", "--html", str(page))
    return page


def main() -> int:
    """Run the suite."""
    arguments = suite_parser(__doc__).parse_args()
    with empty_directory(arguments.work) as work:
        crowded = crowded_store(arguments.binary, work)
        start = partial(crowded.start, "activate", "1762061285")
        with uploading(crowded), unconfirmed(crowded, start):
            pages = [write_page(crowded, work)]
        text = pages[0].read_text()
        for part in ("is being unpacked by process", "is unconfirmed: waiting for health"):
            expect(part in text, f"the page says: {part}")
        pages.append(write_page(troubled_store(arguments.binary, work / "x"), work))
        pages.append(write_page(new_store(arguments.binary, work), work))
        with chromium(work / "profile") as browser:
            for page in pages:
                for view in [*VIEWS, PAPER]:
                    look(browser, page, view)
    print(f"page: {len(pages)} pages in {len(VIEWS) + 1} views have nothing cut off")
    return 0


if __name__ == "__main__":
    run_suite(main)
