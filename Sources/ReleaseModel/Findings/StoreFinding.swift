package import Text

/// A finding is one thing about a store that a person should know: a problem that needs attention,
/// or something that is under way.
package struct StoreFinding: Sendable {
  /// The kind of a finding. Scripts rely on the raw values.
  package enum Code: String, Sendable, CaseIterable {
    // The journal and the links.
    case interrupted, journalLost, journalUnreadable, currentBroken, previousBroken, linkMoved
    // The live release.
    case nothingLive, liveBad, liveNotReady, liveNotCataloged, liveNotWhole
    // The rollback target.
    case rollbackNotWhole, rollbackUnknown
    // The releases.
    case releaseMissing, releaseUnsafe, catalogCorrupt, notCataloged, preparationInterrupted
    // What the configuration names.
    case sharedMissing, sharedDangling, sharedWrongKind, sharedUnsafe, configurationInvalid,
      programUnusable, minFreeUnreachable, configurationIgnored
    // The file system.
    case readOnly, noSpace
    // Parts of the store that belong to another user than the store.
    case wrongOwner
    // What was left behind.
    case trashStuck, trashLeft, stageLeft
    // What is under way.
    case unconfirmed, unpacking, preparing, removing, restarting
    // The instances of the service.
    case instanceNotServing, instanceOrphaned, instanceOutdated
    // The last restart of the service, until a later one is confirmed.
    case serviceUnconfirmed
    // What runs, which only `status` looks at.
    case serviceMismatch, unhealthy, healthNotAsked

    /// Whether it is about the live release itself, whatever the next command is.
    package var isAboutLiveRelease: Bool {
      [.nothingLive, .liveBad, .liveNotReady, .liveNotCataloged, .liveNotWhole].contains(self)
    }

    /// Whether only a look at the service can find it.
    package var isAboutService: Bool {
      [.serviceMismatch, .unhealthy, .healthNotAsked].contains(self)
    }
  }

  /// How serious a finding is.
  package enum Level: String, Sendable, CaseIterable {
    /// Something is under way, or could not be found out.
    case note
    /// The next command that changes the store takes care of it, or no command is affected.
    case warning
    /// A person should act. `status` then exits with 7.
    case problem
  }

  package let code: Code
  package let level: Level
  /// The release that it is about; nil for none.
  package let id: ReleaseID?
  /// One sentence, lower case, without a final period.
  package let message: Message
  package let hint: Hint?
  /// The code of the error that the affected command would return; nil when no command would fail.
  package let refusal: ReleasesError.Code?

  /// Makes a problem that is not about one release.
  package init(
    _ code: Code, _ message: Message, hint: Hint?, refusal: ReleasesError.Code? = nil
  ) {
    self.init(code, .problem, nil, message, hint: hint, refusal: refusal)
  }

  package init(
    _ code: Code, _ level: Level, _ id: ReleaseID?, _ message: Message,
    hint: Hint?, refusal: ReleasesError.Code? = nil
  ) {
    self.code = code
    self.level = level
    self.id = id
    self.message = message
    self.hint = hint
    self.refusal = refusal
  }

  /// The message and the hint.
  package var notice: Notice { Notice(message, hint: hint) }
}
