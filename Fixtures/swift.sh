#!/bin/sh
# Runs swift(1) with a temporary directory of its own: the package manager leaves directories there.
set -u

TMPDIR=$(mktemp -d) || exit 1
export TMPDIR
# Some tests run as another user, who has to get in.
chmod 755 "$TMPDIR"
trap 'chmod -R u+rwX "$TMPDIR" 2>/dev/null; rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP
swift "$@"
