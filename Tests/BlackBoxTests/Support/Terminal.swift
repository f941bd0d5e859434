import Foundation
import Glibc
import TestSupport
import Testing

/// A pseudo-terminal of a chosen width; see pty(7).
final class Terminal {
  /// The side of the person, from which all output is read.
  private let master: Int32
  private let slave: Int32

  /// - Parameter columns: the width in characters.
  /// - Throws: an expectation that failed when there is no pseudo-terminal.
  init(columns: Int) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(master >= 0)
    // These are TIOCSPTLCK and TIOCGPTPEER. The Glibc module hides unlockpt(3) and ptsname(3).
    var locked: Int32 = 0
    try #require(ioctl(master, 0x4004_5431, &locked) == 0)
    slave = ioctl(master, 0x5441, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    var size = winsize()
    size.ws_col = UInt16(columns)
    size.ws_row = 24
    try #require(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
    // In raw mode the terminal adds no carriage returns.
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

  /// Runs a line of sh with all output on a terminal of its own.
  static func run(script: String, columns: Int, environment: [String: String] = [:]) throws
    -> String
  {
    try Terminal(columns: columns).run(["/bin/sh", "-ec", script], environment)
  }

  private func run(_ command: [String], _ environment: [String: String]) throws -> String {
    let variables = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester",
      "TERM": "xterm-256color",
    ].merging(environment) { $1 }
    let process = try ChildProcess(
      command, environment: variables, directory: nil, descriptors: [nil, slave, slave])
    // This process holds the terminal open, so no end of file arrives. Reading stops when the
    // program has ended and nothing is left.
    var written = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let hasEnded = process.hasEnded
      var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, hasEnded ? 0 : 5) > 0 {
        let count = read(master, &buffer, buffer.count)
        if count > 0 { written.append(contentsOf: buffer[..<count]) }
      } else if hasEnded {
        process.wait()
        return String(decoding: written, as: UTF8.self)
      }
    }
  }
}

/// The output of a terminal as a person sees it.
enum Screen {
  static var colour: Regex<Substring> { /\u{1B}\[[0-9;]*m/ }

  static func lines(_ output: String) -> [String] {
    output.replacing(colour, with: "").split(separator: "\n").map(String.init)
  }

  /// Returns the width of a line by wcwidth(3), which is independent of the program's own tables.
  static func width(_ line: String) -> Int {
    line.unicodeScalars.reduce(0) { $0 + max(0, Int(wcwidth(Int32($1.value)))) }
  }

  /// The Glibc module hides this function.
  private static let wcwidth = unsafeBitCast(
    dlsym(nil, "wcwidth"), to: (@convention(c) (Int32) -> Int32).self)

  /// Runs a body with a Unicode locale, without which wcwidth(3) knows only ASCII.
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
