"""Mutants that leave out renames and locks."""

from __future__ import annotations

from harness.crash.mutations.mutant import Mutant, condition, fault, kill, model

RENAMES = [
    Mutant(
        "no temporary link",
        "a link is removed and made again",
        "LinkWriting.swift",
        "          try store.root.rename(temporary, to: change.name)\n",
        "          try store.root.unlinkIfPresent(change.name)\n"
        "          try store.root.rename(temporary, to: change.name)\n",
        kill("activate"),
    ),
    Mutant(
        "current first",
        "current is moved before previous",
        "LinkWriting.swift",
        "      for change in changes {\n        if change.text == nil {",
        "      for change in changes.reversed() {\n        if change.text == nil {",
        kill("activate", "rollback") + model("activate"),
    ),
    Mutant(
        "no read back",
        "the links are not read back after a switch",
        "LinkWriting.swift",
        "    guard try texts() == pair else {",
        '    guard try texts() != LinkPair(current: "x") else {',
        fault("activate", "LIE"),
    ),
    Mutant(
        "no catalog rename",
        "a catalog file is removed before the new one gets its name",
        "StagedEntries.swift",
        "try staged.directory.rename(",
        "try staged.directory.unlinkIfPresent(Layout.catalogFile(id))\n"
        "        try staged.directory.rename(",
        kill("pin"),
    ),
]

LOCKS = [
    Mutant(
        "no lock on the journal",
        "the store's lock file is not locked",
        "LockFile.swift",
        "        try lockUnlessReader(file, until: deadline)\n      }\n      guard isOurs",
        "        true\n      }\n      guard isOurs",
        condition("locked by others"),
    ),
    Mutant(
        "no lock on the trash",
        "the second lock is not taken",
        "LockFile.swift",
        "      try directory.lock(waitingUpTo: min(seconds, noticeDelay))\n",
        "      true\n",
        condition("lock replaced", "locked by others"),
    ),
    Mutant(
        "no stage lock",
        "a stage is not locked by its writer",
        "Stage.swift",
        "guard try directory.lock(waitingUpTo: 1), let status",
        "guard let status",
        condition("stage in use"),
    ),
    Mutant(
        "stage lock not asked",
        "recovery removes stages whose lock is held",
        "StageFiles.swift",
        "return try staging.openDirectory(name).tryLock()",
        "_ = try staging.openDirectory(name); return true",
        condition("preparation in use"),
    ),
]
