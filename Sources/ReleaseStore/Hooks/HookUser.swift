internal import Linux

/// Who hooks and health commands run as, as programs want to know it.
struct HookUser: Equatable {
  let name: String
  let home: String
  let shell: String

  /// - Parameters:
  ///   - user: the effective user.
  ///   - account: what the host knows of them; nil for nothing.
  ///   - caller: the caller's variables, where the caller is that user; nil where it is another.
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

  /// Of this process. Not before a hook runs: the process has become the store's owner by then, and
  /// no other command waits for a directory server.
  ///
  /// - Parameter variables: those of whoever called.
  static func current(_ variables: [String: String]) -> HookUser {
    HookUser(
      ProcessFacts.effectiveUser, account,
      caller: ProcessFacts.hasChangedUser ? nil : variables)
  }

  /// Asked for once: a health check tries often.
  private static let account: Account? = {
    let user = ProcessFacts.effectiveUser
    return Account.of(user) ?? NameService.account(of: user)
  }()
}
