package import Text

/// Limits the lengths of the texts of a journal entry, so that the entry always fits its slot. Any
/// user may read them in the history. The limits apply to the texts as JSON, in which a control
/// character takes six bytes, and what Swift calls one character may take hundreds.
package enum JournalText {
  /// The limit of a reason in bytes: 240 characters of any script that people write.
  package static let reason = 720
  /// The limit of the command line in bytes. It mostly repeats other members of the entry.
  static let commandLine = 480
  /// The limit of a note in bytes.
  package static let note = 480
  /// The limit of the user's name in bytes.
  static let user = 96

  /// Returns the text of a message that takes at most `limit` bytes as JSON, with an ellipsis if
  /// it was truncated.
  package static func truncated(_ message: Message, to limit: Int) -> String {
    // The rest can't be among what is kept, and masking takes its time.
    let text = message.beginning(8 * limit).text
    var length = 0
    var end = text.startIndex
    for index in text.unicodeScalars.indices {
      if length <= limit - ellipsis.utf8.count { end = index }
      length += jsonLength(text.unicodeScalars[index])
      if length > limit { return text[..<end] + ellipsis }
    }
    return text
  }

  /// Returns the words of a note that say that a switch was rolled back to a release.
  package static func liveAgain(_ id: ReleaseID) -> Message { "\(id) is live again" }

  private static let ellipsis = "…"

  /// Returns how many bytes a character takes as JSON, at most.
  private static func jsonLength(_ scalar: Unicode.Scalar) -> Int {
    switch scalar {
    case "\"", "\\": 2
    case ..<" ", "\u{7F}": 6
    default: UTF8.width(scalar)
    }
  }
}
