internal import Linux
internal import ReleaseModel

/// The environment variables of hooks and health commands. They depend on the caller only where
/// ``passedOn`` says so.
struct ProgramEnvironment {
  /// The directories in which the programs of these commands are looked up.
  static let searchPath = HostProgram.allDirectories

  let variables: [String: String]

  /// - Parameters:
  ///   - name: the ID of the release that the program runs for.
  ///   - tree: the full path of the release.
  ///   - store: the full path of the store.
  ///   - previous: the release for `RELEASES_PREVIOUS`; nil when there is none.
  ///   - event: the value of `RELEASES_EVENT`.
  ///   - ref: the ref of the release; nil when it has none.
  ///   - caller: the caller's environment variables.
  init(
    of name: String, tree: String, store: String, previous: ReleaseID?, event: String,
    ref: String?, caller: [String: String]
  ) {
    var variables = caller.filter { Self.passedOn.contains($0.key) }
    if ProcessFacts.hasChangedUser {
      // The caller is root. The owner of the store needs the proxies, and not root's password for them.
      variables = variables.filter { !$0.value.contains("@") }
    }
    let user = HookUser.current(caller)
    variables["PATH"] = Self.searchPath.joined(separator: ":")
    variables["USER"] = user.name
    variables["LOGNAME"] = user.name
    variables["HOME"] = user.home
    variables["SHELL"] = user.shell
    variables["RELEASES_STORE"] = store
    variables["RELEASES_ID"] = name
    variables["RELEASES_PATH"] = tree
    variables["RELEASES_PREVIOUS"] = previous?.text ?? ""
    variables["RELEASES_EVENT"] = event
    variables["RELEASES_REF"] = ref ?? ""
    self.variables = variables
  }

  /// The variables of the caller that are passed on: language, time zone and proxies. Each one has
  /// its full name here, since the SSH servers of most distributions accept any `LC_` from a client.
  private static let passedOn: Set = [
    "LANG", "LC_ALL", "LC_ADDRESS", "LC_COLLATE", "LC_CTYPE", "LC_IDENTIFICATION",
    "LC_MEASUREMENT", "LC_MESSAGES", "LC_MONETARY", "LC_NAME", "LC_NUMERIC", "LC_PAPER",
    "LC_TELEPHONE", "LC_TIME", "TZ", "http_proxy", "https_proxy", "ftp_proxy", "all_proxy",
    "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
  ]
}
