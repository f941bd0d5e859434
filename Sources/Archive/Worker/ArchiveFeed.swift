package import Linux
internal import Synchronization

/// Reads the archive once and passes it to all sinks. It is counted and hashed in this process, so
/// a compromised worker can't report a wrong digest.
final class ArchiveFeed: Sendable {
  /// The result of reading the archive.
  enum Ending: Sendable {
    /// Everything was read and passed on.
    case complete(Digest, size: Int64)
    /// Reading failed.
    case failed(SystemError)
    /// A sink did not read the rest, or ``stop()`` was called.
    case abandoned
  }

  private struct State {
    var count: Int64 = 0
    var isWaiting = false
    var ending: Ending?
  }

  private static let blockSize = 256 << 10

  private let archive: Descriptor
  private let sinks: [ArchiveSink]
  private let wakeUp: Pipe
  private let state = Mutex(State())

  /// Prepares to read an archive.
  ///
  /// - Parameters:
  ///   - archive: the archive, read from its current position.
  ///   - sinks: the processes that receive the archive; they are closed at its end.
  /// - Throws: `SystemError` when no descriptor can be opened.
  init(_ archive: borrowing Descriptor, to sinks: consuming [ArchiveSink]) throws(SystemError) {
    self.archive = try Descriptor.duplicate(archive.raw)
    self.sinks = sinks
    wakeUp = try Pipe()
  }

  /// The number of bytes that have been read so far.
  var count: Int64 { state.withLock { $0.count } }
  /// Whether the feed waits for the sender of the archive.
  var isWaitingForInput: Bool { state.withLock { $0.isWaiting } }
  /// The result; nil before the end.
  var ending: Ending? { state.withLock { $0.ending } }

  /// Reads the archive to its end. Call it on a separate thread.
  func run() {
    let ending = pass()
    for sink in sinks { sink.close() }
    state.withLock { $0.ending = ending }
  }

  /// Makes ``run()`` return soon, even when a sink does not read.
  func stop() { try? wakeUp.writing.write([0]) }

  private func pass() -> Ending {
    var hash = SHA256()
    var count: Int64 = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockSize, alignment: 4096)
    defer { buffer.deallocate() }
    do throws(SystemError) {
      while true {
        state.withLock { $0.isWaiting = true }
        if try archive.waitReadable(or: wakeUp.reading) { return .abandoned }
        let got = try archive.read(into: buffer)
        count += Int64(got)
        state.withLock { ($0.isWaiting, $0.count) = (false, count) }
        if got == 0 { return .complete(hash.finish(), size: count) }
        let block = UnsafeRawBufferPointer(rebasing: buffer[..<got])
        hash.update(block)
        for sink in sinks where !sink.write(block, unlessReadable: wakeUp.reading) {
          return .abandoned
        }
      }
    } catch {
      return .failed(error)
    }
  }
}

/// A process that receives the archive through a pipe.
package final class ArchiveSink: Sendable {
  private struct State: ~Copyable {
    var descriptor: Descriptor?
    var isLost = false
  }

  private let state: Mutex<State>

  /// Takes ownership of the writing end of a pipe, and closes it at the end of the archive.
  ///
  /// - Throws: `SystemError` if fcntl(2) fails.
  package init(_ descriptor: consuming Descriptor) throws(SystemError) {
    try descriptor.setNonBlocking()
    state = Mutex(State(descriptor: consume descriptor))
  }

  /// Whether the process did not read the whole archive.
  package var isLost: Bool { state.withLock { $0.isLost } }

  /// Writes a block. Returns false when the process no longer reads, or `other` became readable
  /// before everything was written.
  fileprivate func write(
    _ block: UnsafeRawBufferPointer, unlessReadable other: borrowing Descriptor
  ) -> Bool {
    state.withLock { state in
      do throws(SystemError) {
        if try state.descriptor?.write(block, unlessReadable: other) == true { return true }
      } catch {
        // The process has ended; its owner reports how.
      }
      state.isLost = true
      return false
    }
  }

  fileprivate func close() { state.withLock { $0.descriptor = nil } }
}
