"""Words of the tool's messages that the tests look for; a change of a message is made here too."""

from __future__ import annotations

# The warning of a recovery that has lost the journal.
JOURNAL_REBUILT = "made again from the links"
# The warning of a command whose effects are done, although its last flush failed.
HISTORY_NOT_FLUSHED = "can't flush the history"
# The warning of a command that went on after a failure.
CARRIED_OUT_DESPITE_FAILURE = "carried out"
# The error for a directory in releases/ that the catalog does not have.
UNKNOWN_RELEASE = "nothing is known of release"
# The reason of a prune that removes nothing, because the clock is in doubt.
CLOCK_IN_DOUBT = "age removes nothing"
# The warning of a prune that cannot remove a release.
CANNOT_REMOVE = "can't remove release"
# The note in the history of a switch that a recovery undid.
NOT_CONFIRMED = "was not confirmed"
