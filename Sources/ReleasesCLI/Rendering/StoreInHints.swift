internal import ReleaseStore

/// Names the store in the commands that a hint says to type. Where --store said which, they would
/// otherwise go to another store.
///
/// - Parameter argument: as --store was given; nil where it was not.
func naming(store argument: String?, in text: String) -> String {
  guard let argument else { return text }
  let option = " --store \(quotedForShell(argument))"
  let commands = CommandTable.commands.filter { $0.group != .assist }.map(\.name)
  let words = text.split(separator: " ", omittingEmptySubsequences: false)
  return zip(words, words.dropFirst() + [""]).map { word, next in
    let isCommand = commands.contains { next.prefix { $0.isLetter } == $0 }
    return word.drop { $0 == "'" } == "releases" && isCommand ? word + option : String(word)
  }.joined(separator: " ")
}

extension ReleasesError {
  /// The same, with a hint that goes to the store that --store named.
  func naming(store argument: String?) -> ReleasesError {
    var named = ReleasesError(
      code, message, hint: hint.map { ReleasesCLI.naming(store: argument, in: $0) }, cause: cause,
      isLostWrite: isLostWrite)
    named.trace = trace
    return named
  }
}

/// As a shell takes it for one word.
func quotedForShell(_ text: String) -> String {
  let isPlain = text.unicodeScalars.allSatisfy {
    $0.properties.isAlphabetic || ("0"..."9").contains($0) || "/._-+:@".unicodeScalars.contains($0)
  }
  guard !isPlain else { return text }
  return "'"
    + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    + "'"
}
