import Foundation
import Testing

@testable import Linux

/// passwd(5), group(5) and the output of getent(1) are parsed.
@Suite struct AccountTests {
  private func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

  @Test func `a line of passwd with missing fields is read`() {
    #expect(
      Account(line: bytes("ann:x:1001:1002:Ann,,,:/home/ann:/bin/zsh"))
        == Account(name: "ann", group: 1002, home: "/home/ann", shell: "/bin/zsh"))
    #expect(
      Account(line: bytes("ann:x:1001"))
        == Account(name: "ann", group: nil, home: "", shell: ""))
    let others = ["#ann:x:1:0::/root:/bin/sh", "+ann:x:1:0:::", "-ann:x:1:0:::"]
    for line in ["", "ann", "ann:x", ":x:1:1::/:/bin/sh"] + others {
      #expect(Account(line: bytes(line)) == nil, "\(line)")
    }
  }

  @Test func `a group is private if no other user acts with its rights`() {
    let users = ["ann:x:1001:1001::/:", "bob:x:1002:100::/:", "eve:x:1003:100::/:", "+"]
    let groups = ["ann:x:1001:", "ops:x:1002:", "users:x:100:", "short:x:1001"]
    func isPrivate(_ group: GroupID, _ user: UserID, _ changed: [String]? = nil) -> Bool {
      Account.isPrivate(
        group: group, of: user, users: users.map(bytes), (changed ?? groups).map(bytes))
    }
    #expect(isPrivate(1001, 1001))
    #expect(isPrivate(1001, 1001, ["ann:x:1001:ann"]))
    #expect(!isPrivate(1001, 1001, ["ann:x:1001:ann,bob"]))
    #expect(!isPrivate(1001, 1002), "it is the group of another user")
    #expect(!isPrivate(100, 1002), "two users have it")
    #expect(!isPrivate(1002, 1002), "it is nobody's primary group")
  }

  @Test func `a user is in the groups that list exactly this name`() {
    let lines = [
      "ops:x:27:bob,ann", "none:x:28:", "near:x:29:annex,hann,an", "short:x:30",
      "bad:x:many:ann", "last:*:31:ann", "#gone:x:0:ann", "+:x:0:ann",
    ].map(bytes)
    #expect(Account.groups(listing: "ann", in: lines) == [27, 31])
    #expect(Account.groups(listing: "", in: lines) == [])
    let decomposed = bytes("ops:x:27:cafe\u{301}")
    #expect(Account.groups(listing: "caf\u{e9}", in: [decomposed]) == [], "names are bytes")
    let invalid = Array("ops:x:27:b".utf8) + [0xFE, UInt8(ascii: "d")]
    #expect(Account.groups(listing: "b\u{FFFD}d", in: [invalid[...]]) == [])
  }

  @Test(
    arguments: [
      ("ann                   27 31\n", [27, 31]), ("ann\n", []), ("ann                 \n", []),
      ("annex 27\n", nil), ("bob 27\n", nil), ("ann 27 x\n", nil), ("", nil),
      ("ann 99999999999\n", nil),
      ("ann 27 4294967295\n", [27]),
    ] as [(String, [GroupID]?)])
  func `the output of getent is parsed as groups`(answer: String, groups: [GroupID]?) {
    #expect(NameService.groups(in: Array(answer.utf8), of: "ann") == groups)
  }

  @Test func `getent runs with a fixed environment and must succeed`() throws {
    let scratch = try Scratch()
    func answering(_ script: String) throws -> [String] {
      let path = "\(scratch.path)/getent"
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(path).text"))
      // install(1) writes the script, since a child of a parallel test could inherit the open file,
      // and running the script would then fail (ETXTBSY).
      let install = try Process.run(
        URL(fileURLWithPath: "/usr/bin/install"),
        arguments: ["-m", "755", "\(path).text", path])
      install.waitUntilExit()
      return [scratch.path]
    }
    let programs = try answering(
      "echo \"$@\" > \(scratch.path)/asked; env > \(scratch.path)/env; echo 'ann:x:7:8::/h:/s'")
    #expect(NameService.account(of: 7, programs: programs)?.home == "/h")
    let root = try scratch.root()
    #expect(try root.text(of: "asked") == "-- passwd 7\n")
    #expect(try !root.text(of: "env").contains("HOME="))
    #expect(
      NameService.groups(of: "ann", programs: try answering("echo \"$3 4 5\"")) == [4, 5])
    for script in ["echo 'ann 4'; exit 2", "kill -9 $$"] {
      #expect(NameService.groups(of: "ann", programs: try answering(script)) == nil, "\(script)")
    }
    #expect(NameService.account(of: 7, programs: ["/nowhere"]) == nil)
  }

  @Test(
    arguments: [
      (4404, 4404, 4404), (4404, 4405, 65534), (4404, 0, 65534), (42, 42, 65534),
    ] as [(UInt32, UInt32, UInt32)])
  func `a user without an account gets no group of others`(
    owner: UInt32, group: UInt32, expected: UInt32
  ) {
    // Group 42 is shadow on Debian.
    var status = stat()
    (status.st_uid, status.st_gid) = (owner, group)
    #expect(Account.group(of: nil, directory: FileStatus(status)) == expected)
  }
}
