internal import Text

/// Where the instances of the service are: the units that run one release, the socket of each
/// instance, and the link that the front connects to. The journal records it, so that recovery does not
/// depend on a configuration that may have changed since; see releases.yaml(5), SERVICE.
package struct InstanceLayout: Codable, Equatable, Sendable {
  /// The systemd that runs the units.
  package enum Manager: String, Codable, CaseIterable, Sendable {
    /// The one of the host.
    case system
    /// The one of the store's owner; see `systemctl --user`.
    case user
  }

  /// What stands for the release ID in ``socket``.
  package static let placeholder = "{id}"
  /// What a template unit ends with; see systemd.unit(5).
  package static let templateMark = "@"

  /// The template units, such as `diting@`; one or more. The first one listens at the socket, and the
  /// others are started and stopped with it.
  package var templates: [String]
  /// The units that are restarted after each switch, such as a worker that runs in `current`.
  package var restarted: [String]
  /// The absolute path of an instance's socket, with ``placeholder``.
  package let socket: String
  /// The absolute path of the link that points to the socket of the live release.
  package let live: String
  package let manager: Manager

  package init(
    templates: [String], restarted: [String] = [], socket: String, live: String,
    manager: Manager = .system
  ) {
    self.templates = templates
    self.restarted = restarted
    self.socket = socket
    self.live = live
    self.manager = manager
  }

  /// Whether the instances of another layout have the same units and sockets.
  package func hasSameInstances(as other: InstanceLayout) -> Bool {
    templates == other.templates && socket == other.socket && manager == other.manager
  }

  /// Returns the layout with only the units that another one does not have; nil if it has them all.
  package func without(_ other: InstanceLayout) -> InstanceLayout? {
    guard manager == other.manager else { return self }
    var rest = self
    rest.templates.removeAll { other.templates.contains($0) }
    return rest.templates.isEmpty ? nil : rest
  }

  /// Returns the units of a release's instance.
  package func units(of id: ReleaseID) -> [String] { templates.map { "\($0)\(id).service" } }

  /// The unit that may start the live instance at boot: the name of the first template with `-start` in
  /// place of ``templateMark``; nil if there is no template.
  package var startUnit: String? {
    templates.first.map { "\($0.dropLast(Self.templateMark.count))-start.service" }
  }

  /// Returns the path of the socket at which a release's instance listens.
  package func socket(of id: ReleaseID) -> String {
    socket.replacing(Self.placeholder, with: id.text)
  }

  /// Returns the release whose instance listens at a path; nil when there is none.
  package func release(ofSocket path: String) -> ReleaseID? {
    let parts = socket.split(separator: Self.placeholder, omittingEmptySubsequences: false)
    guard parts.count == 2, path.hasPrefix(parts[0]), path.hasSuffix(parts[1]),
      path.utf8.count > parts[0].utf8.count + parts[1].utf8.count
    else { return nil }
    return ReleaseID(
      String(path.dropFirst(parts[0].count).dropLast(parts[1].count)))
  }

  /// Returns the release whose instance a unit belongs to; nil for any other unit.
  ///
  /// - Parameter unit: the name of the unit, with `.service`.
  /// - Returns: the release.
  package func release(ofUnit unit: String) -> ReleaseID? {
    for template in templates where unit.hasPrefix(template) && unit.hasSuffix(".service") {
      return ReleaseID(String(unit.dropFirst(template.count).dropLast(".service".count)))
    }
    return nil
  }

  /// The text of the link that points to a release's socket: only the name if the socket is in the
  /// same directory, so that the link is also right where that directory is mounted elsewhere.
  package func linkText(to id: ReleaseID) -> String { linkText(toPath: socket(of: id)) }

  /// The text of the link that points to a path, which may be another link.
  package func linkText(toPath path: String) -> String {
    guard path.hasPrefix(directory), !path.dropFirst(directory.count).contains("/") else {
      return path
    }
    return String(path.dropFirst(directory.count))
  }

  /// The directory that the sockets of all releases are below.
  package var fixedDirectory: String {
    let fixed = socket.prefix(while: { $0 != "{" })
    let directory = fixed[..<(fixed.lastIndex(of: "/") ?? fixed.startIndex)]
    return directory.isEmpty ? "/" : String(directory)
  }

  /// Returns the release whose socket a link points to; nil for none.
  ///
  /// - Parameter text: the text of the link.
  /// - Returns: the release.
  package func release(ofLinkText text: String) -> ReleaseID? {
    release(ofSocket: text.isAbsolutePath ? text : directory + text)
  }

  /// The directory of the link, with a slash at the end.
  private var directory: Substring {
    live[...(live.lastIndex(of: "/") ?? live.startIndex)]
  }
}

/// What a switch between instances records in the journal.
package struct InstanceSwitch: Codable, Equatable, Sendable {
  package let layout: InstanceLayout
  /// Whether the instance of the release that is live runs when the switch begins, so that undoing the
  /// switch must leave it running.
  package let liveRuns: Bool
  /// The releases whose other instances run, first the one that the front connects to if that is not the
  /// live release. They stop with the switch.
  package let others: [ReleaseID]
  /// Whether the old instance serves until the new one is live. Otherwise the new one is rehearsed
  /// first, and the old one is stopped before the new one starts.
  package let overlap: Bool
  /// The template unit that is rehearsed; nil for the first one of the layout.
  package let rehearsal: String?

  package init(
    layout: InstanceLayout, liveRuns: Bool, others: [ReleaseID] = [], overlap: Bool,
    rehearsal: String? = nil
  ) {
    self.layout = layout
    self.liveRuns = liveRuns
    self.others = others
    self.overlap = overlap
    self.rehearsal = rehearsal
  }

  /// Returns the unit that rehearses a release; nil when the old instance serves meanwhile and nothing
  /// is rehearsed.
  package func rehearsalUnit(of id: ReleaseID) -> String? {
    overlap ? nil : (rehearsal ?? layout.templates.first).map { "\($0)\(id).service" }
  }
}
