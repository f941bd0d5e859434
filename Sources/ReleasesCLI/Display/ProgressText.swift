internal import ReleaseModel

/// The progress of an unpack at one moment.
struct ProgressFacts: Equatable, Sendable {
  /// The number of bytes of the archive that have been read.
  var read: Int64 = 0
  /// The size of the archive in bytes; nil when it is unknown.
  var total: Int64?
  /// The number of files, directories and links that have been created.
  var entries = 0
  /// The time since the start, in seconds.
  var elapsed = 0.0
  /// The recent reading rate, in bytes per second.
  var rate = 0.0
  /// Whether everything is unpacked and is being flushed to the disk.
  var isFlushing = false

  /// The remaining time in whole seconds, rounded up; nil when it is unknown.
  var secondsLeft: Int64? {
    guard !isFlushing, let total, total > read, rate >= 1 else { return nil }
    let seconds = (Double(total - read) / rate).rounded(.up)
    // An estimate of more than 100 hours is too unreliable to show.
    return seconds < 100 * 3600 ? Int64(seconds) : nil
  }

  /// The percentage that has been read, 100 only at the end; nil when the size is unknown.
  var percent: Int64? {
    guard let total, total > 0 else { return nil }
    return read >= total ? 100 : min(99, Int64(Double(read) / Double(total) * 100))
  }
}

/// Returns one line without a newline, at most `columns` wide: a bar if the size is known, otherwise
/// counts. On a narrow terminal the least important parts are left out.
func progressBar(_ facts: ProgressFacts, columns: Int) -> String {
  let verb = facts.isFlushing ? "flushing" : "unpacking"
  let columns = max(columns, 1)
  guard let percent = facts.percent else {
    let parts = [
      Part(verb, rank: 0), Part(amount(facts), rank: 0), Part(entries(facts), rank: 1),
      Part(rate(facts), rank: 2), Part(durationText(Int64(facts.elapsed)), rank: 3),
    ]
    return String(fitting(parts, columns).joined(separator: "  ").prefix(columns))
  }
  let number = String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0)
  let left = facts.secondsLeft.map { "\(durationText($0)) left" }
  let parts = [
    Part(verb, rank: 5), Part("\(number)\(percent)%", rank: 0), Part(amount(facts), rank: 1),
    Part(entries(facts), rank: 4), Part(rate(facts), rank: 3), Part(left, rank: 2),
  ]
  let shown = fitting(parts, columns)
  let used = shown.joined(separator: "  ").count
  let width = min(columns - used - 4, 42)
  guard width >= 5 else { return String(shown.joined(separator: "  ").prefix(columns)) }
  let filled = Int(Double(width) * Double(percent) / 100)
  let bar =
    "[" + String(repeating: "#", count: filled)
    + String(repeating: "-", count: width - filled) + "]"
  let place = (shown.first == verb ? 1 : 0)
  return (shown[..<place] + [bar] + shown[place...]).joined(separator: "  ")
}

/// Returns a line for a log, without a newline.
func progressLine(_ facts: ProgressFacts) -> String {
  let parts = [
    facts.percent.map { "\($0)%" }, amount(facts), entries(facts), rate(facts),
    facts.secondsLeft.map { "\(durationText($0)) left" },
  ]
  return "unpacking: " + parts.compactMap { $0 }.joined(separator: ", ")
}

/// Returns the last line for a log, without a newline.
func progressEnd(_ facts: ProgressFacts) -> String {
  "unpacked: \(sizeText(facts.read)), \(entries(facts)), in \(durationText(Int64(facts.elapsed)))"
}

/// Returns a duration in its two largest units: "45s", "4m05s", "3h20m".
///
/// - Parameter seconds: the duration, 0 or more.
/// - Returns: one or two numbers with their units.
func durationText(_ seconds: Int64) -> String {
  func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return switch seconds {
  case ..<60: "\(seconds)s"
  case ..<3600: "\(seconds / 60)m\(padded(seconds % 60))s"
  default: "\(seconds / 3600)h\(padded(seconds / 60 % 60))m"
  }
}

// MARK: - Parts

/// A part of a line. If the line is too long, the part with the highest rank is left out first.
private struct Part {
  let text: String?
  let rank: Int

  init(_ text: String?, rank: Int) {
    self.text = text
    self.rank = rank
  }
}

/// Returns the texts of the parts that fit into `columns`.
private func fitting(_ parts: [Part], _ columns: Int) -> [String] {
  var shown = parts.filter { $0.text != nil }
  while shown.reduce(-2, { $0 + 2 + ($1.text?.count ?? 0) }) > columns,
    let last = shown.max(by: { $0.rank < $1.rank }), last.rank > 0
  {
    shown.removeAll { $0.rank == last.rank }
  }
  return shown.compactMap(\.text)
}

private func amount(_ facts: ProgressFacts) -> String {
  guard let total = facts.total else { return sizeText(facts.read) }
  let (read, whole) = (sizeText(facts.read), sizeText(total))
  let units = (read.split(separator: " ").last, whole.split(separator: " ").last)
  // The unit is not repeated.
  return units.0 == units.1
    ? "\(read.split(separator: " ")[0])/\(whole)" : "\(read)/\(whole)"
}

private func entries(_ facts: ProgressFacts) -> String {
  facts.entries == 1 ? "1 entry" : "\(facts.entries) entries"
}

private func rate(_ facts: ProgressFacts) -> String? {
  facts.isFlushing ? nil : "\(sizeText(Int64(facts.rate)))/s"
}
