package import Linux
internal import Synchronization

/// Reads the archive once and passes it on to all who need it, while it is counted and hashed
/// here: a worker that was taken over can't lie about what it was given.
final class ArchiveFeed: Sendable {
  /// How it went.
  enum Ending: Sendable {
    /// All was read and passed on.
    case complete(Digest, size: Int64)
    /// Reading failed.
    case failed(SystemError)
    /// Somebody did not want the rest, or was told to stop.
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

  /// - Parameter sinks: closed when all has been passed on.
  init(_ archive: borrowing Descriptor, to sinks: consuming [ArchiveSink]) throws(SystemError) {
    self.archive = try Descriptor.duplicate(archive.raw)
    self.sinks = sinks
    wakeUp = try Pipe()
  }

  /// Bytes read so far.
  var count: Int64 { state.withLock { $0.count } }
  /// Whoever sends the archive takes their time.
  var isWaitingForInput: Bool { state.withLock { $0.isWaiting } }
  /// Nil while it goes on.
  var ending: Ending? { state.withLock { $0.ending } }

  /// To be run by a thread of its own.
  func run() {
    let ending = pass()
    for sink in sinks { sink.close() }
    state.withLock { $0.ending = ending }
  }

  /// Ends it soon, also when somebody does not take what they are given.
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

/// One who gets the archive.
package final class ArchiveSink: Sendable {
  private struct State: ~Copyable {
    var descriptor: Descriptor?
    var isLost = false
  }

  private let state: Mutex<State>

  /// - Parameter descriptor: the writing end of a pipe; closed when all has been passed on.
  package init(_ descriptor: consuming Descriptor) throws(SystemError) {
    try descriptor.setNonBlocking()
    state = Mutex(State(descriptor: consume descriptor))
  }

  /// It did not take all that it was given.
  package var isLost: Bool { state.withLock { $0.isLost } }

  /// False when it does not read any more, or `other` became readable before it took all.
  fileprivate func write(
    _ block: UnsafeRawBufferPointer, unlessReadable other: borrowing Descriptor
  ) -> Bool {
    state.withLock { state in
      do throws(SystemError) {
        if try state.descriptor?.write(block, unlessReadable: other) == true { return true }
      } catch {
        // Whoever it is has ended; how, its owner finds out.
      }
      state.isLost = true
      return false
    }
  }

  fileprivate func close() { state.withLock { $0.descriptor = nil } }
}
