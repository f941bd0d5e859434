internal import Linux
internal import ReleaseModel
internal import ReleaseStore

/// Where the instances of releases are: the configuration may have changed since some were started.
struct InstancePlaces {
  /// Where that of the live release runs.
  let live: InstanceLayout
  /// Where instances run that were started with an earlier configuration.
  private(set) var earlier: [ReleaseID: InstanceLayout] = [:]
  private var all: [ReleaseID: InstanceLayout] = [:]
  private let configured: InstanceLayout

  /// Finds them.
  ///
  /// - Parameters:
  ///   - configured: where the configuration says that instances are.
  ///   - current: the release that `current` points to; nil for none.
  ///   - journal: the last entry of the journal.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  init(
    _ configured: InstanceLayout, current: ReleaseID?, _ journal: JournalFacts, in store: Store,
    _ environment: Environment
  ) {
    self.configured = configured
    live = store.runningLayout(of: current, configured, environment)
    if let found = EarlierInstances(unlike: configured, in: store, environment) {
      for layout in found.layouts {
        for id in found.running(at: layout) where earlier[id] == nil { earlier[id] = layout }
      }
    }
    all = earlier
    if let draining = journal.entry?.livingDrains(bootID: environment.actor.bootID) {
      for drain in draining.drains { all[drain.id] = draining.layout }
    }
    // A switch starts the new instance where its intent says.
    if let entry = journal.entry, let id = entry.id {
      all[id] = entry.openInstanceSwitch?.layout ?? all[id]
    }
    if let current { all[current] = live }
  }

  /// Returns where the instance of a release is, or would be.
  func layout(of id: ReleaseID) -> InstanceLayout { all[id] ?? configured }
}
