"""Lets each systemctl(1) that a command of the tool starts fail, or be killed, in turn.

The host's systemctl is replaced by a script that counts those of the store's owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.instances.interruption import Interruptions
from harness.host.instances.stopped_switch import Place

if TYPE_CHECKING:
    from harness.host.instances.courses import Situation
    from harness.host.instances.quick import QuickStore
    from harness.processes import Run

PROGRAM, REAL, COUNT = "/usr/bin/systemctl", "/usr/lib/systemctl-of-systemd", "/run/systemctl-count"
HOW = ("killed before", "killed after", "fails", "killed and done later")

# The file has a line for each systemctl that was started, and first which one is to fail, and how.
SCRIPT = f"""\
#!/bin/sh
if [ "$(id -un)" = deploy ] && [ -e {COUNT} ]; then
  echo "$*" >> {COUNT}
  number=$(($(wc -l < {COUNT}) - 1))
  read -r wanted how < {COUNT}
  if [ "$number" = "$wanted" ]; then
    case $how in
      "killed before") kill -KILL $$ ;;
      "killed after") {REAL} "$@"; kill -KILL $$ ;;
      "killed and done later") setsid {REAL} "$@" & kill -KILL $$ ;;
      fails) echo "Failed to connect to bus" >&2; exit 1 ;;
    esac
  fi
fi
exec {REAL} "$@"
"""


def replace_systemctl(store: QuickStore) -> None:
    """Put the script in the place of systemctl."""
    store.host.must("mv", PROGRAM, REAL)
    store.host.write(PROGRAM, SCRIPT, 0o755)


class ChildPoints(Interruptions):
    """Interrupts what one course starts."""

    def run_at(self, place: Place, what: str, situation: Situation) -> Run:
        """Run the command while one systemctl does not do what it should."""
        self._count(f"{place.number} {what}")
        try:
            return self.store.releases(*situation.words)
        finally:
            self.store.host.must("rm", COUNT)

    def places(self) -> list[Place]:
        """Return a place for each systemctl that the course's command starts."""
        situation = self.course.prepare(self.store)
        self._count("0")
        run = self.store.releases(*situation.words)
        lines = self.store.host.must("cat", COUNT).splitlines()[1:]
        self.store.host.must("rm", COUNT)
        self.course.clean_up(self.store)
        if run.status != self.course.usual(situation):
            raise RuntimeError(f"{self.course.name}: {run}")
        return [Place("systemctl", number, line) for number, line in enumerate(lines, 1)]

    def _count(self, wanted: str) -> None:
        self.store.host.shell(f"echo '{wanted}' > {COUNT}; chown deploy: {COUNT}")
