internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension HistoryFile {
  /// The size in bytes from which the file is rotated.
  package static let sizeLimit: Int64 = 4 << 20

  /// Rotates the file if it is large: it gets the name of its last sequence, and a new file takes its
  /// place, which begins with its last line. Writes the tally of the rotated files if it is missing.
  /// The caller holds the lock.
  ///
  /// Each line has a durable name at every moment. A crash between the two renames leaves no
  /// `history.jsonl`; recovery then appends the journal's last entry to a new one.
  ///
  /// - Parameter limit: the size in bytes from which it is large.
  /// - Throws: an error when the history can't be read or rotated; nothing is lost then.
  package func rotateIfLarge(from limit: Int64 = Self.sizeLimit) throws(ReleasesError) {
    let isLarge = try withErrorMessage("can't read the status of the history") {
      () throws(SystemError) in
      let status = try store.control.statusIfPresent(of: Layout.history)
      return status.map { $0.kind == .file && $0.size >= limit } ?? false
    }
    if isLarge, let (line, sequence) = try lastLine() {
      try withErrorMessage("can't rotate the history") { () throws(SystemError) in
        try rotate(to: Layout.rotatedHistory(upTo: sequence), leaving: line)
      }
    }
    guard let tally = try missingTally() else { return }
    let counted = try SealedLine.seal(tally)
    try withErrorMessage(
      "can't write the tally of the rotated history, \(path: store.path(Layout.control, Layout.historyTally))"
    ) {
      () throws(SystemError) in
      try sweep()
      try store.control.replaceFile(
        Layout.historyTally, with: counted + [UInt8(ascii: "\n")], suffix: uniqueSuffix())
    }
  }

  /// Returns the last line and its sequence; nil when it is torn or corrupt.
  ///
  /// - Throws: an error when the history can't be read.
  private func lastLine() throws(ReleasesError) -> (line: [UInt8], sequence: UInt64)? {
    guard case let end = try end(), !end.isTorn, let sequence = end.sequence else { return nil }
    let line = try withErrorMessage("can't read the history") { () throws(SystemError) in
      try HistoryFiles(store).lastLine(of: Layout.history)
    }
    return (line, sequence)
  }

  private func rotate(to name: String, leaving line: [UInt8]) throws(SystemError) {
    try sweep()
    let temporary = Layout.temporaryName(for: Layout.history, uniqueSuffix())
    try store.control.openStoreFile(Layout.history, .history, [.writeOnly, .append])
      .syncData()
    do throws(SystemError) {
      try store.control.writeNewFile(temporary, line + [UInt8(ascii: "\n")])
      try store.control.move(Layout.history, to: store.control, as: name)
    } catch {
      try? store.control.unlink(temporary)
      throw error
    }
    // The new name of the old lines must be durable before their old name gets a new file.
    try store.control.sync()
    try store.control.rename(temporary, to: Layout.history)
    try store.control.sync()
  }

  /// Removes the files of a rotation that was interrupted.
  ///
  /// - Throws: `SystemError` when the files can't be listed or removed.
  private func sweep() throws(SystemError) {
    for name in try store.control.entries().map(\.name)
    where Layout.isTemporary(name, for: [Layout.history, Layout.historyTally]) {
      try store.control.unlinkIfPresent(name)
    }
  }
}
