"""The scenarios that are tried on booted hosts; each module adds its own to the list."""

from __future__ import annotations

from harness.host.scenarios import (  # noqa: F401
    ansible_install,
    boot_recovery,
    broken_releases,
    dead_releases,
    deploys_during_recovery,
    failing_versions,
    good_deploys,
    hundred_deploys,
    instance_deploys,
    instance_fronts,
    instance_interruptions,
    instance_rights,
    killed_deploys,
    owners,
    package_lifecycle,
    queued_starts,
    restarts_under_load,
    rollback_time,
    runbook_rows,
    sandboxes,
    service_kinds,
    special_mounts,
    ssh_deploys,
    start_limits,
    timers,
    two_stores,
    unit_lists,
    upgrades,
)
