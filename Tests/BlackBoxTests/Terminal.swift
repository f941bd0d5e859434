import Foundation
import Glibc
import Testing

/// A pseudo-terminal of a chosen width, see pty(7), which a program takes for a real one.
final class Terminal {
  /// What stands in for the person: everything written to the terminal comes out here.
  private let master: Int32
  private let slave: Int32

  /// - Parameter columns: its width.
  init(columns: Int) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(master >= 0)
    // As unlockpt(3) and ptsname(3) do it, which Glibc's module hides: TIOCSPTLCK, TIOCGPTPEER.
    var locked: Int32 = 0
    try #require(ioctl(master, 0x4004_5431, &locked) == 0)
    slave = ioctl(master, 0x5441, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    var size = winsize()
    size.ws_col = UInt16(columns)
    size.ws_row = 24
    try #require(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
    // Bytes come out as they went in: no carriage returns are added.
    var modes = termios()
    tcgetattr(slave, &modes)
    cfmakeraw(&modes)
    tcsetattr(slave, TCSANOW, &modes)
  }

  deinit {
    close(master)
    close(slave)
  }

  /// Runs the binary with standard output and standard error on a terminal of its own.
  static func run(
    _ arguments: [String], columns: Int = 80, environment: [String: String] = [:]
  ) throws -> String {
    try Terminal(columns: columns).run([Releases.binary] + arguments, environment)
  }

  /// Runs a line of sh with all of its output on a terminal of its own.
  static func run(script: String, columns: Int, environment: [String: String] = [:]) throws
    -> String
  {
    try Terminal(columns: columns).run(["/bin/sh", "-ec", script], environment)
  }

  private func run(_ words: [String], _ environment: [String: String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.environment = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester",
      "TERM": "xterm-256color",
    ].merging(environment) { $1 }
    let screen = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = screen
    process.standardError = screen
    try process.runUnmasked()
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    // Our own end of the terminal stays open, so an end of file never comes: read until the
    // program is gone and nothing is left.
    var written = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let hasEnded = ended.wait(timeout: .now()) == .success || !process.isRunning
      var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, hasEnded ? 0 : 50) > 0 {
        let count = read(master, &buffer, buffer.count)
        if count > 0 { written.append(contentsOf: buffer[..<count]) }
      } else if hasEnded {
        return String(decoding: written, as: UTF8.self)
      }
    }
  }
}

/// What came out on a terminal, as a person sees it.
enum Screen {
  static var colour: Regex<Substring> { /\u{1B}\[[0-9;]*m/ }

  static func lines(_ output: String) -> [String] {
    output.replacing(colour, with: "").split(separator: "\n").map(String.init)
  }

  /// How many columns a line takes, in the judgement of wcwidth(3), which is not the program's own.
  static func width(_ line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + max(0, Int(wcwidth(Int32($1.value)))) }
  }

  /// Glibc's module hides it.
  private static let wcwidth = unsafeBitCast(
    dlsym(nil, "wcwidth"), to: (@convention(c) (Int32) -> Int32).self)

  /// Lets this thread count in Unicode; wcwidth(3) knows nothing but ASCII otherwise.
  static func inUnicode<Result>(_ body: () throws -> Result) rethrows -> Result {
    let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
    let before = uselocale(locale)
    defer {
      uselocale(before)
      freelocale(locale)
    }
    return try body()
  }
}
