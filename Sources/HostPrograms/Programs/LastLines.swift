internal import Linux
internal import Text

/// The end of what a program printed.
struct LastLines {
  /// How many lines are told.
  private static let count = 20
  /// What is kept at least to find them in, in bytes.
  private static let span = 64 << 10

  private var recent: [UInt8] = []

  mutating func take(_ bytes: [UInt8]) {
    recent += bytes.suffix(Self.span)
    if recent.count > 2 * Self.span { recent.removeFirst(recent.count - Self.span) }
  }

  /// Those that are not empty, printable, the latest last. A carriage return ends a line too:
  /// programs draw over their progress with it.
  var texts: [String] {
    recent.suffix(Self.span)
      .split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
      .suffix(Self.count)
      .map { printable($0) }
  }
}
