internal import Synchronization

/// What has been written by now.
enum WrittenEntry: Equatable {
  case entry(TreeEntry)
  /// A second name, and the first one; paths from the root.
  case hardLink(path: String, target: String)
  /// So much content in all, in bytes. Now and then.
  case progress(Int64)
}

/// Tells of each thing once it is as it will stay, one call after the other, whoever wrote it.
final class TreeReporter: @unchecked Sendable {
  typealias Receiver = (WrittenEntry) throws(ArchiveError) -> Void

  private struct Progress {
    var written: Int64 = 0
    var reported: Int64 = 0
  }

  /// In bytes.
  private static let interval: Int64 = 8 << 20

  private let receiver: Receiver
  /// Held while the receiver is reported.
  private let progress = Mutex(Progress())

  init(_ receiver: @escaping Receiver) { self.receiver = receiver }

  /// - Parameter count: more content that was written, in bytes.
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
