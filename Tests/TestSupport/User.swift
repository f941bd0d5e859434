import Foundation

/// The user who runs the tests.
package enum User {
  /// Whether the tests run as root.
  package static let isRoot = geteuid() == 0

  /// A launcher that runs a command as nobody.
  package static let asNobody = [
    "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--",
  ]
}
