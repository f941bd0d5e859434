internal import CommandLineKit
internal import ReleaseModel
internal import Text

extension Invocation {
  /// The output format that `--json` and `--output` select.
  var format: OutputFormat {
    if flag(.json) { return .json }
    return value(.output).flatMap(OutputFormat.init) ?? .text
  }

  /// Returns the value of an option that takes a positive number; nil if it was not given.
  ///
  /// - Throws: `usage` for 0.
  func positive(_ name: Option.Name) throws(ReleasesError) -> Int? {
    guard let number = number(name) else { return nil }
    if number > 0 { return number }
    throw ReleasesError(
      .usage, "\(name.long) takes a whole number above 0",
      hint: Hint("see the help", command: helpCommand))
  }

  /// Returns how long to wait for the lock, in seconds.
  ///
  /// - Throws: `usage` for a value that is not a duration.
  func waitSeconds() throws(ReleasesError) -> Double {
    Double(try duration(.wait)?.seconds ?? 30)
  }

  /// Returns the value of an option that takes a duration; nil if it was not given.
  ///
  /// - Throws: `usage` for a value that is not a duration.
  func duration(_ name: Option.Name) throws(ReleasesError) -> TimeSpan? {
    guard let text = value(name) else { return nil }
    if let span = TimeSpan(parsing: text) { return span }
    throw ReleasesError(
      .usage, "\(name.long) takes a duration such as 90s, 5m or 7d, not \(text)",
      hint: Hint("see the help", command: helpCommand))
  }

  /// Refuses a ref that would fill the lines of every list.
  ///
  /// - Throws: `usage` for such a ref.
  func refuseLongRef() throws(ReleasesError) {
    let limit = 255
    guard let ref = value(.ref), ref.utf8.count > limit else { return }
    throw ReleasesError(
      .usage, "\(Option.Name.ref.long) takes at most \(limit) bytes, not \(ref.utf8.count)",
      hint: Hint("see the help", command: helpCommand))
  }

  /// The arguments that show the help of this command.
  var helpCommand: [String] { ["help", command.name] }
}

extension ReleasesError {
  /// Creates the error for an invalid command line.
  init(_ error: UsageError) {
    let suggestion = error.suggestion.map { "did you mean \($0)? " } ?? ""
    self.init(
      .usage, Message(error.message),
      hint: Hint("\(suggestion)\(error.purpose)", command: error.command))
  }
}
