import Foundation
import ModelTestSupport
import ReleaseModel
import Testing
import Text

@testable import ReleaseStore

/// What the journal records about instances.
@Suite struct InstanceJournalTests {
  private static let id = ReleaseID(String(repeating: "r", count: 64)) ?? "r"

  /// The longest layout that a configuration may have: four units of 64 bytes, paths of 107 bytes.
  private static var longestLayout: InstanceLayout {
    let socket = "/" + String(repeating: "s", count: 102) + "{id}"
    let live = "/" + String(repeating: "l", count: 106)
    return InstanceLayout(
      templates: (1...4).map { "\($0)" + String(repeating: "t", count: 62) + "@" },
      socket: socket, live: live, manager: .system)
  }

  private static func draining(_ layout: InstanceLayout) -> InstanceDrains {
    let actor = Actor(
      now: { .noon }, bootID: "01234567-89ab-cdef-0123-456789abcdef", pid: .max,
      processStart: .max, user: "u", commandLine: "c")
    return InstanceDrains(
      layout: layout,
      drains: (1...InstanceDrains.limit).map { _ in .init(id, by: actor, since: .max) })
  }

  private static func intent(_ character: String = "x") -> JournalEntry {
    let text = String(repeating: character, count: 3000)
    let actor = Actor(
      now: { .noon }, bootID: "01234567-89ab-cdef-0123-456789abcdef", pid: .max,
      processStart: .max, user: text, commandLine: text)
    let link = "releases/\(id)"
    var entry = Intent(
      operation: .rollback, id: id, from: id, before: LinkPair(current: link, previous: link),
      after: LinkPair(current: link, previous: link), confirm: true,
      instances: InstanceSwitch(
        layout: longestLayout, liveRuns: false, overlap: false,
        rehearsal: String(repeating: "h", count: 63) + "@")
    ).entry(sequence: .max - 1, actor)
    entry.mayPrepare = false
    entry.draining = draining(longestLayout)
    return entry
  }

  @Test(arguments: JournalSlotTests.characters)
  func `the longest allowed switch between instances fits its slot, and so does its end`(
    character: String
  ) throws {
    let intent = Self.intent(character)
    _ = try JournalSlots.slot(intent)
    let note = Message(String(repeating: character, count: 3000))
    _ = try JournalSlots.slot(intent.ended(.undone, sequence: .max, at: .noon, note: note))
  }

  @Test(arguments: JournalSlotTests.characters)
  func `the longest reason fits while as many instances drain as may`(character: String) throws {
    let text = String(repeating: character, count: 3000)
    var entry = Self.intent(character)
    entry.format = 1
    entry.instances = nil
    entry.newState = .ready
    entry.reason = JournalText.truncated(Message(text), to: JournalText.reason)
    _ = try JournalSlots.slot(entry)
    _ = try JournalSlots.slot(entry.ended(.done, sequence: .max, at: .noon, note: Message(text)))
  }

  @Test func `an entry keeps its instances and its drains`() throws {
    var entry = Self.intent()
    // A sequence near the largest number is taken for corrupt.
    entry.sequence = 9
    let slot = try JournalSlots.slot(entry)
    let file = slot + [UInt8](repeating: UInt8(ascii: " "), count: JournalSlots.slotSize)
    guard case .entry(let read, slot: 0) = JournalSlots.parse(file) else {
      Issue.record("not an entry")
      return
    }
    #expect(read == entry)
    #expect(read.instances?.layout == Self.longestLayout && read.draining?.drains.count == 4)
  }

  @Test func `only a switch between instances has format 2, also when it has ended`() throws {
    let entry = Self.intent()
    #expect(entry.format == 2)
    #expect(entry.ended(.done, sequence: 9, at: .noon).format == 2)
    #expect(JournalEntry.sample().format == 1)
    var plain = JournalEntry.sample()
    plain.draining = Self.draining(Self.longestLayout)
    #expect(plain.format == 1, "an older binary need not know what drains")
  }

  /// A binary that only knows format 1 refuses format 2 in the same way.
  @Test func `an entry of a newer format is refused, in whichever slot it is`() throws {
    var newer = JournalEntry.sample()
    newer.format = Layout.newestFormat + 1
    let old = try JournalSlots.slot(.sample(sequence: 99))
    for slots in [[try JournalSlots.slot(newer), old], [old, try JournalSlots.slot(newer)]] {
      #expect(JournalSlots.parse(slots.flatMap { $0 }) == .newer(format: Layout.newestFormat + 1))
    }
  }

  @Test func `an entry without instances has no members for them`() throws {
    let text = String(
      decoding: try StoreJSON.encoder().encode(JournalEntry.sample()), as: UTF8.self)
    #expect(!text.contains("instances") && !text.contains("draining"))
  }
}
