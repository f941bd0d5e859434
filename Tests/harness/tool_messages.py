"""Words of the tool's messages that the tests look for; a change of a message is made here too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.assertions import expect

if TYPE_CHECKING:
    from pathlib import Path

# The warning of a recovery that has lost the journal.
JOURNAL_REBUILT = "rebuilt from the links"
# The warning of a command whose effects are done, although its last flush failed.
HISTORY_NOT_FLUSHED = "can't flush the history"
# The warning of a command that could not rotate the history; the next change tries again.
HISTORY_NOT_ROTATED = "can't rotate the history"
# The warning of a command that could not write the tally of the rotated files.
HISTORY_NOT_COUNTED = "can't write the tally of the rotated history"
# The warning of a command that went on after a failure.
FINISHED_DESPITE_FAILURE = "finished anyway"
# The error for a directory in releases/ that the catalog does not have.
UNKNOWN_RELEASE = "has no catalog entry"
# The reason of a prune that removes nothing, because the clock is in doubt.
CLOCK_IN_DOUBT = "age is ignored"
# The warning of `check` for a file system on which nothing is promised after a power failure.
SURVIVAL_UNKNOWN = "it is not known what survives a power failure"
# The problem that `check` finds on a file system that cannot be changed.
MOUNTED_READ_ONLY = "mounted read-only"
# The warning of `check` for a low limit of open files.
OPEN_FILE_LIMIT = "the limit of open files is"
# The warning of a prune that cannot remove a release.
CANNOT_REMOVE = "can't remove release"
# The note in the history of a switch that a recovery undid.
NOT_CONFIRMED = "was not confirmed"


def expect_in_program(binary: Path) -> None:
    """Expect that the program has all these words.

    A test that expects a message not to be printed would not notice that its words have changed.
    """
    program = binary.read_bytes()
    for name, words in globals().items():
        if name.isupper() and isinstance(words, str):
            expect(words.encode() in program, f"the program has the words of {name}: {words!r}")
