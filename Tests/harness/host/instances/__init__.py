"""Instances of a release beside each other: applications, load, and a reader of the live link."""
