import Foundation
import Linux
import Testing

@testable import Archive

/// Small archives that would use much processor time or memory without limits.
struct WorkLimitTests {
  private func accept(
    _ name: String, _ kind: Member.Kind, _ rule: inout AcceptanceRule
  ) throws -> [Placement] {
    try rule.accept(
      Member(
        name: Array(name.utf8), kind: kind, mode: 0o644, modified: FileTime(seconds: 0)))
  }

  /// All names are in one directory and differ only in case.
  @Test func `many spellings of one name are checked quickly`() throws {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    var rule = AcceptanceRule()
    let letters = Array("abcdefghijklmnop".utf8)
    for number in 0..<60_000 {
      let name = letters.indices.map { letters[$0] ^ (number >> $0 & 1 == 1 ? 0x20 : 0) }
      _ = try accept(String(decoding: name, as: UTF8.self), .file(size: 0), &rule)
    }
    #expect(throws: Never.self) { try rule.finish() }
  }

  /// Each link passes through the same chain of links with long targets.
  @Test func `many links through a long chain are checked quickly`() throws {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    var rule = AcceptanceRule()
    _ = try accept("d", .directory, &rule)
    let detour = String(repeating: "d/../", count: 800)
    for number in 0..<38 {
      let target = Array("\(detour)c\(number + 1)".utf8)
      _ = try accept("c\(number)", .symbolicLink(target: target), &rule)
    }
    for number in 0..<20_000 {
      _ = try accept("l\(number)", .symbolicLink(target: Array("c0".utf8)), &rule)
    }
    #expect(throws: Never.self) { try rule.finish() }
  }

  @Test func `the total length of names and targets is limited`() throws {
    var limits = UnpackLimits()
    limits.names = 20
    let accepted: [[(String, Member.Kind)]] = [
      [("1234567890", .file(size: 0)), ("abcdefghij", .directory)],
      [("1234567890", .symbolicLink(target: Array("abcdefghij".utf8)))],
      [("123456", .file(size: 0)), ("12345678", .hardLink(target: Array("123456".utf8)))],
      [("12345/1234567/", .directory)],
    ]
    for members in accepted {
      var rule = AcceptanceRule(UnpackOptions(limits: limits))
      for (name, kind) in members { _ = try accept(name, kind, &rule) }
      let code = failure { _ = try accept("abc", .directory, &rule) }
      #expect(code == .rejected(.metadataTooLarge), "\(members)")
    }
  }

  /// A compromised worker can't fill the memory of the process that has started it.
  @Test func `reports of a worker beyond the limits are rejected`() throws {
    var options = UnpackOptions()
    (options.limits.entries, options.limits.names) = (3, 100)
    let long = String(repeating: "n", count: 60)
    for (names, isTooMuch) in [
      (["a", "b", "c", "."], false), (["a", "b", "c", "d", "."], true), ([long, "."], false),
      ([long, long + "2"], true),
    ] {
      let stage = try TestStage()
      let messages = stage.parent.url.appending(path: "messages")
      var bytes = WorkerMessage.sandboxed(Sandbox.State()).encoded()
      for name in names {
        let entry = TreeEntry(
          path: name, content: .directory, permissions: 0o755, modified: FileTime(seconds: 0))
        bytes += WorkerMessage.written(.entry(entry)).encoded()
      }
      try Data(bytes + WorkerMessage.finished(warnings: []).encoded()).write(to: messages)
      var unpacker = SandboxedUnpacker(options: options)
      unpacker.program = "/bin/sh"
      unpacker.arguments = ["sh", "-c", "cat '\(messages.path)'; cat >/dev/null"]
      let code = failure {
        _ = try unpacker.unpack(
          from: try Descriptor.open("/dev/null"), into: try Descriptor.openDirectory("/"))
      }
      #expect(
        code == (isTooMuch ? .workerEnded("reported more than the limits permit") : nil), "\(names)"
      )
    }
  }
}
