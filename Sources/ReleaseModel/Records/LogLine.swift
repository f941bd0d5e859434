internal import FoundationEssentials
internal import Text

extension JournalEntry {
  /// What the host's log gets to know of a transaction that has ended: one line that programs can
  /// take apart, with nothing in it that a terminal or a log could take for something else.
  package func logLine(store: String) -> String {
    var members = [("operation", operation.rawValue)]
    if let id { members.append(("release", id.text)) }
    if let from, from != id { members.append(("from", from.text)) }
    if let outcome { members.append(("outcome", outcome.rawValue)) }
    members.append(("user", user))
    if let finished {
      let tenths = Int64((finished.timeIntervalSince(started) * 10).rounded())
      members.append(("seconds", "\(tenths / 10).\(tenths % 10)"))
    }
    members.append(("store", store))
    if let reason { members.append(("reason", reason)) }
    if let note { members.append(("note", note)) }
    return members.map { name, value in "\(name)=\(Self.quoted(value))" }.joined(separator: " ")
  }

  /// Whether the host's log gets the transaction as a warning.
  package var isLoggedAsWarning: Bool { outcome != .done && outcome != .finished }

  private static func quoted(_ value: String) -> String {
    let safe = printable(value.utf8)
    guard safe.isEmpty || safe.contains(where: { " \"=\\".contains($0) }) else { return safe }
    return "\"" + safe.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
