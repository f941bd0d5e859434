"""What is taken out, and which trials have to notice."""

from __future__ import annotations

from dataclasses import dataclass

Task = tuple[str, str, str]
STORE = "Sources/ReleaseStore"
PLAN = f"{STORE}/Recovery/RecoveryPlan.swift"
RECOVER = f"{STORE}/Recovery/Recover.swift"


@dataclass(frozen=True)
class Mutant:
    """One change to the product, and the tasks of run.py that are tried on it, in this order."""

    name: str
    what: str
    file: str
    old: str
    new: str
    tasks: tuple[Task, ...]
    images: int = 20_000


def model(*scenarios: str) -> tuple[Task, ...]:
    return tuple(("model", scenario, "free") for scenario in scenarios)


def resumed(*scenarios: str) -> tuple[Task, ...]:
    return tuple(("model", scenario, "resumed") for scenario in scenarios)


def kill(*scenarios: str) -> tuple[Task, ...]:
    return tuple(("kill", scenario, "SIGKILL") for scenario in scenarios)


def fault(scenario: str, error: str) -> tuple[Task, ...]:
    return (("fault", scenario, error),)


def power(scenario: str, system: str) -> tuple[Task, ...]:
    return (("power", scenario, system),)


def hardship(*trials: str) -> tuple[Task, ...]:
    return tuple(("hardship", trial, "") for trial in trials)


FLUSHES = [
    Mutant(
        "journal flush", "no fdatasync of the journal", f"{STORE}/Journal/LockFile.swift",
        "      try file.syncData()\n", "", model("activate", "rollback")),
    Mutant(
        "history flush", "the history is not flushed before the next change",
        f"{STORE}/Transaction.swift", "      try store.flushHistory()\n", "",
        model("two switches")),
    Mutant(
        "switch flush", "what a switch wrote to the catalog is not flushed before the next change",
        f"{STORE}/Transaction.swift", "if last.operation.isSwitch || forgets", "if forgets",
        model("two switches")),
    Mutant(
        "link flush", "the links' new names are not flushed",
        f"{STORE}/Switch/LinkSwitch.swift", "      try root.sync()\n", "      return\n",
        model("activate")),
    Mutant(
        "catalog content flush", "a catalog file is not flushed before it gets its name",
        f"{STORE}/Catalog/Catalog.swift", "        try file.descriptor.sync()\n", "",
        model("pin", "activate")),
    Mutant(
        "file content flush", "another file is not flushed before it gets its name",
        f"{STORE}/Store/Store.swift", "    try file.sync()\n", "", model("freeze", "adopt")),
    Mutant(
        "catalog name flush", "no fsync of the catalog", f"{STORE}/Catalog/Catalog.swift",
        "{ () throws(SystemError) in try directory.sync() }",
        "{ () throws(SystemError) in _ = directory }", model("pin", "two switches")),
    Mutant(
        "manifest name flush", "no fsync of the manifests at a publication",
        f"{STORE}/Publish/NamedRelease.swift", "        try manifests.sync()\n", "",
        model("unpack")),
    Mutant(
        "release name flush", "no fsync of releases/ at a publication",
        f"{STORE}/Publish/NamedRelease.swift", "        try store.releases.sync()\n", "",
        model("unpack")),
    Mutant(
        "recovered publication flush", "recovery does not flush what it calls published",
        f"{STORE}/Publish/NamedRelease.swift", "      try releases.sync()\n", "",
        model("recover a publication")),
    Mutant(
        "sweeping flush", "half-written files that recovery removes come back", RECOVER,
        "        try directory.sync()\n", "", resumed("remove")),
    Mutant(
        "tree flush", "no syncfs of a new release", f"{STORE}/Publish/SettledTree.swift",
        "      try stage.directory.syncFileSystem()\n", "", model("unpack")),
    Mutant(
        "prepared tree flush", "no syncfs of what the prepare hook made",
        f"{STORE}/Prepare/Prepare.swift", "      try stage.directory.syncFileSystem()\n", "",
        model("unpack and prepare")),
    Mutant(
        "prepared manifest flush", "no fsync of the manifests after a preparation",
        f"{STORE}/Prepare/PreparationRecord.swift", "          try manifests.sync()\n", "",
        model("unpack and prepare")),
    Mutant(
        "removal flush", "no fsync of releases/ at a removal", f"{STORE}/Publish/Removal.swift",
        "      try store.releases.sync()\n", "", model("remove", "prune")),
    Mutant(
        "forgetting flush", "no fsync of catalog and manifests at a removal",
        f"{STORE}/Publish/Removal.swift", "        try parent.sync()\n", "",
        model("remove", "prune")),
    Mutant(
        "freeze flush", "no fsync of what freezes the store", f"{STORE}/Catalog/Freeze.swift",
        "      try control.sync()\n", "", model("freeze")),
    Mutant(
        "thaw flush", "no fsync of the freeze file's end", f"{STORE}/Catalog/Record.swift",
        "        try control.sync()\n", "", model("thaw")),
    Mutant(
        "adopted manifest flush", "no fsync of the manifests at an adoption",
        f"{STORE}/Adoption/Adopt.swift", "      try manifests.sync()\n", "", model("adopt")),
    Mutant(
        "control directories flush", "no fsync of .releases at init",
        f"{STORE}/Adoption/Initialize.swift",
        "      try control.sync()\n", "", model("init", "adopt")),
    Mutant(
        "store directories flush", "no fsync of the store at init",
        f"{STORE}/Adoption/Initialize.swift",
        "      try root.sync()\n", "", model("init", "adopt")),
    Mutant(
        "recovered journal flush", "recovery goes by an entry that may not be on the disk", RECOVER,
        "try flushJournal()", "_ = facts", resumed("activate", "pin")),
    Mutant(
        "recovered link flush", "links that are right already are not flushed by recovery",
        f"{STORE}/Switch/LinkSwitch.swift",
        "    if try linkTexts() != pair { try moveLinks(pair, environment) }\n",
        "    guard try linkTexts() != pair else { return }\n"
        "    try moveLinks(pair, environment)\n", resumed("activate")),
    Mutant(
        "recovered removal flush", "a removal that recovery finds done is not flushed",
        f"{STORE}/Publish/Removal.swift", "        moved = false\n", "        return false\n",
        resumed("remove")),
    Mutant(
        "recovered sweeping flush", "where there is nothing to sweep, nothing is flushed", RECOVER,
        "        try directory.sync()\n",
        "        if !left.isEmpty { try directory.sync() }\n", resumed("remove")),
    Mutant(
        "recovered control flush", "directories that another init made are not flushed",
        f"{STORE}/Adoption/Initialize.swift",
        "      let isNew = try root.makeDirectoryIfMissing(Layout.control)\n",
        "      let isNew = try root.makeDirectoryIfMissing(Layout.control)\n"
        "      if !isNew { return false }\n", resumed("init", "adopt")),
    Mutant(
        "failed flush", "a failed flush counts as any failure", "Sources/Linux/SystemError.swift",
        'call == "fsync" || call == "fdatasync" || call == "syncfs"', "false",
        fault("activate", "EIO") + fault("pin", "EIO")),
]

