internal import Linux

/// All catalog entries, by release.
package struct Catalog: Sendable {
  package private(set) var entries: [ReleaseID: CatalogEntry] = [:]
  /// Entries that are there and can't be understood.
  package private(set) var damaged: Set<ReleaseID> = []

  package init(_ entries: [CatalogEntry] = []) {
    for entry in entries { self.entries[entry.id] = entry }
  }

  package subscript(id: ReleaseID) -> CatalogEntry? { entries[id] }

  /// The highest number any release was given.
  var lastSequence: UInt64? { entries.values.map { max($0.sequence, $0.activation ?? 0) }.max() }

  mutating func insert(_ entry: CatalogEntry) { entries[entry.id] = entry }
  mutating func remove(_ id: ReleaseID) {
    entries[id] = nil
    damaged.remove(id)
  }

  mutating func insertDamaged(_ id: ReleaseID) { damaged.insert(id) }
}

extension Store {
  /// Reads every entry. One that vanishes meanwhile was removed, and is left out.
  package func catalog() throws(ReleasesError) -> Catalog {
    let directory = try controlDirectory(Layout.catalog)
    let names = try attempting("can't list the catalog") { () throws(SystemError) in
      try directory.entries()
    }
    let ids = names.filter { $0.name.hasSuffix(".json") && !$0.name.hasPrefix(".") }
      .compactMap { ReleaseID($0.name.dropLast(5)) }
    let reading = CatalogReading(store: self, directory: directory, ids: ids)
    let isWorthIt = ids.count >= CatalogReading.fewestForThreads
    let parts = isWorthIt ? HostFacts.processorCount : 1
    var catalog = Catalog()
    for result in Parallel.map(parts: parts, { reading.part($0, of: parts) }) {
      for (id, lookup) in try result.get() {
        switch lookup {
        case .found(let entry): catalog.insert(entry)
        case .damaged: catalog.insertDamaged(id)
        case .absent: break
        }
      }
    }
    return catalog
  }

  enum CatalogLookup: Sendable {
    case found(CatalogEntry)
    case damaged
    case absent
  }

  func catalogEntry(_ id: ReleaseID) throws(ReleasesError) -> CatalogLookup {
    try catalogEntry(id, in: try controlDirectory(Layout.catalog))
  }

  fileprivate func catalogEntry(
    _ id: ReleaseID, in directory: borrowing Descriptor
  ) throws(ReleasesError) -> CatalogLookup {
    let name = Layout.catalogFile(id)
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try directory.open(name, [.noFollow, .nonBlocking]).readAll(limit: 1 << 20)
    } catch let error where error.errno == .noEntry {
      return .absent
    } catch let error
      where [.inputOutput, .isADirectory, .tooManyLinks, .fileTooBig].contains(error.errno)
    {
      return .damaged
    } catch {
      throw ReleasesError("can't read what is known of \(id)", error)
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    guard let entry = SealedLine.open(CatalogEntry.self, line), entry.id == id else {
      if let format = SealedLine.format(of: line), format > Layout.format {
        throw newerStore(format: format)
      }
      return .damaged
    }
    guard entry.format <= Layout.format else { throw newerStore(format: entry.format) }
    return .found(entry)
  }

  /// Whether it was there before the store was. Its manifest then says what it held when it was
  /// taken over, perhaps while it was live and writing its own logs: a difference is no proof that
  /// it is broken.
  func isAdopted(_ id: ReleaseID) throws(ReleasesError) -> Bool {
    guard case .found(let entry) = try catalogEntry(id) else { return false }
    return entry.adopted == true
  }

  func newerStore(format: Int) -> ReleasesError {
    ReleasesError(
      .newerStore,
      "\(path) has format \(format); this binary understands up to \(Layout.format)",
      hint: "install the version of releases that wrote it")
  }

  /// Writes entries durably, each at once.
  func write(_ entries: [CatalogEntry], _ environment: Environment) throws(ReleasesError) {
    var prepared = try prepare(entries, environment)
    do throws(ReleasesError) {
      try prepared.flush()
      try commit(prepared)
      try flushCatalog()
    } catch {
      prepared.discard()
      throw error
    }
  }

  /// Does all of writing entries that a full disk can stop; readers see nothing of it yet.
  func prepare(
    _ entries: [CatalogEntry], _ environment: Environment
  ) throws(ReleasesError) -> PreparedEntries {
    var prepared = PreparedEntries(
      directory: try controlDirectory(Layout.catalog), suffix: environment.uniqueSuffix())
    for entry in entries {
      let line = try SealedLine.seal(entry) + [UInt8(ascii: "\n")]
      do throws(SystemError) {
        try prepared.write(line, entry.id)
      } catch {
        prepared.discard()
        throw ReleasesError("can't write what is known of \(entry.id)", error)
      }
    }
    return prepared
  }

  /// Puts prepared entries, which have been flushed, in place. The catalog is the caller's to flush.
  func commit(_ prepared: borrowing PreparedEntries) throws(ReleasesError) {
    guard !prepared.ids.isEmpty else { return }
    for id in prepared.ids {
      try attempting("can't write what is known of \(id)") { () throws(SystemError) in
        try prepared.directory.rename(prepared.temporaryName(id), to: Layout.catalogFile(id))
      }
    }
  }

  /// Makes the names of the catalog's files durable.
  func flushCatalog() throws(ReleasesError) {
    let directory = try controlDirectory(Layout.catalog)
    try attempting("can't flush the catalog") { () throws(SystemError) in try directory.sync() }
  }
}

/// Catalog entries in files of temporary names.
struct PreparedEntries: ~Copyable {
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

  /// Makes what the files say durable, which has to be before they get their names: a file system
  /// may else keep the name and not the content.
  ///
  /// They are closed after that: an open one would keep its room on a full disk when it is discarded.
  mutating func flush() throws(ReleasesError) {
    for (id, file) in zip(ids, files) {
      try attempting("can't write what is known of \(id)") { () throws(SystemError) in
        try file.descriptor.sync()
      }
    }
    files = []
  }

  fileprivate func temporaryName(_ id: ReleaseID) -> String {
    Layout.temporaryName(for: Layout.catalogFile(id), suffix)
  }

  /// Removes what was written.
  func discard() {
    for id in ids { try? directory.unlink(temporaryName(id)) }
  }
}

/// A descriptor in a box: arrays only hold what can be copied.
private final class OpenFile {
  let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// Reading all entries, on several threads where there are many: taking JSON apart is what takes
/// the time.
private final class CatalogReading: Sendable {
  /// Of entries; reading that many takes longer than starting a thread by far.
  static let fewestForThreads = 64

  private let store: Store
  private let directory: Descriptor
  private let ids: [ReleaseID]

  init(store: Store, directory: consuming Descriptor, ids: [ReleaseID]) {
    (self.store, self.ids) = (store, ids)
    self.directory = directory
  }

  func part(
    _ part: Int, of parts: Int
  ) -> Result<[(ReleaseID, Store.CatalogLookup)], ReleasesError> {
    Result { () throws(ReleasesError) in
      var found: [(ReleaseID, Store.CatalogLookup)] = []
      for number in stride(from: part, to: ids.count, by: parts) {
        found.append((ids[number], try store.catalogEntry(ids[number], in: directory)))
      }
      return found
    }
  }
}
