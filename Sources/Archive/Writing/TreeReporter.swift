internal import Synchronization

/// What a writer reports.
enum WrittenEntry: Equatable {
  case entry(TreeEntry)
  /// A hard link and its target; paths relative to the root.
  case hardLink(path: String, target: String)
  /// The total size of the content so far, in bytes; reported at intervals.
  case progress(Int64)
}

/// Reports each entry when it has its final form. Calls of the receiver never overlap, whichever
/// lane they come from.
final class TreeReporter: @unchecked Sendable {
  typealias Receiver = (WrittenEntry) throws(ArchiveError) -> Void

  private struct Progress {
    var written: Int64 = 0
    var reported: Int64 = 0
  }

  /// The size of new content after which progress is reported, in bytes.
  private static let interval: Int64 = 8 << 20

  private let receiver: Receiver
  /// The progress, whose lock is held while the receiver runs.
  private let progress = Mutex(Progress())

  init(_ receiver: @escaping Receiver) { self.receiver = receiver }

  /// Reports entries and progress.
  ///
  /// - Parameters:
  ///   - done: the entries that are complete.
  ///   - count: the size of new content, in bytes.
  /// - Throws: `ArchiveError` of the receiver.
  func report(_ done: [WrittenEntry], written count: Int64 = 0) throws(ArchiveError) {
    try progress.withLock { progress throws(ArchiveError) in
      for entry in done { try receiver(entry) }
      progress.written += count
      guard progress.written - progress.reported >= Self.interval else { return }
      progress.reported = progress.written
      try receiver(.progress(progress.written))
    }
  }
}
