import ReleaseModel

extension RecoveryFacts {
  /// Returns the facts of a store in which nothing was left over, but for what is given.
  static func sample(
    links: LinkPair = LinkPair(), releaseExists: Bool = false, releaseIsCurrentTarget: Bool = false,
    releaseIsIntact: Bool = false, isConfirmed: Bool = false, temporaryLinks: [String] = [],
    abandonedStages: [String] = [], interruptedPreparations: [ReleaseID] = [],
    catalogLacksSwitch: Bool = false,
    lastHistorySequence: UInt64? = nil, historyIsTorn: Bool = false
  ) -> RecoveryFacts {
    var facts = RecoveryFacts(links: links)
    facts.releaseExists = releaseExists
    facts.releaseIsCurrentTarget = releaseIsCurrentTarget
    facts.releaseIsIntact = releaseIsIntact
    facts.isConfirmed = isConfirmed
    facts.temporaryLinks = temporaryLinks
    facts.abandonedStages = abandonedStages
    facts.interruptedPreparations = interruptedPreparations
    facts.catalogLacksSwitch = catalogLacksSwitch
    facts.lastHistorySequence = lastHistorySequence
    facts.historyIsTorn = historyIsTorn
    return facts
  }
}
