#!/bin/bash
# Runs `swift test` with the options given, and prints one line per suite and every failure in full.
set -uo pipefail

"$(dirname "$0")/swift.sh" test "$@" 2>&1 | awk '
  # A line that begins with a mark belongs to a test or a suite; what follows it without a mark is
  # its detail.
  /^(◇|✔|✘|➜|⚠|󰢃|↳)/ { detail = 0 }
  # Suites run at the same time and all wait for the same processors: the times say nothing.
  /^✔ Suite .* passed/ { sub(/ after .*/, ""); print; fflush(); next }
  /^✔ Test run/ { print; next }
  /^✘/ { print; fflush(); detail = 1; next }
  /^↳/ { print; fflush(); detail = 1; next }
  # A crash is reported without a mark, and the report of the program follows.
  /(Fatal error|^error): |^💣|^\*\*\*/ { print; fflush(); detail = 1; next }
  detail { print; next }
  /(error|warning): / { print; fflush() }
'
exit "${PIPESTATUS[0]}"
