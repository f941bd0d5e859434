/// Another program that is given so much time, whose words are passed on as they come.
package struct WatchedProcess {
  /// How it ended.
  package enum Ending: Equatable, Sendable {
    case ended(ChildProcess.Ending)
    /// Its time was up, and its process group was ended.
    case timedOut
    /// Whoever watched wanted it to end, and its process group was ended.
    case stopped
  }

  /// In seconds, as are all times here.
  private static let tick = 0.05
  /// What a program leaves behind may hold its output open: so long it is listened to after that.
  private static let afterglow = 0.1

  package var path: String
  /// The program's own name first.
  package var words: [String]
  package var environment: [String: String]
  /// Its working directory; nil for ours.
  package var directory: String?
  package var timeLimit: Double
  /// How long its group has between TERM and KILL.
  package var grace = 10.0

  package init(
    _ path: String, _ words: [String], environment: [String: String], directory: String? = nil,
    timeLimit: Double
  ) {
    self.path = path
    self.words = words
    self.environment = environment
    self.directory = directory
    self.timeLimit = timeLimit
  }

  /// Runs it to its end, with an empty standard input and both outputs as one. What it leaves
  /// running on purpose goes on, unless it had to be ended: then all of its process group is.
  ///
  /// - Parameters:
  ///   - shouldStop: asked some twenty times a second.
  ///   - output: gets what it prints.
  package func run(
    shouldStop: () -> Bool, output: ([UInt8]) -> Void
  ) throws(SystemError) -> Ending {
    let pipe = try Pipe()
    let nothing = try Descriptor.open("/dev/null")
    let child = try ChildProcess.start(
      path, words, environment: environment, directory: directory,
      descriptors: [nothing.raw, pipe.writing.raw, pipe.writing.raw])
    let cleanup = Signals.onTermination { child.kill() }
    defer { cleanup.cancel() }
    let reading = try Descriptor.duplicate(pipe.reading.raw)
    drop(pipe)
    var ear = Ear(reading)
    let deadline = Clock.monotonicSeconds() + timeLimit
    while !child.hasEnded {
      try ear.listen(for: Self.tick, output)
      if child.hasEnded { break }
      let isLate = Clock.monotonicSeconds() >= deadline
      guard isLate || shouldStop() else { continue }
      try end(child, &ear, output)
      return isLate ? .timedOut : .stopped
    }
    try ear.listenToTheRest(for: Self.afterglow, output)
    return .ended(child.wait())
  }

  /// TERM to all of the group, and KILL to what is left of it; also to what outlives its leader.
  private func end(
    _ child: ChildProcess, _ ear: inout Ear, _ output: ([UInt8]) -> Void
  ) throws(SystemError) {
    child.terminate()
    let deadline = Clock.monotonicSeconds() + grace
    while !child.hasEnded, Clock.monotonicSeconds() < deadline {
      try ear.listen(for: Self.tick, output)
    }
    try ear.listenToTheRest(for: Self.afterglow, output)
    child.kill()
    _ = child.wait()
  }
}

/// Hears what a program prints.
private struct Ear: ~Copyable {
  private let stream: Descriptor
  private var isOver = false
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)

  init(_ stream: consuming Descriptor) { self.stream = stream }

  /// Waits up to so many seconds and takes what is there.
  mutating func listen(
    for seconds: Double, _ output: ([UInt8]) -> Void
  ) throws(SystemError) {
    if isOver { return Clock.sleep(seconds: seconds) }
    guard try stream.waitReadable(seconds: seconds) else { return }
    let count = try stream.read(into: &chunk)
    isOver = count == 0
    if count > 0 { output(Array(chunk[..<count])) }
  }

  /// Takes what is there until nothing comes for so many seconds, or for ten times as long.
  mutating func listenToTheRest(
    for seconds: Double, _ output: ([UInt8]) -> Void
  ) throws(SystemError) {
    let deadline = Clock.monotonicSeconds() + seconds * 10
    while !isOver, Clock.monotonicSeconds() < deadline {
      guard try stream.waitReadable(seconds: seconds) else { return }
      try listen(for: 0, output)
    }
  }
}

private func drop(_ pipe: consuming Pipe) {}
