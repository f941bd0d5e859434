/// The format of a result on standard output.
enum OutputFormat: String, Sendable, CaseIterable {
  case text
  case json
  /// Text, with errors as annotations of GitHub Actions.
  case github

  /// Returns the format that invalid arguments select, so that their error can be printed in it.
  static func requested(by arguments: [String]) -> OutputFormat {
    let options = arguments.prefix { $0 != "--" }
    if options.contains("--json") || options.contains("--output=json") { return .json }
    if zip(options, options.dropFirst()).contains(where: { $0 == "--output" && $1 == "json" }) {
      return .json
    }
    return .text
  }
}
