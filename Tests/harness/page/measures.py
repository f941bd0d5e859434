"""What is measured on a page in a browser."""

from __future__ import annotations

# Returns the faults of the layout, one line each: text outside of the window, of its card or of its
# cell, and elements that hide a part of their content.
LAYOUT = r"""
(() => {
  const faults = [], width = document.documentElement.clientWidth;
  const total = document.documentElement.scrollWidth;
  if (total > width) faults.push(`the page is ${total} px wide`);
  // On a narrow screen the titles of columns are there for screen readers only.
  const isForReaders = e =>
    e.closest("thead") && getComputedStyle(e.closest("thead")).clipPath != "none";
  for (const e of document.body.querySelectorAll("*")) {
    if (isForReaders(e) || e instanceof SVGElement) continue;
    if (getComputedStyle(e).overflowX != "visible" && e.scrollWidth > e.clientWidth + 1)
      faults.push(`<${e.localName}> hides a part of: ${e.textContent.slice(0, 60)}`);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || isForReaders(e)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = ["td, th, li, dd, pre, p", "section, dl, header"].map(name => e.closest(name))
      .filter(box => box).map(box => box.getBoundingClientRect());
    boxes.push({left: 0, right: width});
    for (const part of range.getClientRects())
      if (boxes.some(box => part.left < box.left - 1 || part.right > box.right + 1)) {
        faults.push(`cut off or beside its place: ${node.data.slice(0, 60)}`);
        break;
      }
  }
  return faults;
})()
"""

# Returns each pair of a text color and its ground whose contrast is below 4.5, the limit of WCAG's
# level AA, one line each.
CONTRAST = r"""
(() => {
  const numbers = text => text.match(/[\d.]+/g).map(Number);
  const luminance = color => numbers(color).slice(0, 3).map(n => n / 255)
    .map(n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4)
    .reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const faults = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || e instanceof SVGElement) continue;
    const [text, under] = [getComputedStyle(e).color, ground(e)];
    const [dark, light] = [luminance(text), luminance(under)].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5)
      faults.add(`${text} on ${under}: ${ratio.toFixed(2)}: ${node.data.slice(0, 40)}`);
  }
  return [...faults];
})()
"""

# Returns how many lines each ref of 40 characters takes in the table of releases.
REF_LINES = r"""
[...document.querySelectorAll("td.ref .mono")].filter(e => e.textContent.length == 40).map(e => {
  const range = document.createRange();
  range.selectNodeContents(e);
  return range.getClientRects().length;
})
"""