RENAMES = [
    Mutant(
        "no temporary link", "a link is removed and made anew",
        f"{STORE}/Switch/LinkSwitch.swift",
        "          try root.rename(temporary, to: change.name)\n",
        "          try root.unlinkIfPresent(change.name)\n"
        "          try root.rename(temporary, to: change.name)\n",
        kill("activate")),
    Mutant(
        "current first", "current gets its name before previous",
        f"{STORE}/Switch/LinkSwitch.swift",
        "      for change in changes {\n        if change.text == nil {",
        "      for change in changes.reversed() {\n        if change.text == nil {",
        kill("activate", "rollback") + model("activate")),
    Mutant(
        "no read back", "the links are not looked at after a switch",
        f"{STORE}/Switch/LinkSwitch.swift", "    guard try linkTexts() == pair else {",
        "    guard try linkTexts() != LinkPair(current: \"x\") else {",
        fault("activate", "LIE")),
    Mutant(
        "no catalog rename", "a catalog file is removed before the new one gets its name",
        f"{STORE}/Catalog/Catalog.swift",
        "try prepared.directory.rename(",
        "try prepared.directory.unlinkIfPresent(Layout.catalogFile(id))\n"
        "        try prepared.directory.rename(",
        kill("pin")),
]

LOCKS = [
    Mutant(
        "no lock on the journal", "the store's lock file is not locked",
        f"{STORE}/Journal/LockFile.swift",
        "        try file.lock(waitingUpTo: deadline - Clock.monotonicSeconds())\n      }\n"
        "      guard isOurs",
        "        true\n      }\n      guard isOurs", hardship("locked by others")),
    Mutant(
        "no lock on the trash", "the second lock is not taken",
        f"{STORE}/Journal/LockFile.swift",
        "      try directory.lock(waitingUpTo: min(seconds, patience))\n", "      true\n",
        hardship("lock replaced", "locked by others")),
    Mutant(
        "no stage lock", "a stage is not locked by its writer", f"{STORE}/Publish/Stage.swift",
        "guard try directory.tryLock(), let status", "guard let status",
        hardship("stage in use")),
    Mutant(
        "stage lock not asked", "recovery takes stages without asking for their lock",
        f"{STORE}/Publish/Stage.swift", "return try staging.openDirectory(name).tryLock()",
        "_ = try staging.openDirectory(name); return true",
        hardship("preparation in use")),
]

