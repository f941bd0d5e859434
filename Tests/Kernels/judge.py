"""Judges a store in the guest with the crash suite's oracle, which reads the files without the
tool's help. Prints what the store says as JSON, or the violation, and then ends with 1.

    judge.py STORE
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, "/mnt/harness/Crash")

# pylint: disable=wrong-import-position
import oracle


def main() -> int:
    try:
        found = oracle.expect_settled(Path(sys.argv[1]))
    except (oracle.Violation, OSError) as problem:
        print(problem)
        return 1
    print(json.dumps({"current": found.current, "previous": found.previous,
                      "releases": dict(found.releases)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
