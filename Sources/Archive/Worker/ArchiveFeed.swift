internal import Linux
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
  private let sinks: [Sink]
  private let wakeUp: Pipe
  private let state = Mutex(State())

  /// - Parameter sinks: closed when all has been passed on.
  init(_ archive: borrowing Descriptor, to sinks: consuming [Sink]) throws(SystemError) {
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

  /// Ends it soon, unless it hangs in a write to somebody who then has to be killed.
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
        for sink in sinks where !sink.write(block) { return .abandoned }
      }
    } catch {
      return .failed(error)
    }
  }
}

/// One who gets the archive.
final class Sink: Sendable {
  private let descriptor: Mutex<Descriptor?>
  /// Whether it may leave before the end.
  private let isOptional: Bool

  init(_ descriptor: consuming Descriptor, isOptional: Bool = false) {
    self.descriptor = Mutex(descriptor)
    self.isOptional = isOptional
  }

  /// False when nobody reads any more who should.
  fileprivate func write(_ block: UnsafeRawBufferPointer) -> Bool {
    descriptor.withLock { descriptor in
      do throws(SystemError) {
        try descriptor?.write(block)
        return true
      } catch {
        descriptor = nil
        return isOptional
      }
    }
  }

  fileprivate func close() { descriptor.withLock { $0 = nil } }
}
