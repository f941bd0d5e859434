"""Mutants that leave out checksums, or choose the wrong journal entry."""

from __future__ import annotations

from harness.crash.mutations.mutant import Mutant, kill, model

CHECKSUMS = [
    Mutant(
        "no seal",
        "the checksum of a line is not compared",
        "SealedLine.swift",
        "guard seal.elementsEqual(self.seal(of: body)) else { return nil }",
        "_ = seal",
        model("activate", "rollback", "remove the rollback target", "pin"),
    ),
    Mutant(
        "oldest slot",
        "the journal entry with the lower sequence is used",
        "JournalSlots.swift",
        "$0.entry.sequence < entry.sequence",
        "$0.entry.sequence > entry.sequence",
        kill("activate"),
    ),
    Mutant(
        "same slot",
        "the journal overwrites its last entry",
        "LockFile.swift",
        "let next = slot.map { 1 - $0 } ?? 0",
        "let next = slot ?? 0",
        model("activate", "pin"),
    ),
    Mutant(
        "torn history",
        "zeros before a newline are accepted as a line",
        "HistoryFile.swift",
        "while let torn = line, torn.contains(0) {",
        "while let torn = line, torn.isEmpty {",
        model("activate"),
    ),
]
