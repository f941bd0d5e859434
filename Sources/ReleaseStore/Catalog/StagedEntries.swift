internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

extension CatalogFiles {
  /// Writes entries durably, each atomically.
  ///
  /// - Throws: an error when an entry can't be written or flushed.
  package func write(_ entries: [CatalogEntry]) throws(ReleasesError) {
    var staged = try stage(entries)
    do throws(ReleasesError) {
      try staged.flush()
      try commit(staged)
      try flush()
    } catch {
      staged.discard()
      throw error
    }
  }

  /// Writes entries to files with temporary names, which readers do not see. A full disk can only
  /// stop this step, not the commit.
  ///
  /// - Throws: an error when an entry can't be written; no temporary file is left then.
  package func stage(_ entries: [CatalogEntry]) throws(ReleasesError) -> StagedEntries {
    var staged = StagedEntries(
      directory: try store.controlDirectory(Layout.catalog), suffix: uniqueSuffix())
    for entry in entries {
      let line = try SealedLine.seal(entry) + [UInt8(ascii: "\n")]
      do throws(SystemError) {
        try staged.write(line, entry.id)
      } catch {
        staged.discard()
        throw ReleasesError("can't write the catalog entry of \(entry.id)", error)
      }
    }
    return staged
  }

  /// Gives staged entries their names. They must have been flushed, and the caller flushes the
  /// catalog.
  ///
  /// - Throws: an error when a file can't be renamed.
  package func commit(_ staged: borrowing StagedEntries) throws(ReleasesError) {
    guard !staged.ids.isEmpty else { return }
    for id in staged.ids {
      try withErrorMessage("can't write the catalog entry of \(id)") { () throws(SystemError) in
        try staged.directory.rename(staged.temporaryName(id), to: Layout.catalogFile(id))
      }
    }
  }

  /// Makes the names of the files durable.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when the flush fails.
  package func flush() throws(ReleasesError) {
    let directory = try store.controlDirectory(Layout.catalog)
    try withErrorMessage("can't flush the catalog") { () throws(SystemError) in
      try directory.sync()
    }
  }
}

/// Catalog entries in files with temporary names.
package struct StagedEntries: ~Copyable {
  fileprivate let directory: Descriptor
  private let suffix: String
  fileprivate private(set) var ids: [ReleaseID] = []
  private var files: [OpenFile] = []

  fileprivate init(directory: consuming Descriptor, suffix: String) {
    self.directory = directory
    self.suffix = suffix
  }

  fileprivate mutating func write(_ line: [UInt8], _ id: ReleaseID) throws(SystemError) {
    let file = try directory.open(
      temporaryName(id), [.writeOnly, .create, .exclusive, .noFollow])
    ids.append(id)
    try file.write(line)
    files.append(OpenFile(file))
  }

  /// Makes the content of the files durable. This must come before they get their names, since a
  /// file system may keep the name and lose the content.
  ///
  /// The files are closed afterwards: an open file would keep its space on a full disk when it is
  /// discarded.
  ///
  /// - Throws: an error with ``ReleasesError/isLostWrite`` when a flush fails.
  package mutating func flush() throws(ReleasesError) {
    for (id, file) in zip(ids, files) {
      try withErrorMessage("can't write the catalog entry of \(id)") { () throws(SystemError) in
        try file.descriptor.sync()
      }
    }
    files = []
  }

  fileprivate func temporaryName(_ id: ReleaseID) -> String {
    Layout.temporaryName(for: Layout.catalogFile(id), suffix)
  }

  /// Removes the files.
  package func discard() {
    for id in ids { try? directory.unlink(temporaryName(id)) }
  }
}

/// Boxes a descriptor, because an array can't contain values that can't be copied.
private final class OpenFile {
  let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
