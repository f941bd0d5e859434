package import Linux
package import ReleaseModel
internal import StoreSupport
package import Text

/// What keeps this user from connecting to a Unix socket that exists: the permissions of the socket, or
/// those of a directory above it. It is a setting of the host, and not the fault of a release.
package struct SocketDenial: Equatable, Sendable {
  /// How many links are followed at most.
  private static let longestChain = 16

  /// Where systemd makes the run-time directories of services with DynamicUser=yes, closed to all users.
  private static let dynamicUsers = "/run/private"

  /// The socket, as it was named.
  package let socket: String
  /// The socket or directory whose permissions deny the connection.
  package let place: String
  /// Whether a directory denies the connection; otherwise, the socket itself does.
  package let isDirectory: Bool
  let owner: UserID
  let group: GroupID
  let permissions: FileMode

  package init(
    socket: String, place: String, isDirectory: Bool, owner: UserID, group: GroupID,
    permissions: FileMode
  ) {
    (self.socket, self.place, self.isDirectory) = (socket, place, isDirectory)
    (self.owner, self.group, self.permissions) = (owner, group, permissions)
  }

  /// Connects to a socket once, and returns nil unless that is denied.
  ///
  /// - Parameter socket: the absolute path of the socket.
  package init?(of socket: String) {
    guard LocalSocket.isDenied(socket), let place = Self.closed(on: socket, Self.longestChain),
      let status = try? Linux.status(ofPath: place)
    else { return nil }
    self.init(
      socket: socket, place: place, isDirectory: status.kind == .directory, owner: status.owner,
      group: status.group, permissions: status.permissions)
  }

  /// Returns the first directory on a path that this user may not enter, or else the end of the path; nil
  /// if something is missing.
  private static func closed(on path: String, _ linksLeft: Int) -> String? {
    guard linksLeft > 0, let root = try? Descriptor.openDirectory("/") else { return nil }
    var directory = "/"
    let names = path.nameComponents
    for (index, name) in names.enumerated() {
      // Links have been followed, so `..` is the parent that the text of the path names.
      if name == ".." { directory = directory.parentDirectory }
      if name == "." || name == ".." { continue }
      let next = directory == "/" ? "/\(name)" : "\(directory)/\(name)"
      do throws(SystemError) {
        guard let status = try root.statusIfPresent(of: next) else { return nil }
        if status.kind == .symbolicLink {
          let text = try root.readLink(next)
          let target = text.isAbsolutePath ? text : "\(directory)/\(text)"
          let rest = names[(index + 1)...].map { "/\($0)" }.joined()
          return closed(on: target + rest, linksLeft - 1)
        }
      } catch {
        return error.errno == .accessDenied ? directory : nil
      }
      directory = next
    }
    return directory
  }

  /// What is denied, without the reason.
  package var message: Message {
    "\(userName(ProcessFacts.effectiveUser)) may not connect to \(path: socket)"
  }

  /// What is denied, and what denies it.
  var problem: Message { "\(message): \(reason)" }

  /// What denies it.
  package var reason: Message {
    let mode = String(permissions, radix: 8)
    let digits = String(repeating: "0", count: max(4 - mode.count, 0)) + mode
    let what: Message = isDirectory ? "the directory \(path: place)" : "the socket \(path: place)"
    return "\(what) belongs to \(userName(owner)):\(groupName(group)) and has mode \(digits)"
  }

  /// Returns what the operator can do, if a unit makes the socket.
  ///
  /// - Parameter unit: the name of the unit, or of the template, such as `app@.service`.
  /// - Returns: the hint.
  package func hint(unit: String) -> Hint {
    if place == Self.dynamicUsers {
      return Hint(
        "this is not the fault of the release; with DynamicUser=yes, let a socket unit make the socket",
        shell: "\(Hint.asRoot)systemctl edit \(unit.shellQuoted)")
    }
    let me = userName(ProcessFacts.effectiveUser)
    let setting =
      isDirectory
      ? "RuntimeDirectoryMode=0755, or make \(me) a member of its group and set mode 0750"
      : "UMask=0000, or make \(me) a member of its group and set UMask=0007"
    return Hint(
      "this is not the fault of the release; set \(setting)",
      shell: "\(Hint.asRoot)systemctl edit \(unit.shellQuoted)")
  }

  /// The error for a release whose health can't be checked.
  ///
  /// - Parameter unit: the name of the unit, or of the template, such as `app@.service`.
  /// - Returns: the error.
  package func error(unit: String) -> ReleasesError {
    ReleasesError(.permission, message, hint: hint(unit: unit), cause: reason)
  }
}
