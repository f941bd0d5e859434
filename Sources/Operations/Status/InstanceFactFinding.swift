internal import Configuration
internal import HostPrograms
internal import Linux
package import ReleaseModel
package import ReleaseStore
internal import StoreSupport
internal import Text

extension InstanceOverview {
  /// Looks at the instances of a store. Takes no lock, changes nothing and makes no connection, except to
  /// a socket that the owner of the store can't see in `/proc`. Nil if the service has no instances, or a
  /// transaction began in the meantime.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  package init?(in store: Store, _ environment: Environment) {
    guard let configured = (try? store.configuration())?.instances,
      let journal = try? JournalFacts(store, environment.actor),
      let current = try? store.links.link(Layout.current).release
    else { return nil }
    self.init(configured, current: current, journal, in: store, environment)
  }

  /// Looks at the instances of a store whose facts were just read. Nil if a transaction began in the
  /// meantime, so that the facts are of different times.
  ///
  /// - Parameters:
  ///   - configured: where the instances and the rehearsals are.
  ///   - current: the release that `current` points to.
  ///   - journal: the last entry of the journal.
  ///   - store: the store.
  ///   - environment: what is taken from outside the store.
  init?(
    _ configured: Configuration.Instances, current: ReleaseID?, _ journal: JournalFacts,
    in store: Store, _ environment: Environment
  ) {
    let isForOwner = (try? store.ownership())?.isOfThisUser ?? false
    let places = InstancePlaces(
      configured.layout, current: current, journal, in: store, environment)
    // Another user's systemd knows nothing of these instances.
    func units(_ layout: InstanceLayout) -> InstanceUnits? {
      layout.manager == .system || isForOwner
        ? InstanceUnits(layout, environment.caller.asking(layout.manager)) : nil
    }
    let found = units(configured.layout)
    let drains =
      journal.entry?.livingDrains(bootID: environment.actor.bootID)?.drains.map(\.id) ?? []
    let roles = Role.all(
      current: current, running: found?.running?.union(places.earlier.keys),
      draining: Set(drains), journal)
    let instances = roles.map { id, role in
      let layout = places.layout(of: id)
      return Instance(
        id, role,
        units: Self.units(of: id, layout, layout == configured.layout ? found : units(layout)),
        socket: layout.socket(of: id),
        isListening: Self.isListening(layout.socket(of: id), isForOwner: isForOwner))
    }
    let rehearsals = Self.leftRehearsals(configured.rehearsalLayout, journal, units)
    let now = try? JournalFacts(store, environment.actor)
    guard now?.entry?.sequence == journal.entry?.sequence,
      (try? store.links.link(Layout.current))?.release == current
    else { return nil }
    self.init(
      layout: places.live, isOutdated: places.live != configured.layout,
      link: LiveLink(places.live).state,
      instances: (instances + rehearsals)
        .sorted { ($0.role.order, $0.id.text) < ($1.role.order, $1.id.text) },
      isKnown: found?.units != nil)
  }

  /// The rehearsals that run although no switch does.
  private static func leftRehearsals(
    _ layout: InstanceLayout?, _ journal: JournalFacts,
    _ units: (InstanceLayout) -> InstanceUnits?
  ) -> [Instance] {
    if case .entry(let entry, _) = journal, entry.phase == .intent { return [] }
    guard let layout, let found = units(layout) else { return [] }
    return (found.running ?? []).map { id in
      Instance(
        id, .orphaned, units: Self.units(of: id, layout, found), socket: layout.socket(of: id),
        isListening: nil, isRehearsal: true)
    }
  }

  private static func units(
    of id: ReleaseID, _ layout: InstanceLayout, _ found: InstanceUnits?
  ) -> [Unit] {
    layout.units(of: id).map { name in
      guard let units = found?.units else { return Unit(name, activeState: nil, subState: nil) }
      let unit = units.first { $0.name == name }
      // systemd forgets a unit that does not run and has not failed.
      return Unit(
        name, activeState: unit?.activeState ?? "inactive", subState: unit?.subState ?? "dead")
    }
  }

  /// Whether a process listens at a socket. A connection is made only where the kernel shows none, as
  /// for a service in another network namespace, and only as the owner of the store: any other user
  /// would connect with rights that the owner may lack.
  static func isListening(_ socket: String, isForOwner: Bool) -> Bool? {
    if let listeners = try? ListeningSockets.unix(socket), !listeners.isEmpty { return true }
    if !isForOwner || LocalSocket.isDenied(socket) { return nil }
    return LocalSocket.accepts(socket)
  }
}

extension InstanceOverview.Role {
  /// The place among the roles in a list.
  fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