CHECKSUMS = [
    Mutant(
        "no seal", "the checksum of a line is not compared", f"{STORE}/Store/SealedLine.swift",
        "guard seal.elementsEqual(self.seal(of: body)) else { return nil }",
        "_ = seal", model("activate", "rollback", "remove the fallback", "pin")),
    Mutant(
        "oldest slot", "the lower sequence of the journal counts",
        f"{STORE}/Journal/Journal.swift", "$0.entry.sequence < entry.sequence",
        "$0.entry.sequence > entry.sequence", kill("activate")),
    Mutant(
        "same slot", "the journal is written where its last entry is",
        f"{STORE}/Journal/LockFile.swift", "let next = slot.map { 1 - $0 } ?? 0",
        "let next = slot ?? 0", model("activate", "pin")),
    Mutant(
        "torn history", "zeros before a newline pass for a line",
        f"{STORE}/Journal/History.swift", "while let torn = line, torn.contains(0) {",
        "while let torn = line, torn.isEmpty {", model("activate")),
]

REMOVED = (
    "      .setLinks(entry.after), .finishRemoval(id), "
    '.close(.finished, note: "removed \\(id)"),')


def without_step(name: str, what: str, old: str, new: str, *tasks: Task) -> Mutant:
    return Mutant(name, what, RECOVER, old, new, tasks)


