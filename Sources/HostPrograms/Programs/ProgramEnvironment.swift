internal import Linux
internal import ReleaseModel

/// The environment variables of hooks and health commands. They depend on the caller only where
/// ``isPassedOn(_:)`` says so.
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
    var variables = caller.filter { Self.isPassedOn($0.key) }
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

  /// Whether a variable of the caller is passed on: only language, time zone and proxies are.
  private static func isPassedOn(_ name: String) -> Bool {
    name == "LANG" || name == "TZ" || name.hasPrefix("LC_") || name.hasSuffix("_proxy")
      || name.hasSuffix("_PROXY")
  }
}
