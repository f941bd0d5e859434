internal import Linux
package import ReleaseModel
internal import StoreSupport
internal import Text

/// The catalog in `.releases/catalog`: one file per release.
package struct CatalogFiles: Sendable {
  let store: Store
}

extension Store {
  /// The catalog entries, in `.releases/catalog/`.
  package var catalog: CatalogFiles { CatalogFiles(store: self) }
}

extension CatalogFiles {
  /// The result of reading the file of a release.
  package enum Lookup: Sendable {
    case found(CatalogEntry)
    /// The file fails its checksum.
    case corrupt
    case absent
  }

  /// Reads every entry. An entry that disappears while the catalog is read was removed, and is
  /// skipped.
  ///
  /// - Throws: `newerStore` when a newer binary wrote an entry, another error when the directory or
  ///   a file can't be read.
  package func all() throws(ReleasesError) -> Catalog {
    let directory = try store.controlDirectory(Layout.catalog)
    let names = try withErrorMessage("can't list the catalog") { () throws(SystemError) in
      try directory.entries()
    }
    let ids = names.filter { $0.name.hasSuffix(".json") && !$0.name.hasPrefix(".") }
      .compactMap { ReleaseID($0.name.dropLast(5)) }
    let reading = ParallelReading(catalog: self, directory: directory, ids: ids)
    let parts = ids.count >= ParallelReading.fewestForThreads ? HostFacts.processorCount : 1
    var catalog = Catalog()
    for result in Parallel.map(parts: parts, { reading.part($0, of: parts) }) {
      for (id, lookup) in try result.get() {
        switch lookup {
        case .found(let entry): catalog.insert(entry)
        case .corrupt: catalog.insertCorrupt(id)
        case .absent: break
        }
      }
    }
    return catalog
  }

  /// Reads the entry of one release.
  ///
  /// - Throws: `newerStore` when a newer binary wrote it, another error when it can't be read.
  package func entry(_ id: ReleaseID) throws(ReleasesError) -> Lookup {
    try entry(id, in: try store.controlDirectory(Layout.catalog))
  }

  fileprivate func entry(
    _ id: ReleaseID, in directory: borrowing Descriptor
  ) throws(ReleasesError) -> Lookup {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try directory.readStoreFile(Layout.catalogFile(id), .catalogEntry)
    } catch let error where error.errno == .noEntry {
      return .absent
    } catch let error where error.isUnusableFile {
      return .corrupt
    } catch {
      throw ReleasesError("can't read the catalog entry of \(id)", error)
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    guard let entry = SealedLine.open(CatalogEntry.self, line), entry.id == id else {
      if let format = SealedLine.format(of: line), format > Layout.newestFormat {
        throw ReleasesError(newerFormat: format, of: store)
      }
      return .corrupt
    }
    guard entry.format <= Layout.newestFormat else {
      throw ReleasesError(newerFormat: entry.format, of: store)
    }
    return .found(entry)
  }

  /// Whether the release was adopted. Its manifest was then written during the adoption, perhaps
  /// while the release was live and wrote logs into its tree, so that a difference does not prove
  /// that it is broken.
  ///
  /// - Throws: what ``entry(_:)`` throws.
  package func isAdopted(_ id: ReleaseID) throws(ReleasesError) -> Bool {
    guard case .found(let entry) = try entry(id) else { return false }
    return entry.adopted == true
  }

  /// Returns the commit or tag that the release was built from; nil when it is unknown.
  package func ref(of id: ReleaseID) -> String? {
    guard case .found(let entry)? = try? entry(id) else { return nil }
    return entry.ref
  }
}

/// Reads all entries, on several threads if there are many: decoding JSON takes most of the time.
private final class ParallelReading: Sendable {
  /// The number of entries from which reading takes much longer than starting a thread.
  static let fewestForThreads = 64

  private let catalog: CatalogFiles
  private let directory: Descriptor
  private let ids: [ReleaseID]

  init(catalog: CatalogFiles, directory: consuming Descriptor, ids: [ReleaseID]) {
    (self.catalog, self.ids) = (catalog, ids)
    self.directory = directory
  }

  func part(
    _ part: Int, of parts: Int
  ) -> Result<[(ReleaseID, CatalogFiles.Lookup)], ReleasesError> {
    Result { () throws(ReleasesError) in
      var found: [(ReleaseID, CatalogFiles.Lookup)] = []
      for number in stride(from: part, to: ids.count, by: parts) {
        found.append((ids[number], try catalog.entry(ids[number], in: directory)))
      }
      return found
    }
  }
}
