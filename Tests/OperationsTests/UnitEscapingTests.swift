import Foundation
import TestSupport
import Testing

@testable import Operations

/// The names of units for paths; see systemd-escape(1).
@Suite struct UnitEscapingTests {
  @Test(arguments: [
    ("/opt/diting", "opt-diting"), ("/", "-"), ("/srv/my-app", #"srv-my\x2dapp"#),
    ("/.hidden/x", #"\x2ehidden-x"#), ("/srv/é", #"srv-\xc3\xa9"#), ("/a.b/c_d:e", "a.b-c_d:e"),
    ("/with space", #"with\x20space"#),
  ])
  func `a path is escaped as systemd does`(path: String, name: String) throws {
    #expect(unitEscaped(path) == name)
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-escape") else { return }
    let asked = try Program.run(["systemd-escape", "--path", path])
    #expect(asked.output == name + "\n")
  }
}
