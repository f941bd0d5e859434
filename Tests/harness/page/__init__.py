"""Looks at the page of `releases report --html` in Chromium, and makes its pictures."""
