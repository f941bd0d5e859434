#!/bin/sh
# Runs swift(1) with a temporary directory of its own: the package manager leaves directories there.
set -u

# In memory, where flushes cost nothing, the black-box tests need half the processor time. They need
# room for disk images there, and to run programs.
memory=/dev/shm
if [ -z "${TMPDIR:-}" ] && [ -w "$memory" ] &&
  [ "$(df -k --output=avail "$memory" | tail -n 1)" -gt 4000000 ] &&
  ! findmnt --noheadings --output OPTIONS --target "$memory" | grep -qw noexec; then
  TMPDIR=$memory
  export TMPDIR
fi
TMPDIR=$(mktemp -d) || exit 1
export TMPDIR
# Some tests run as another user, who has to get in.
chmod 755 "$TMPDIR"
trap 'chmod -R u+rwX "$TMPDIR" 2>/dev/null; rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP
swift "$@"