RECOVERY = [
    Mutant(
        "unconfirmed goes on", "a switch that nobody confirmed is carried out", PLAN,
        "if entry.confirm == true && !facts.isConfirmed {", "if false {",
        kill("activate, not confirmed")),
    Mutant(
        "confirmed goes back", "a switch that was confirmed is taken back", PLAN,
        "if entry.confirm == true && !facts.isConfirmed {", "if entry.confirm == true {",
        kill("rollback, confirmed", "activate, confirmed")),
    Mutant(
        "half confirmed goes back", "only the first catalog file tells that it was confirmed",
        f"{STORE}/Catalog/Record.swift",
        "return release.state == .bad && release.reason == entry.reasonForLeaving", "return false",
        model("rollback, confirmed")),
    Mutant(
        "publication given up", "a release that has its name is dropped", PLAN,
        "    if facts.releaseExists {\n      return [.finishPublication(id)",
        "    if false {\n      return [.finishPublication(id)", kill("unpack")),
    Mutant(
        "always published", "a release without a name counts as published", PLAN,
        "    return [.dropPublication(id), .close(.undone, note: \"\\(id) was not published\")]",
        "    return [.close(.finished, note: \"published \\(id)\")]", kill("unpack")),
    Mutant(
        "removal not finished", "a removal that was begun is only closed", PLAN,
        REMOVED, REMOVED.replace(" .finishRemoval(id),", ""), kill("remove")),
    Mutant(
        "links not put right", "a removal leaves the links as it found them", PLAN,
        REMOVED, REMOVED.replace(" .setLinks(entry.after),", ""),
        kill("remove the fallback")),
    Mutant(
        "switch not recorded", "a switch is finished without its catalog", PLAN,
        "    return [.setLinks(entry.after), .record, .close(.finished, note: \"\\(id) is live\")]",
        "    return [.setLinks(entry.after), .close(.finished, note: \"\\(id) is live\")]",
        fault("rollback", "EROFS") + fault("rollback", "ENOSPC")),
    Mutant(
        "switch not finished", "a switch is closed without its links", PLAN,
        "    return [.setLinks(entry.after), .record, .close(.finished, note: \"\\(id) is live\")]",
        "    return [.record, .close(.finished, note: \"\\(id) is live\")]", kill("activate")),
    Mutant(
        "mark not recorded", "what was about to be said is only closed", PLAN,
        ".setLinks(entry.after), .record,\n      .close(.finished, note: \"\\(entry.operation",
        ".setLinks(entry.after),\n      .close(.finished, note: \"\\(entry.operation",
        kill("mark the fallback bad", "pin")),
    Mutant(
        "failure carried out", "what the caller is told has failed is done later", PLAN,
        "  if direction == .back { return putBack(entry) }\n  if entry.confirm",
        "  if entry.confirm", fault("rollback", "EROFS") + fault("activate", "ENOSPC")),
    Mutant(
        "history not made up for", "a transaction that the history lacks stays out of it", PLAN,
        "  if facts.historyLacks(entry) { steps.append(.appendHistory) }\n", "", kill("pin")),
    Mutant(
        "switch not made up for", "what a switch wrote to the catalog is not written again", PLAN,
        "facts.catalogLacksSwitch ? [.sweepControlFiles, .record] : []", "[]",
        model("activate", "rollback")),
    Mutant(
        "half-written switch stays", "the temporary files of a switch are not swept", PLAN,
        "facts.catalogLacksSwitch ? [.sweepControlFiles, .record] : []",
        "facts.catalogLacksSwitch ? [.record] : []", model("activate", "rollback")),
    Mutant(
        "half a rollback made up for", "only what a rollback led to tells whether it is written",
        f"{STORE}/Catalog/Record.swift", "      return release.state != .bad\n",
        "      return false\n", model("rollback")),
    Mutant(
        "drift not noted", "links moved by hand are passed over", PLAN,
        "    steps.append(.acceptDrift(from: entry.linksLeft, to: facts.links))\n", "",
        kill("recover drift")),
    Mutant(
        "torn line stays", "the torn end of a history stays", PLAN,
        "facts.historyIsTorn ? [.cutTornHistory] : []", "[]", model("pin")),
    Mutant(
        "half-written files stay", "temporary files are not swept", PLAN,
        "  if entry.phase == .intent { steps.append(.sweepControlFiles) }\n", "", kill("pin")),
    Mutant(
        "temporary links stay", "temporary links are not swept", PLAN,
        "  steps += facts.temporaryLinks.map { .removeTemporaryLink($0) }\n", "",
        kill("activate")),
    Mutant(
        "stages stay", "the stages of dead writers are not swept", PLAN,
        "  steps += facts.deadStages.map { .discardStage($0) }\n", "", kill("unpack")),
    Mutant(
        "preparations stay", "a preparation whose hook is dead goes on for ever", PLAN,
        "    + dead.map { .failPreparation($0, reason: RecoveryStep.interruptedPreparation) }\n",
        "",
        kill("unpack and prepare", "deploy")),
    Mutant(
        "full disk wedges recovery", "no room to end a preparation stops every command",
        f"{STORE}/Recovery/Recover.swift", "} catch let error where error.isWantOfRoom {",
        "} catch let error where error.isWantOfRoom && mayPrepare == false {",
        hardship("preparation fills the disk")),
    Mutant(
        "preparation unannounced", "the journal does not say that a release is being prepared",
        f"{STORE}/Publish/NamedRelease.swift", "    if !isReady { mayPrepare = true }\n", "",
        kill("unpack and prepare")),
    Mutant(
        "preparation again unannounced", "the journal does not say that one is prepared again",
        f"{STORE}/Prepare/PreparationRecord.swift", "    mayPrepare = true\n", "", kill("prepare")),
    without_step(
        "trash stays", "what was on its way out is not emptied",
        "    for name in names { discardLater(name.name) }\n", "", *kill("remove")),
    without_step(
        "bad fallback stays", "previous is left on a release that became bad",
        "    try leaveBadFallback()\n", "", *kill("rollback, confirmed")),
    without_step(
        "recovery forgets", "nothing is settled",
        "      try carryOut(steps, entry)\n", "",
        *kill("activate")),
]

MUTANTS = FLUSHES + RENAMES + LOCKS + CHECKSUMS + RECOVERY
