internal import Linux
internal import Text

/// The user that hooks and health commands run as, for their variables `USER`, `HOME` and `SHELL`.
struct HookUser: Equatable {
  let name: String
  let home: String
  let shell: String

  /// Takes the facts from the host's account, otherwise from the caller's variables.
  ///
  /// - Parameters:
  ///   - user: the effective user.
  ///   - account: the account of that user; nil when the host has none.
  ///   - caller: the caller's environment variables; nil when the caller is another user.
  init(_ user: UserID, _ account: Account?, caller: [String: String]?) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { caller?[$0] }.first { !$0.isEmpty }
    }
    guard let account else {
      name = value("USER", "LOGNAME") ?? "\(user)"
      home = value("HOME").flatMap { $0.isAbsolutePath ? $0 : nil } ?? "/"
      shell = value("SHELL").flatMap { $0.isAbsolutePath ? $0 : nil } ?? "/bin/sh"
      return
    }
    name = account.name
    home = account.home.isEmpty ? "/" : account.home
    shell = account.shell.isEmpty ? "/bin/sh" : account.shell
  }

  /// Returns the user of this process. It must be called only when a hook runs: by then, the process
  /// has become the store's owner, and other commands must not wait for a directory server.
  ///
  /// - Parameter variables: the caller's environment variables.
  /// - Returns: the user that hooks run as.
  static func current(_ variables: [String: String]) -> HookUser {
    HookUser(
      ProcessFacts.effectiveUser, account,
      caller: ProcessFacts.hasChangedUser ? nil : variables)
  }

  /// The account of this process. It is looked up once, since a health check retries often.
  private static let account: Account? = {
    let user = ProcessFacts.effectiveUser
    return Account.of(user) ?? NameService.account(of: user)
  }()
}
