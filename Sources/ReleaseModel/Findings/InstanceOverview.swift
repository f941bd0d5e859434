package import Text

/// The instances of the service at one moment, and where the link `live` points.
package struct InstanceOverview: Equatable, Sendable {
  /// What an instance is for.
  package enum Role: String, CaseIterable, Sendable {
    /// It is that of the live release.
    case live
    /// A switch that runs has started it, and waits until it is healthy. It is not live.
    case starting
    /// It gets no new connections, and is stopped when those that it has have ended.
    case draining
    /// It runs, and no process will stop it.
    case orphaned
  }

  /// A unit of an instance.
  package struct Unit: Equatable, Sendable {
    package let name: String
    /// The active state, such as "active"; nil if it is unknown. See systemctl(1).
    package let activeState: String?
    /// The substate, such as "running"; nil if it is unknown.
    package let subState: String?

    package init(_ name: String, activeState: String?, subState: String?) {
      self.name = name
      self.activeState = activeState
      self.subState = subState
    }
  }

  /// One instance.
  package struct Instance: Equatable, Sendable {
    package let id: ReleaseID
    package let role: Role
    package let units: [Unit]
    package let socket: String
    /// Whether a process listens at the socket; nil if this user can't find out.
    package let isListening: Bool?
    /// Whether it has the unit for rehearsals.
    package let isRehearsal: Bool

    package init(
      _ id: ReleaseID, _ role: Role, units: [Unit], socket: String, isListening: Bool?,
      isRehearsal: Bool = false
    ) {
      self.isRehearsal = isRehearsal
      self.id = id
      self.role = role
      self.units = units
      self.socket = socket
      self.isListening = isListening
    }
  }

  /// What has the path of the link `live`.
  package enum Link: Equatable, Sendable {
    /// A link to the socket of a release.
    case release(ReleaseID)
    /// A link to something else, with its text.
    case elsewhere(String)
    case missing
    /// Not even the directory of the link exists.
    case noDirectory
    /// Something that is not a link.
    case notALink(isDirectory: Bool)
    /// It can't be read; the text says why.
    case unreadable(Message)

    /// The command that removes something that is not a link, and asks first.
    ///
    /// - Parameter isDirectory: whether it is a directory.
    /// - Returns: the command, without its operand.
    package static func removal(isDirectory: Bool) -> String { isDirectory ? "rm -ri" : "rm -i" }

    /// The release whose socket it points to; nil for none.
    package var release: ReleaseID? {
      if case .release(let id) = self { id } else { nil }
    }
  }

  /// Where the instance of the live release runs.
  package let layout: InstanceLayout
  /// Whether that instance was started with an earlier configuration, and has another unit or socket than
  /// the configuration says now.
  package let isOutdated: Bool
  package let link: Link
  /// The instances: the live one, even if it does not run, and then those that start, drain or are
  /// orphaned.
  package let instances: [Instance]
  /// Whether systemd could be asked which instances run.
  package let isKnown: Bool

  package init(
    layout: InstanceLayout, isOutdated: Bool = false, link: Link, instances: [Instance],
    isKnown: Bool = true
  ) {
    self.layout = layout
    self.isOutdated = isOutdated
    self.link = link
    self.instances = instances
    self.isKnown = isKnown
  }

  /// Returns what the instance of a release is for; nil if it has none.
  package func role(of id: ReleaseID) -> Role? { instances.first { $0.id == id }?.role }

  /// How many instances have a role.
  package func count(of role: Role) -> Int { instances.filter { $0.role == role }.count }

  /// Whether the link points to the socket of a release, and a process may listen there.
  ///
  /// - Parameter live: the live release.
  /// - Returns: whether connections reach its instance, as far as this user can find out.
  package func serves(_ live: ReleaseID) -> Bool {
    link == .release(live) && instances.first { $0.id == live }?.isListening != false
  }
}

extension InstanceOverview.Role {
  /// Decides what the instances of releases are for.
  ///
  /// - Parameters:
  ///   - current: the release that `current` points to; nil for none.
  ///   - running: the releases whose instances systemd runs; nil if that is unknown.
  ///   - draining: the releases that drain, and whose processes wait to stop them.
  ///   - journal: the last entry of the journal.
  /// - Returns: the role of each release that has an instance, or should have one.
  package static func all(
    current: ReleaseID?, running: Set<ReleaseID>?, draining: Set<ReleaseID>,
    _ journal: JournalFacts
  ) -> [ReleaseID: InstanceOverview.Role] {
    var roles: [ReleaseID: InstanceOverview.Role] = [:]
    for id in running ?? [] { roles[id] = .orphaned }
    for id in draining where running?.contains(id) ?? true { roles[id] = .draining }
    if case .entry(let entry, isWriterAlive: true) = journal, entry.phase == .intent,
      let instances = entry.instances
    {
      // The old instance drains as soon as the links have been moved.
      if instances.liveRuns, instances.overlap, let from = entry.from { roles[from] = .draining }
      if let id = entry.id { roles[id] = .starting }
    }
    if let current { roles[current] = .live }
    return roles
  }
}
