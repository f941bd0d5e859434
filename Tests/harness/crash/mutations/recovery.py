"""Mutants that leave out rules of recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.crash.mutations.mutant import Mutant, condition, fault, kill, model

if TYPE_CHECKING:
    from harness.crash.tasks import Task

PLAN = "RecoveryPlan.swift"
RECOVER = "Recovery.swift"
REMOVED = '.pointLinks(entry.after), .finishRemoval(id), .complete(.finished, note: "removed'
SWITCHED = '.pointLinks(entry.after), .applyToCatalog, .complete(.finished, note: "\\(id) is live")'
ANNOTATED = ".pointLinks(entry.after), .applyToCatalog,\n      .complete("


def without_step(name: str, what: str, old: str, new: str, *tasks: Task) -> Mutant:
    """Return the mutant of a step of recovery."""
    return Mutant(name, what, RECOVER, old, new, tasks)


RECOVERY = [
    Mutant(
        "unconfirmed is finished",
        "an unconfirmed switch is finished",
        PLAN,
        "if entry.confirm == true && !facts.isConfirmed {",
        "if false {",
        kill("activate, not confirmed"),
    ),
    Mutant(
        "confirmed is undone",
        "a confirmed switch is undone",
        PLAN,
        "if entry.confirm == true && !facts.isConfirmed {",
        "if entry.confirm == true {",
        kill("rollback, confirmed", "activate, confirmed"),
    ),
    Mutant(
        "half confirmed is undone",
        "only the first catalog file says that a switch was confirmed",
        "JournaledEntries.swift",
        "return release.state == .bad && release.reason == entry.reasonForLeaving",
        "return false",
        model("rollback, confirmed"),
    ),
    Mutant(
        "publication discarded",
        "a release that has its name is discarded",
        PLAN,
        "  if facts.releaseExists {\n    return [.finishPublication(id)",
        "  if false {\n    return [.finishPublication(id)",
        kill("unpack"),
    ),
    Mutant(
        "always published",
        "a release without a name counts as published",
        PLAN,
        '  return [.dropPublication(id), .complete(.undone, note: "\\(id) was not published")]',
        '  return [.complete(.finished, note: "published \\(id)")]',
        kill("unpack"),
    ),
    Mutant(
        "removal not finished",
        "a removal that has begun is only closed",
        PLAN,
        REMOVED,
        REMOVED.replace(" .finishRemoval(id),", ""),
        kill("remove"),
    ),
    Mutant(
        "links not restored",
        "a removal leaves the links as they are",
        PLAN,
        REMOVED,
        REMOVED.replace(".pointLinks(entry.after),", ""),
        kill("remove the rollback target"),
    ),
    Mutant(
        "switch not recorded",
        "a switch is finished without its catalog",
        PLAN,
        SWITCHED,
        SWITCHED.replace(" .applyToCatalog,", ""),
        fault("rollback", "EROFS") + fault("rollback", "ENOSPC"),
    ),
    Mutant(
        "switch not finished",
        "a switch is closed without its links",
        PLAN,
        SWITCHED,
        SWITCHED.replace(".pointLinks(entry.after),", ""),
        kill("activate"),
    ),
    Mutant(
        "mark not recorded",
        "a mark that has begun is only closed",
        PLAN,
        ANNOTATED,
        ANNOTATED.replace(" .applyToCatalog,", ""),
        kill("mark the rollback target bad", "pin"),
    ),
    Mutant(
        "failure finished later",
        "what was reported as failed is done later",
        PLAN,
        "  if direction == .back { return stepsToUndo(entry) }\n  if entry.confirm",
        "  if entry.confirm",
        fault("rollback", "EROFS") + fault("activate", "ENOSPC"),
    ),
    Mutant(
        "history not completed",
        "a transaction that is missing in the history is not added",
        PLAN,
        "  if facts.historyLacks(entry) { steps.append(.appendHistory) }\n",
        "",
        kill("pin"),
    ),
    Mutant(
        "switch not recorded again",
        "the catalog entry of a switch is not written again",
        PLAN,
        "facts.catalogLacksSwitch ? [.sweepControlFiles, .applyToCatalog] : []",
        "[]",
        model("activate", "rollback"),
    ),
    Mutant(
        "half-written switch stays",
        "the temporary files of a switch are not removed",
        PLAN,
        "facts.catalogLacksSwitch ? [.sweepControlFiles, .applyToCatalog] : []",
        "facts.catalogLacksSwitch ? [.applyToCatalog] : []",
        model("activate", "rollback"),
    ),
    Mutant(
        "half a rollback recorded again",
        "only the target of a rollback says whether it was recorded",
        "JournaledEntries.swift",
        "      return release.state != .bad\n",
        "      return false\n",
        model("rollback"),
    ),
    Mutant(
        "drift not noted",
        "links that were moved by hand are not noted",
        PLAN,
        "    steps.append(.acceptDrift(from: entry.linksLeft, to: facts.links))\n",
        "",
        kill("recover two moved links"),
    ),
    Mutant(
        "torn line stays",
        "the torn last line of the history stays",
        PLAN,
        "facts.historyIsTorn ? [.cutTornHistory] : []",
        "[]",
        model("pin"),
    ),
    Mutant(
        "half-written files stay",
        "temporary files are not removed",
        PLAN,
        "{ steps.append(.sweepControlFiles) }",
        "{}",
        kill("pin"),
    ),
    Mutant(
        "temporary links stay",
        "temporary links are not removed",
        PLAN,
        "  steps += facts.temporaryLinks.map { .removeTemporaryLink($0) }\n",
        "",
        kill("activate"),
    ),
    Mutant(
        "stages stay",
        "the stages of dead writers are not removed",
        PLAN,
        "  steps += facts.abandonedStages.map { .discardStage($0) }\n",
        "",
        kill("unpack"),
    ),
    Mutant(
        "preparations stay",
        "a preparation whose hook is dead stays in preparation",
        PLAN,
        "    + interrupted.map { .failPreparation(",
        "    + [ReleaseID]().map { .failPreparation(",
        kill("unpack and prepare", "deploy"),
    ),
    Mutant(
        "full disk wedges recovery",
        "a full disk on which a preparation cannot end stops every command",
        "RecoveryExecution.swift",
        "} catch let error where error.isOutOfSpace {",
        "} catch let error where error.isOutOfSpace && transaction.mayPrepare == false {",
        condition("preparation fills the disk"),
    ),
    Mutant(
        "preparation unannounced",
        "the journal does not say that a release is being prepared",
        "Publication.swift",
        "    if !isReady { transaction.mayPrepare = true }\n",
        "",
        kill("unpack and prepare"),
    ),
    Mutant(
        "preparation again unannounced",
        "the journal does not say that one is prepared again",
        "Preparation.swift",
        "    transaction.mayPrepare = true\n",
        "",
        kill("prepare"),
    ),
    without_step(
        "trash stays",
        "the trash is not emptied",
        "    for item in try Trash(store: store).items() { transaction.removeLater(item) }\n",
        "",
        *kill("remove"),
    ),
    without_step(
        "bad rollback target stays",
        "previous is left on a release that became bad",
        "    try LinkCorrections.movePreviousOffBadRelease(in: &transaction)\n",
        "",
        *kill("return, not confirmed"),
    ),
    without_step(
        "recovery forgets",
        "recovery does nothing",
        "      try execute(steps, entry, &transaction)\n",
        "",
        *kill("activate"),
    ),
]
