extension String {
  /// The text in single quotes, as one word of a POSIX shell. Quotes are found as scalars, since a
  /// combining mark after a quote does not hide it from the shell.
  package var shellQuoted: String {
    let parts = unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
  }
}
