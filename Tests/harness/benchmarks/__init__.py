"""Measures commands against what people type instead: ratios of medians in one run."""
