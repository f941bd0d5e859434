internal import ReleaseModel
internal import TerminalUI
internal import Text

/// An instance of the service in the output of `status`.
struct InstanceReport: Encodable, Sendable {
  /// A unit of the instance.
  struct Unit: Encodable, Sendable {
    let unit: String
    @OrNull var activeState: String?
    @OrNull var subState: String?

    init(_ state: InstanceOverview.Unit) {
      unit = state.name
      _activeState = OrNull(wrappedValue: state.activeState)
      _subState = OrNull(wrappedValue: state.subState)
    }
  }

  let release: String
  /// What it is for: `live`, `starting`, `draining` or `orphaned`.
  let role: String
  let units: [Unit]
  let socket: String
  /// Whether a process listens at the socket; null if this user can't find out.
  @OrNull var listening: Bool?

  init(_ instance: InstanceOverview.Instance) {
    release = instance.id.text
    role = instance.role.rawValue
    units = instance.units.map { Unit($0) }
    socket = instance.socket
    _listening = OrNull(wrappedValue: instance.isListening)
  }

  /// What it is for, its units with their states, and whether it listens. The units of the live one are
  /// shown as those of the service.
  var text: Message {
    let states = units.map { unit in
      let sub = unit.subState == unit.activeState ? nil : unit.subState.map { " (\($0))" }
      return "\(unit.unit) \(unit.activeState ?? "unknown")\(sub ?? "")"
    }
    let shown =
      role == InstanceOverview.Role.live.rawValue ? "" : states.joined(separator: ", ") + ", "
    let listens: Message =
      listening.map { $0 ? "listens at \(path: socket)" : "does not listen at \(path: socket)" }
      ?? "its socket is \(path: socket)"
    return "\(verbatim: release), \(verbatim: role): \(verbatim: shown)\(listens)"
  }

  var emphasis: Emphasis {
    switch role {
    case "live": listening == false ? .trouble : .good
    case "orphaned": .caution
    default: .none
    }
  }
}

/// The link that the front connects to, in the output of `status`.
struct LiveLinkReport: Encodable, Sendable {
  let path: String
  /// The release whose socket it points to; null for none.
  @OrNull var release: String?
  /// Whether it points to the socket of the live release, and that may listen; null if nothing is live.
  @OrNull var serves: Bool?

  private let link: InstanceOverview.Link

  private enum CodingKeys: CodingKey { case path, release, serves }

  /// - Parameters:
  ///   - overview: the instances.
  ///   - live: the live release.
  init(_ overview: InstanceOverview, live: ReleaseID?) {
    path = overview.layout.live
    link = overview.link
    _release = OrNull(wrappedValue: overview.link.release?.text)
    _serves = OrNull(wrappedValue: live.map { overview.serves($0) })
  }

  /// Where it points.
  var text: Message {
    switch link {
    case .release(let id): "\(path: path) points to \(id)"
    case .elsewhere(let text): "\(path: path) points to \(path: text)"
    case .missing, .noDirectory: "\(path: path) is missing"
    case .notALink: "\(path: path) is not a link"
    case .unreadable: "\(path: path) can't be read"
    }
  }

  var emphasis: Emphasis { serves == false ? .trouble : .none }
}
