#!/usr/bin/env python3
"""Makes the archives that the tests unpack: make-archives.py DIRECTORY

hostile/RULE-WHAT.SUFFIX must be rejected by that rule (damaged-… must fail in another way).
WHAT.SUFFIX.json beside it is the `unpack:` configuration that makes it so, where one is needed.
benign/WHAT.SUFFIX must be unpacked into what WHAT.SUFFIX.json says.
Only Python's own library; every run makes the same bytes.
"""

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


def write(top, folder, name, data, more):
    path = os.path.join(top, folder, name)
    if os.path.exists(path):
        sys.exit(f"two archives are called {name}")
    with open(path, "wb") as out:
        out.write(data)
    if more is not None:
        with open(path + ".json", "w", encoding="utf-8") as out:
            json.dump(more, out, indent=1)


def main(top):
    for folder in ("hostile", "benign"):
        os.makedirs(os.path.join(top, folder))
    for make in (names, links, headers, zips, limits):
        for name, data, *options in make():
            write(top, "hostile", name, data, options[0] if options else None)
    for name, data, tree in benign():
        # A list: readers may take two keys for one that differ only in normalisation.
        write(top, "benign", name, data, [{"path": path, **tree[path]} for path in tree])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
