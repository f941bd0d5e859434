import Linux
import Testing

@testable import HostPrograms

/// The user in the variables of hooks.
@Suite struct HookUserTests {
  private let caller = [
    "USER": "ann", "LOGNAME": "login", "HOME": "/home/ann", "SHELL": "/bin/zsh",
  ]

  private func told(
    _ account: Account?, _ caller: [String: String]?
  ) -> [String] {
    let user = HookUser(4711, account, caller: caller)
    return [user.name, user.home, user.shell]
  }

  @Test func `the host's account takes precedence over the caller's variables`() {
    let account = Account(name: "deploy", group: 1, home: "/srv", shell: "/bin/dash")
    #expect(told(account, caller) == ["deploy", "/srv", "/bin/dash"])
    let bare = Account(name: "deploy", group: nil, home: "", shell: "")
    #expect(told(bare, caller) == ["deploy", "/", "/bin/sh"])
  }

  @Test func `the caller's variables are used when the host has no account`() {
    #expect(told(nil, caller) == ["ann", "/home/ann", "/bin/zsh"])
    #expect(told(nil, ["LOGNAME": "login", "USER": ""]) == ["login", "/", "/bin/sh"])
    #expect(told(nil, ["HOME": "here", "SHELL": "zsh"]) == ["4711", "/", "/bin/sh"])
  }

  @Test func `root's variables are not used for another user`() {
    #expect(told(nil, nil) == ["4711", "/", "/bin/sh"])
  }
}
