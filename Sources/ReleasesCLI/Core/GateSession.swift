internal import ReleaseModel
internal import ReleaseStore
internal import Synchronization

/// The limits of a session that the gate has started. They are passed in environment variables, which
/// grant nothing: a user who sets them restricts only the own command.
struct GateSession: Sendable {
  private static let sessionsVariable = "RELEASES_MAX_SESSIONS"
  private static let uploadVariable = "RELEASES_MAX_UPLOAD"
  private static let rolesVariable = "RELEASES_ROLES"
  private static let allowedVariable = "RELEASES_ALLOW"

  /// The name of the key; nil if it has none.
  let key: String?
  /// How many sessions the key may have at the same time.
  let maximum: Int
  /// How long an archive may take to arrive, in seconds.
  let uploadTime: Int64
  /// The roles with which the key runs the command.
  var roles: Set<Role> = []
  /// The commands and roles that the key may use, for hints.
  var allowed: [String] = []

  init(key: String?, maximum: Int, uploadTime: Int64) {
    self.key = key
    self.maximum = maximum
    self.uploadTime = uploadTime
  }

  /// Reads the limits of this process; nil if the gate has not started it.
  init?(variables: [String: String]) {
    guard let roles = variables[Self.rolesVariable] else { return nil }
    self.init(
      key: variables[Context.keyVariable],
      maximum: variables[Self.sessionsVariable].flatMap { Int($0) } ?? 1,
      uploadTime: variables[Self.uploadVariable].flatMap { Int64($0) } ?? 0)
    self.roles = Set(roles.split(separator: ",").compactMap { Role(rawValue: String($0)) })
    allowed = variables[Self.allowedVariable].map { [$0] } ?? []
  }

  /// The environment variables that pass the limits on.
  var variables: [String: String] {
    var variables = [
      Self.sessionsVariable: "\(maximum)", Self.uploadVariable: "\(uploadTime)",
      Self.rolesVariable: roles.map(\.rawValue).sorted().joined(separator: ","),
      Self.allowedVariable: allowed.joined(separator: ","),
    ]
    variables[Context.keyVariable] = key
    return variables
  }

  /// Whether the key may override what an operator has decided.
  var mayOverride: Bool { roles.contains(.operator) }

  /// The place of this process among the sessions of its key, held until the process ends.
  private static let place = Mutex<SessionPlace?>(nil)

  /// Takes a place among the sessions of the key, which the process keeps until it ends.
  ///
  /// - Throws: `locked` when all places are taken.
  func begin(in store: Store) throws(ReleasesError) {
    let place = try store.sessions.takePlace(of: key ?? "key", among: maximum)
    Self.place.withLock { $0 = place }
  }
}
