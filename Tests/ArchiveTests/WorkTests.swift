import Foundation
import Linux
import Testing

@testable import Archive

/// Small archives that would keep a processor busy or fill the memory, were there no bounds.
struct WorkTests {
  private func accept(
    _ name: String, _ kind: Member.Kind, _ rule: inout AcceptanceRule
  ) throws -> [Placement] {
    try rule.accept(
      Member(
        name: Array(name.utf8), kind: kind, mode: 0o644, modified: FileTime(seconds: 0)))
  }

  /// All in one directory, all equal but for case: each was compared with all before it.
  @Test func `many spellings of one name are soon judged`() throws {
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

  /// Each link goes the whole way through the same chain of long ones.
  @Test func `many links through a long chain are soon judged`() throws {
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

  @Test func `all names and targets together have a limit`() throws {
    var limits = UnpackLimits()
    limits.names = 20
    let accepted: [[(String, Member.Kind)]] = [
      [("1234567890", .file(size: 0)), ("abcdefghij", .directory)],
      [("1234567890", .symbolicLink(target: Array("abcdefghij".utf8)))],
      [("123456", .file(size: 0)), ("12345678", .hardLink(target: Array("123456".utf8)))],
      [("12345/1234567/", .directory)],
    ]
    for members in accepted {
      var rule = AcceptanceRule(limits: limits)
      for (name, kind) in members { _ = try accept(name, kind, &rule) }
      let code = failure { _ = try accept("abc", .directory, &rule) }
      #expect(code == .rejected(.metadataTooLarge), "\(members)")
    }
  }

  /// A worker that was taken over can't fill the memory of the process that started it.
  @Test func `more than the limits allow is not taken from a worker`() throws {
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
