import ModelTestSupport
import ReleaseModel
import Testing
import Text

@testable import ReleaseStore

/// An entry fits its slot until the transaction ends, or is refused before anything changes.
@Suite struct JournalSlotTests {
  /// Characters that take several bytes in JSON or UTF-8, or that Swift counts as one.
  static let characters = [
    "x", "\u{1}", "\n", "\"", "\\", "\u{7F}", "/", "é", "日", "👩‍👩‍👧‍👦", "\u{2028}",
    "a" + String(repeating: "\u{301}", count: 400),
  ]

  private static let id = ReleaseID(String(repeating: "r", count: 64)) ?? "r"
  private static let plainLink = "/srv/" + String(repeating: "s", count: 120) + "/releases/\(id)"

  private static func intent(_ character: String, links: String) -> JournalEntry {
    let text = String(repeating: character, count: 3000)
    let actor = Actor(
      now: { .noon }, bootID: "01234567-89ab-cdef-0123-456789abcdef", pid: .max,
      processStart: .max, user: text, commandLine: text)
    let pair = LinkPair(current: links, previous: links)
    let intent = Intent(
      operation: .initialize, id: id, from: id, before: pair, after: pair, confirm: false,
      newState: .preparing, reason: Message(text), stage: "\(actor.bootID)-01234567")
    var entry = intent.entry(sequence: .max - 1, actor)
    entry.mayPrepare = false
    return entry
  }

  @Test(arguments: characters) func `an entry with long texts fits its slot`(character: String)
    throws
  {
    _ = try JournalSlots.slot(Self.intent(character, links: Self.plainLink))
  }

  /// Otherwise neither the command nor recovery could close the transaction.
  @Test(arguments: characters) func `an intent that fits also fits when it ends`(character: String)
    throws
  {
    var fitted = 0
    for length in stride(from: 0, to: 1500, by: 3) {
      let links = String(repeating: "l", count: length)
      let intent = Self.intent(character, links: links)
      guard (try? JournalSlots.slot(intent)) != nil else { break }
      fitted += 1
      for outcome in [JournalEntry.Outcome.done, .failed, .finished, .undone] {
        let done = intent.ended(
          outcome, sequence: .max, at: .noon,
          note: Message(String(repeating: character, count: 3000)))
        #expect(throws: Never.self, "links of \(length) bytes") { try JournalSlots.slot(done) }
      }
    }
    #expect(fitted > 60)
  }

  @Test func `an entry that does not fit is refused with a hint`() throws {
    let intent = Self.intent("x", links: String(repeating: "l", count: 2000))
    let error = #expect(throws: ReleasesError.self) { try JournalSlots.slot(intent) }
    #expect(error?.code == .failed)
    #expect(error?.hint?.text.text.contains("shorten the targets") == true)
  }

  @Test(arguments: characters) func `a text that is cut ends with an ellipsis`(character: String)
    throws
  {
    let entry = Self.intent(character, links: "l")
    for text in [entry.reason ?? "", entry.commandLine, entry.user] {
      #expect(text.unicodeScalars.last == "…")
      #expect(text.unicodeScalars.count > 1)
    }
  }

  @Test func `a text of ordinary length is not cut`() throws {
    for text in ["", "because", String(repeating: "é", count: 240), "line\nbreak \"quoted\""] {
      let entry = Intent(
        operation: .mark, before: LinkPair(), after: LinkPair(), reason: Message(text)
      ).entry(
        sequence: 1,
        Actor(
          now: { .noon }, bootID: "b", pid: 1, processStart: 1, user: "deploy",
          commandLine: "releases"))
      #expect(entry.reason == text.replacing("\n", with: " "))
      #expect(entry.user == "deploy" && entry.commandLine == "releases")
    }
  }
}
