/// A hint reader is the person or program that a hint is printed for. It decides how the command of
/// the hint is written, and whether it is given as one that the reader can run.
package struct HintReader: Sendable {
  /// The store that commands name with `--store`; nil for the default store.
  package let store: String?
  /// The limits of the reader; nil for a reader with a shell on the host.
  package let limits: Limits?

  /// What a reader may run who has no shell on the host.
  package struct Limits: Sendable {
    /// The path of the store, which a person on the host names with `--store`.
    package let hostStore: String
    /// Returns whether the reader may run a command line of this tool.
    package let permits: @Sendable (String) -> Bool

    package init(hostStore: String, permits: @escaping @Sendable (String) -> Bool) {
      self.hostStore = hostStore
      self.permits = permits
    }
  }

  package init(store: String?, limits: Limits? = nil) {
    self.store = store
    self.limits = limits
  }

  /// A reader with a shell on the host, whose store is the default store.
  package static let local = HintReader(store: nil)
}

extension Hint.Command {
  /// Returns the command as a line for a shell on the host.
  fileprivate func line(store: String?) -> String {
    switch self {
    case .releases(let arguments):
      let option = store.map { ["--store", $0.shellWord] } ?? []
      return (["releases"] + option + arguments.map(\.shellWord)).joined(separator: " ")
    case .shell(let line): return line
    }
  }

  /// Returns the command as a reader with limits sends it, whose archives come from standard input.
  fileprivate var sent: (request: String, line: String) {
    guard case .releases(let arguments) = self, arguments.contains(Self.archive) else {
      let line = line(store: nil)
      return (line, line)
    }
    let words = arguments.map { $0 == Self.archive ? "-" : $0 }
    let request = Self.releases(words).line(store: nil)
    return (request, "\(request) <\(Self.archive)")
  }

  /// The word for an archive that only the reader has.
  private static let archive = "ARCHIVE"
}

extension HintReader {
  /// What becomes of the command of a hint for this reader.
  enum Rendering: Equatable {
    /// A line that the reader can run.
    case command(String)
    /// A line that only a person with a shell on the host can run.
    case forOperator(String)
  }

  /// Returns what becomes of a command for this reader.
  func rendering(of command: Hint.Command) -> Rendering {
    guard let limits else { return .command(command.line(store: store)) }
    let sent = command.sent
    return limits.permits(sent.request)
      ? .command(sent.line) : .forOperator(command.line(store: limits.hostStore))
  }
}
