"""Judges a store in the guest with the oracle, which reads the files without the tool's help.

    judge_store STORE

It prints what the store says as JSON. If the store is not in order, it prints why and exits with 1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from harness import oracle
from harness.assertions import BrokenPromise


def main() -> int:
    """Judge the store."""
    try:
        found = oracle.expect_in_order(Path(sys.argv[1]))
    except (BrokenPromise, OSError) as problem:
        print(f"does not hold: {problem}")
        return 1
    facts = {
        "current": found.current,
        "previous": found.previous,
        "releases": dict(found.releases),
    }
    print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
