"""Adverse conditions: what hosts do to a store besides interrupting commands."""

from __future__ import annotations

from harness.crash.conditions import full_disks, locking, mounts, stale_facts

CONDITIONS = {
    **stale_facts.CONDITIONS,
    **locking.CONDITIONS,
    **mounts.CONDITIONS,
    **full_disks.CONDITIONS,
}
