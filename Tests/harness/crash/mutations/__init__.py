"""The mutants: changes to the product that the crash suite has to notice."""

from __future__ import annotations

from harness.crash.mutations.checksums import CHECKSUMS
from harness.crash.mutations.flushes import FLUSHES
from harness.crash.mutations.instances import INSTANCES
from harness.crash.mutations.recovery import RECOVERY
from harness.crash.mutations.renames_and_locks import LOCKS, RENAMES

MUTANTS = FLUSHES + RENAMES + LOCKS + CHECKSUMS + RECOVERY + INSTANCES
