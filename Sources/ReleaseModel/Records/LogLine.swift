internal import FoundationEssentials
internal import Text

extension JournalEntry {
  /// Returns the line about an ended transaction for the host's log: `name=value` pairs that
  /// programs can parse, without unprintable characters.
  package func logLine(store: String) -> String {
    var members = [("operation", operation.rawValue)]
    if let id { members.append(("release", id.text)) }
    if let from, from != id { members.append(("from", from.text)) }
    if let outcome { members.append(("outcome", outcome.rawValue)) }
    // The transaction itself ended as requested, but its release failed.
    if operation.isSwitch, newState == .bad { members.append(("state", "bad")) }
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

  /// Whether the transaction is logged with the priority of a warning.
  package var isLoggedAsWarning: Bool { !isSuccess }

  private static func quoted(_ value: String) -> String {
    let safe = printable(value.utf8)
    guard safe.isEmpty || safe.contains(where: { " \"=\\".contains($0) }) else { return safe }
    return "\"" + safe.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
