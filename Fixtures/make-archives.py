#!/usr/bin/env python3
"""Makes the archives that the tests unpack.

    make-archives.py DIRECTORY

hostile/RULE-WHAT.SUFFIX must be rejected by that rule (damaged-… must fail in another way). Where a
configuration of `unpack:` is needed for that, it is in WHAT.SUFFIX.json beside it.
benign/WHAT.SUFFIX must be unpacked to what WHAT.SUFFIX.json says.
The program uses Python's standard library alone, and every run makes the same bytes.
"""

from __future__ import annotations

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "archives"))

from benign import benign  # noqa: E402
from hostile_headers import headers  # noqa: E402
from hostile_limits import limits  # noqa: E402
from hostile_links import links  # noqa: E402
from hostile_names import names  # noqa: E402
from hostile_zip import zips  # noqa: E402


def write(top: str, folder: str, name: str, data: bytes, facts: object) -> None:
    """Write an archive, and what is to be known of it."""
    path = os.path.join(top, folder, name)
    if os.path.exists(path):
        sys.exit(f"two archives are called {name}")
    with open(path, "wb") as out:
        out.write(data)
    if facts is not None:
        with open(path + ".json", "w", encoding="utf-8") as out:
            json.dump(facts, out, indent=1)


def main(top: str) -> None:
    """Write all archives."""
    for folder in ("hostile", "benign"):
        os.makedirs(os.path.join(top, folder))
    for make in (names, links, headers, zips, limits):
        for name, data, *options in make():
            write(top, "hostile", name, data, options[0] if options else None)
    for name, data, tree in benign():
        # It is a list, since readers of JSON may take two keys for one that differ only in
        # normalisation.
        write(top, "benign", name, data, [{"path": path, **tree[path]} for path in tree])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
