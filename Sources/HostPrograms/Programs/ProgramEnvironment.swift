internal import Linux
internal import ReleaseModel

/// What hooks and health commands get to know: the same wherever and by whoever they are run.
struct ProgramEnvironment {
  /// Where their programs are searched.
  static let searchPath = HostProgram.allDirectories

  let variables: [String: String]

  /// - Parameters:
  ///   - tree: the full path of the release.
  ///   - caller: the variables of whoever called.
  init(
    of id: ReleaseID, tree: String, store: String, previous: ReleaseID?, event: String,
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
    variables["RELEASES_ID"] = id.text
    variables["RELEASES_PATH"] = tree
    variables["RELEASES_PREVIOUS"] = previous?.text ?? ""
    variables["RELEASES_EVENT"] = event
    variables["RELEASES_REF"] = ref ?? ""
    self.variables = variables
  }

  /// Language, time zone and the way to the outside are the caller's own.
  private static func isPassedOn(_ name: String) -> Bool {
    name == "LANG" || name == "TZ" || name.hasPrefix("LC_") || name.hasSuffix("_proxy")
      || name.hasSuffix("_PROXY")
  }
}
