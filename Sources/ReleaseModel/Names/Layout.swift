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
  package static let abort = "abort.json"

  package static let controlDirectories = [catalog, manifests, logs, staging, trash]
  /// Those that nobody but the owner has any business in.
  package static let closedDirectories = [staging, trash]

  /// The layout version this binary writes, and the newest it understands.
  package static let format = 1

  package static func catalogFile(_ id: ReleaseID) -> String { "\(id).json" }
  package static func manifestFile(_ id: ReleaseID) -> String { "\(id).mtree" }

  /// What a link to a release says.
  package static func linkText(_ id: ReleaseID) -> String { "\(releases)/\(id)" }

  /// The temporary name in `releases/` under which the tree of a stage is made (its top). No
  /// release can have that name.
  package static func temporaryTree(ofStage stage: String) -> String { treePrefix + stage }

  /// Returns the stage whose tree was made under a name; nil for any other name.
  package static func stage(ofTemporaryTree name: String) -> String? {
    guard name.hasPrefix(treePrefix) else { return nil }
    let stage = name.dropFirst(treePrefix.count)
    // A boot ID and the digits that make the name unique: 8-4-4-4-12-8.
    let parts = stage.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [8, 4, 4, 4, 12, 8],
      parts.allSatisfy({ $0.allSatisfy(isHexadecimal) })
    else { return nil }
    return String(stage)
  }

  private static let treePrefix = ".tree."

  /// Whether a file can have that name, see path_resolution(7).
  package static func isName(_ text: String) -> Bool {
    let bytes = text.utf8
    return (1...255).contains(bytes.count) && !bytes.contains(UInt8(ascii: "/"))
      && !bytes.contains(0) && text != "." && text != ".."
  }

  /// A name for a link, or a file, that is about to be renamed over `name`.
  package static func temporaryName(for name: String, _ suffix: String) -> String {
    ".\(name).\(suffix)"
  }

  /// What ``temporaryName(for:_:)`` made `name` from; nil for any other name.
  package static func finalName(ofTemporary name: String) -> String? {
    let bytes = name.utf8
    let ending = bytes.suffix(9)
    guard bytes.count > 10, bytes.first == UInt8(ascii: "."), ending.first == UInt8(ascii: "."),
      ending.dropFirst().allSatisfy(isHexadecimal)
    else { return nil }
    return String(bytes.dropFirst().dropLast(9))
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// Whether `name` is a temporary name of ours for one of `finals`.
  package static func isTemporary(_ name: String, for finals: [String]) -> Bool {
    finalName(ofTemporary: name).map(finals.contains) ?? false
  }
}
