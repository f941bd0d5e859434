/// The names on disk, relative to the store. Other people's scripts rely on them.
package enum Layout {
  package static let configuration = "releases.yaml"
  package static let current = "current"
  package static let previous = "previous"
  package static let releases = "releases"
  package static let shared = "shared"
  package static let control = ".releases"

  // Beneath `.releases`:
  package static let lock = "lock"
  package static let history = "history.jsonl"
  package static let catalog = "catalog"
  package static let manifests = "manifests"
  package static let logs = "logs"
  package static let staging = "staging"
  package static let trash = "trash"
  package static let freeze = "freeze.json"

  static let controlDirectories = [catalog, manifests, logs, staging, trash]

  /// The layout version this binary writes, and the newest it understands.
  package static let format = 1

  static func catalogFile(_ id: ReleaseID) -> String { "\(id).json" }
  static func manifestFile(_ id: ReleaseID) -> String { "\(id).mtree" }

  /// What a link to a release says.
  static func linkText(_ id: ReleaseID) -> String { "\(releases)/\(id)" }

  /// A name for a link, or a file, that is about to be renamed over `name`.
  static func temporaryName(for name: String, _ suffix: String) -> String { ".\(name).\(suffix)" }

  /// Whether `name` is a temporary name of ours for one of `finals`.
  static func isTemporary(_ name: String, for finals: [String]) -> Bool {
    finals.contains { final in
      guard name.hasPrefix(".\(final).") else { return false }
      let suffix = name.dropFirst(final.utf8.count + 2)
      return suffix.utf8.count == 8 && suffix.allSatisfy(\.isHexDigit)
    }
  }
}
