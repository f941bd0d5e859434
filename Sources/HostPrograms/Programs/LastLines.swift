internal import Text

/// The last lines that a program printed, with masked secrets.
struct LastLines {
  /// How many lines are returned at most.
  private static let count = 20
  /// How much of the output is searched for the lines, in bytes.
  private static let window = 64 << 10

  private var recent: [UInt8] = []
  /// Whether earlier output has been dropped, so that the first line may be incomplete.
  private var isCut = false

  /// Adds output of the program.
  mutating func append(_ bytes: [UInt8]) {
    recent += bytes.suffix(Self.window)
    if recent.count > 2 * Self.window { recent.removeFirst(recent.count - Self.window) }
    if bytes.count > Self.window || recent.count > Self.window { isCut = true }
  }

  /// The lines that are not empty, in printable form, the latest last. A carriage return ends a line
  /// too, since programs overwrite their progress display with it.
  var texts: [String] {
    var lines = recent.suffix(Self.window)
      .map { $0 == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : $0 }
    if isCut {
      // In an incomplete line, secrets could not be recognized.
      guard let end = lines.firstIndex(of: UInt8(ascii: "\n")) else {
        return [omittedLine(longerThan: Self.window)]
      }
      lines.removeSubrange(...end)
    }
    return Outgoing.lines(lines)
      .split(separator: UInt8(ascii: "\n"))
      .map { printableLine($0) }
      .filter { !$0.isEmpty }
      .suffix(Self.count)
  }
}

extension [String] {
  /// The most relevant of the last lines of a program: the last one that starts with "error", since
  /// advice may follow it, otherwise the last one; nil when there is none.
  var mostRelevantLine: String? { last { $0.lowercased().hasPrefix("error") } ?? last }
}
