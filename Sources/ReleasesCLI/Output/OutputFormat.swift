/// The format of a result on standard output.
enum OutputFormat: String, Sendable, CaseIterable {
  case text
  case json
  /// Text, with errors as annotations of GitHub Actions.
  case github

  /// Returns the format that invalid arguments select, so that their error can be printed in it.
  static func requested(by arguments: [String]) -> OutputFormat {
    let options = Array(arguments.prefix { $0 != "--" })
    if options.contains("--json") { return .json }
    for format in allCases {
      let isNamed = zip(options, options.dropFirst()).contains {
        $0 == "--output" && $1 == format.rawValue
      }
      if isNamed || options.contains("--output=\(format.rawValue)") { return format }
    }
    return .text
  }
}
