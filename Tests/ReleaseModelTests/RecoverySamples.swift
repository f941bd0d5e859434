import ReleaseModel

extension RecoveryFacts {
  /// Returns the facts of a store in which nothing was left over, but for what is given.
  static func sample(
    links: LinkPair = LinkPair(), releaseExists: Bool = false, releaseIsHeld: Bool = false,
    releaseIsWhole: Bool = false, isConfirmed: Bool = false, temporaryLinks: [String] = [],
    deadStages: [String] = [], deadPreparations: [ReleaseID] = [], catalogLacksSwitch: Bool = false,
    lastHistorySequence: UInt64? = nil, historyIsTorn: Bool = false
  ) -> RecoveryFacts {
    var facts = RecoveryFacts(links: links)
    facts.releaseExists = releaseExists
    facts.releaseIsHeld = releaseIsHeld
    facts.releaseIsWhole = releaseIsWhole
    facts.isConfirmed = isConfirmed
    facts.temporaryLinks = temporaryLinks
    facts.deadStages = deadStages
    facts.deadPreparations = deadPreparations
    facts.catalogLacksSwitch = catalogLacksSwitch
    facts.lastHistorySequence = lastHistorySequence
    facts.historyIsTorn = historyIsTorn
    return facts
  }
}
