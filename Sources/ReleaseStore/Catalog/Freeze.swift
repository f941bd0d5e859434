package import FoundationEssentials
internal import Linux

/// Why nothing may be switched: the content of `freeze.json`.
package struct Freeze: Codable, Equatable, Sendable {
  package let reason: String
  package let since: Date
  package let user: String
}

extension Store {
  /// The freeze in force. A file that can't be understood freezes all the same.
  package func freeze() throws(ReleasesError) -> Freeze? {
    let bytes = try attempting("can't read whether the store is frozen") {
      () throws(SystemError) -> [UInt8]? in
      do throws(SystemError) {
        return try control.open(Layout.freeze, [.noFollow, .nonBlocking]).readAll(limit: 1 << 16)
      } catch let error where error.errno == .noEntry {
        return nil
      }
    }
    guard let bytes else { return nil }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    return SealedLine.open(Freeze.self, line)
      ?? Freeze(
        reason: "its freeze file is damaged; thaw and freeze again",
        since: Date(timeIntervalSince1970: 0), user: "unknown")
  }

  func write(_ freeze: Freeze, _ environment: Environment) throws(ReleasesError) {
    let line = try SealedLine.seal(freeze) + [UInt8(ascii: "\n")]
    try attempting("can't freeze the store") { () throws(SystemError) in
      try control.replaceFile(Layout.freeze, with: line, suffix: environment.uniqueSuffix())
      try control.sync()
    }
  }
}
