import Foundation
import TestSupport
import Testing

/// The files of `Integrations/`.
enum Integrations {
  static let folder = Repository.root.appending(path: "Integrations")
  static let templates = [
    "releases-recover@.service", "releases-prune@.service", "releases-prune@.timer",
    "releases-verify@.service", "releases-verify@.timer", "releases-metrics@.service",
    "releases-metrics@.timer",
  ]
  /// The units that version 0.1 installed.
  static let plain = templates.map { $0.replacing("@", with: "") }
  /// The examples of the application's own units.
  static let examples = [
    "diting.service", "diting.socket", "diting@.service", "diting-worker@.service",
    "diting-proxy.service", "diting-proxy.socket", "diting-start.service",
  ]
  static let units = templates + plain + examples

  static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appending(path: path), encoding: .utf8)
  }
}
