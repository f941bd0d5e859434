/// How a result is written to standard output.
enum OutputFormat: String, Sendable, CaseIterable {
  case text
  case json
  /// Annotations and step outputs of GitHub Actions.
  case github

  /// Returns the format that the arguments ask for, where they are not understood as a whole.
  static func requested(by arguments: [String]) -> OutputFormat {
    let options = arguments.prefix { $0 != "--" }
    if options.contains("--json") || options.contains("--output=json") { return .json }
    if zip(options, options.dropFirst()).contains(where: { $0 == "--output" && $1 == "json" }) {
      return .json
    }
    return .text
  }
}
