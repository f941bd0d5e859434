internal import Linux
internal import Text

/// The user that hooks and health commands run as, for their variables `USER`, `HOME` and `SHELL`.
struct HookUser: Equatable {
  let name: String
  let home: String
  let shell: String

  /// Prefers the host's account to the caller's variables.
  ///
  /// - Parameters:
  ///   - user: the effective user.
  ///   - account: the host's account of that user; nil where the host has none.
  ///   - caller: the caller's variables; nil where the caller is another user.
  init(_ user: UserID, _ account: Account?, caller: [String: String]?) {
    func told(_ names: String...) -> String? {
      names.lazy.compactMap { caller?[$0] }.first { !$0.isEmpty }
    }
    guard let account else {
      name = told("USER", "LOGNAME") ?? "\(user)"
      home = told("HOME").flatMap { $0.isAbsolutePath ? $0 : nil } ?? "/"
      shell = told("SHELL").flatMap { $0.isAbsolutePath ? $0 : nil } ?? "/bin/sh"
      return
    }
    name = account.name
    home = account.home.isEmpty ? "/" : account.home
    shell = account.shell.isEmpty ? "/bin/sh" : account.shell
  }

  /// Returns the user of this process. Call it only when a hook runs: the process has become the
  /// store's owner by then, and other commands don't wait for a directory server.
  ///
  /// - Parameter variables: the caller's variables.
  static func current(_ variables: [String: String]) -> HookUser {
    HookUser(
      ProcessFacts.effectiveUser, account,
      caller: ProcessFacts.hasChangedUser ? nil : variables)
  }

  /// Looked up once, since a health check retries often.
  private static let account: Account? = {
    let user = ProcessFacts.effectiveUser
    return Account.of(user) ?? NameService.account(of: user)
  }()
}
