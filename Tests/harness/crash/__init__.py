"""Tests what an interrupted, failing or concurrent command leaves: never a store that is wrong."""
