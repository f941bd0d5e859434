internal import Linux

/// What a worker has reported so far. The archive may have taken the worker over, so each report is
/// checked before it is used: their order, the sums of their numbers, and the limits.
struct WorkerReports {
  private let options: UnpackOptions
  private var collector = TreeCollector()
  /// The sandbox that the worker has entered; nil until it reports it.
  private(set) var sandbox: Sandbox.State?
  /// The tree, when the worker has finished.
  private(set) var tree: UnpackedTree?
  /// Why unpacking failed; nothing else is taken afterwards.
  private(set) var failure: ArchiveError?
  /// The size of the content that has been written, in bytes.
  private(set) var written: Int64 = 0
  /// The number of entries that are complete.
  var entryCount: Int { tree?.entries.count ?? collector.count }

  /// How many warnings are kept.
  private static let warningLimit = 100
  /// How much of a warning is kept, in bytes.
  private static let warningLength = 1000

  init(_ options: UnpackOptions) { self.options = options }

  /// Takes the next report.
  mutating func take(_ message: WorkerMessage) {
    if failure != nil { return }
    if tree != nil { return fail("continued after its end") }
    switch message {
    case .failed(let error): failure = error
    case .sandboxed(let state):
      guard sandbox == nil else { return fail("entered its sandbox twice") }
      sandbox = state
      if !options.accepts(state) {
        failure = ArchiveError(.sandboxIncomplete(state.missing))
      }
    case _ where sandbox == nil: fail("started without a sandbox")
    case .written(.progress(let bytes)):
      guard (written...max(written, options.limits.bytes)).contains(bytes) else {
        return fail("reported an impossible size")
      }
      written = bytes
    case .written(let entry): take(entry)
    case .finished(let warnings): finish(warnings)
    }
  }

  private mutating func take(_ written: WrittenEntry) {
    if case .entry(let entry) = written, entry.content == .directory,
      !options.inheritance.allows(directory: entry.permissions)
    {
      return fail("reported impossible permissions")
    }
    // The worker applies the limits, but this process must protect its own memory. The root counts
    // as one more entry.
    let limits = options.limits
    guard collector.add(written, upTo: limits.bytes), collector.count - 1 <= limits.entries,
      collector.nameBytes - 1 <= limits.names
    else { return fail("reported more than the limits permit") }
  }

  private mutating func finish(_ warnings: [String]) {
    let kept = warnings.prefix(Self.warningLimit).map {
      displayed($0.utf8.prefix(Self.warningLength))
    }
    tree = collector.finish(warnings: kept)
    if tree == nil { fail("reported an inconsistent tree") }
  }

  /// Ends the unpacking.
  ///
  /// - Parameter what: what the worker did, for a person.
  private mutating func fail(_ what: String) { fail(.workerEnded(what)) }

  /// Ends the unpacking, unless it has failed already.
  mutating func fail(_ code: ArchiveError.Code) { failure = failure ?? ArchiveError(code) }
}
