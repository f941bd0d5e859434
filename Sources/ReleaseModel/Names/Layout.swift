/// The names on disk, relative to the store. Users' scripts rely on them.
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
  /// What the rotated files of the history contain, so that they need not be read again.
  package static let historyTally = "history.json"
  package static let catalog = "catalog"
  package static let manifests = "manifests"
  package static let logs = "logs"
  package static let staging = "staging"
  package static let trash = "trash"
  package static let freeze = "freeze.json"
  package static let abort = "abort.json"
  package static let confirmation = "confirmation.json"
  /// Where instances of the service were started.
  package static let instances = "instances.json"
  /// The records of deployments. `deploy` makes the directory when it is needed.
  package static let attempts = "attempts"

  /// The places of the sessions of SSH keys. The first session makes the directory.
  package static let sessions = "sessions"

  /// The files whose temporary files a power failure may bring back after the transaction has ended.
  package static let unflushedFiles = [history, historyTally, confirmation, instances]
  package static let controlDirectories = [catalog, manifests, logs, staging, trash]
  /// What every store has in `.releases`.
  package static let controlParts = controlDirectories + [lock, history]
  /// The directories that only the owner may open.
  package static let closedDirectories = [staging, trash]

  /// The version of the layout that this binary writes.
  package static let format = 1
  /// The version of journal entries for switches between instances, which older binaries refuse: they
  /// would recover such a switch without its instances.
  package static let instanceFormat = 2
  /// The newest version of the layout that this binary understands.
  package static let newestFormat = 2

  /// Returns the name of a release's file in `catalog/`.
  package static func catalogFile(_ id: ReleaseID) -> String { "\(id).json" }
  /// Returns the name of a release's file in `manifests/`.
  package static func manifestFile(_ id: ReleaseID) -> String { "\(id).mtree" }

  private static let rotatedPrefix = "history-"
  private static let rotatedSuffix = ".jsonl"
  private static let sequenceDigits = 20

  /// Returns the name of a rotated file of the history. Such names sort by age.
  ///
  /// - Parameter sequence: the sequence of the last line in the file.
  /// - Returns: the name in `.releases`.
  package static func rotatedHistory(upTo sequence: UInt64) -> String {
    let digits = String(sequence)
    let zeros = String(repeating: "0", count: sequenceDigits - digits.utf8.count)
    return rotatedPrefix + zeros + digits + rotatedSuffix
  }

  /// Whether ``rotatedHistory(upTo:)`` makes this name.
  package static func isRotatedHistory(_ name: String) -> Bool {
    guard name.hasPrefix(rotatedPrefix), name.hasSuffix(rotatedSuffix) else { return false }
    let digits = name.utf8.dropFirst(rotatedPrefix.utf8.count).dropLast(rotatedSuffix.utf8.count)
    return digits.count == sequenceDigits && digits.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Returns the text of a link that points to a release.
  package static func linkText(_ id: ReleaseID) -> String { "\(releases)/\(id)" }

  /// Returns the temporary name in `releases/` under which the tree of a stage is made. No release
  /// can have this name.
  package static func temporaryTree(ofStage stage: String) -> String { treePrefix + stage }

  /// Returns the stage for which ``temporaryTree(ofStage:)`` made a name; nil for any other name.
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

  /// Whether a file can have this name; see path_resolution(7).
  package static func isName(_ text: String) -> Bool {
    let bytes = text.utf8
    return (1...255).contains(bytes.count) && !bytes.contains(UInt8(ascii: "/"))
      && !bytes.contains(0) && text != "." && text != ".."
  }

  /// Returns the temporary name of a file or link that will be renamed to `name`.
  package static func temporaryName(for name: String, _ suffix: String) -> String {
    ".\(name).\(suffix)"
  }

  /// Returns the name for which ``temporaryName(for:_:)`` made a temporary one; nil for any other
  /// name.
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

  /// Whether `name` is a temporary name for one of `finals`.
  package static func isTemporary(_ name: String, for finals: [String]) -> Bool {
    finalName(ofTemporary: name).map(finals.contains) ?? false
  }
}
