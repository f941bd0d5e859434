import Foundation
import TestSupport
import Testing

/// Users without an entry in `/etc/passwd`, as whom tests own files and run commands.
enum ForeignUser {
  static let owner = 4404
  static let other = 4405
  static let comment: Comment = "only root can act as several users"

  /// Makes the launcher that runs a command as a user without supplementary groups; empty for root.
  static func launcher(_ user: Int) -> [String] {
    if user == 0 { return [] }
    return ["setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups", "--"]
  }
}

extension TestStore {
  /// Gives a path of the store, and everything beneath it, to a user.
  func give(_ name: String, to user: Int) throws {
    try Program.expect(["chown", "-R", "\(user):\(user)", "\(path)/\(name)"])
  }

  /// Makes an empty file beside the store that every user may append to.
  func writableLog(_ name: String) throws -> String {
    let log = "\(directory)/\(name)"
    try Program.shell(": > '\(log)'; chmod 666 '\(log)'")
    return log
  }
}
