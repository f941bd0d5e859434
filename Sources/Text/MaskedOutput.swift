/// The output of a program, line by line as it arrives, without control characters and with masked
/// secrets.
package struct MaskedOutput {
  /// The maximum length of a line, in bytes; in a part of a line, secrets can't be recognized.
  private static let lineLimit = 64 << 10
  /// How much of the preceding output is kept, in bytes: the name of a secret may be some lines
  /// above its value.
  private static let contextLimit = 16 << 10

  private var context: [UInt8] = []
  private var incomplete: [UInt8] = []
  private var isLeavingOut = false
  /// Whether the output so far ends with a carriage return, after which a newline ends no other line.
  private var endsWithReturn = false

  package init() {}

  /// Adds output.
  ///
  /// - Parameter bytes: the next bytes that the program printed.
  /// - Returns: the lines that are complete now. A carriage return ends a line, too, since programs
  ///   overwrite their progress display with it.
  package mutating func append(_ bytes: [UInt8]) -> [UInt8] {
    let bytes = withLineEnds(bytes)
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
      keep(bytes[...])
      return []
    }
    var complete = incomplete
    if isLeavingOut {
      // The rest of the line that was too long.
      complete += bytes[(bytes.firstIndex(of: UInt8(ascii: "\n")) ?? end)...end]
    } else {
      complete += bytes[...end]
    }
    (incomplete, isLeavingOut) = ([], false)
    keep(bytes[(end + 1)...])
    return masked(complete)
  }

  /// Ends the output.
  ///
  /// - Returns: the last line, if it had no newline.
  package mutating func finish() -> [UInt8] {
    defer { self = MaskedOutput() }
    return incomplete.isEmpty ? [] : masked(incomplete + [UInt8(ascii: "\n")])
  }

  private mutating func withLineEnds(_ bytes: [UInt8]) -> [UInt8] {
    let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    return bytes.compactMap { byte in
      defer { endsWithReturn = byte == carriageReturn }
      if byte == newline, endsWithReturn { return nil }
      return byte == carriageReturn ? newline : byte
    }
  }

  private mutating func keep(_ rest: ArraySlice<UInt8>) {
    if isLeavingOut { return }
    incomplete += rest
    if incomplete.count > Self.lineLimit {
      incomplete = Array(omittedLine(longerThan: Self.lineLimit).utf8)
      isLeavingOut = true
    }
  }

  /// Masks complete lines, together with the lines before them.
  private mutating func masked(_ lines: [UInt8]) -> [UInt8] {
    let count = lines.count { $0 == UInt8(ascii: "\n") }
    context += lines
    let shown = LegibleText.lastLines(count, of: Outgoing.lines(context))
    if context.count > Self.contextLimit {
      let start = context.count - Self.contextLimit
      // An incomplete line would mislead.
      let newline = context[start...].firstIndex(of: UInt8(ascii: "\n")) ?? context.count - 1
      context.removeSubrange(...newline)
    }
    return shown
  }
}
