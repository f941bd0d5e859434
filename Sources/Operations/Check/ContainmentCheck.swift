internal import Archive
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport

extension Check {
  /// Reports which sandbox layers hold around an unpacker, by starting one that enters them. Also
  /// reports whether bind mounts are detected and whether enough files can be open.
  ///
  /// - Throws: ``ReleasesError`` when no worker can be started, or the store can't be looked at.
  func containment(_ store: Store) throws(ReleasesError) -> [Finding] {
    try sandbox(store) + mountIdentities(store) + openFiles
  }

  private func sandbox(_ store: Store) throws(ReleasesError) -> [Finding] {
    let subject = "containment"
    let state: Sandbox.State
    do throws(ArchiveError) {
      state = try SandboxedUnpacker(options: UnpackOptions()).probe(confinedTo: store.root)
    } catch {
      let failure = ReleasesError(error)
      throw ReleasesError(
        failure.code, "no archive can be unpacked: \(failure.message)", hint: failure.hint,
        cause: failure.cause)
    }
    guard state.missing.isEmpty else {
      return state.warnings.map { finding(subject, .warning, $0, hint: Self.sandboxHint) }
    }
    let names = state.layers.map(\.rawValue).joined(separator: ", ")
    return [finding(subject, .ok, "archives are unpacked behind \(names)")]
  }

  private static let sandboxHint: Hint = """
    unpack only archives that you trust; Landlock needs Linux 5.13 with lsm=landlock, and a \
    container or systemd unit must not block the call in this message
    """

  /// How many files a deployment with hooks, a signature and deep directories has open at once.
  private static let enoughFiles = 64

  private var openFiles: [Finding] {
    let limit = ProcessFacts.descriptorLimit
    if limit >= Self.enoughFiles { return [] }
    return [
      finding(
        "open files", .warning,
        "too many open files: a command may need \(Self.enoughFiles), and the limit is \(limit)",
        hint: tooManyOpenFilesHint)
    ]
  }

  private func mountIdentities(_ store: Store) throws(ReleasesError) -> [Finding] {
    let mount = try attempting("can't look at \(store.path)") { () throws(SystemError) in
      try store.root.mountIdentity()
    }
    if mount.isExact { return [] }
    return [
      finding(
        "mounts", .warning, "bind mounts beneath the store are not detected",
        hint: Hint(
          "this host must allow statx, name_to_handle_at or /proc/self/fdinfo",
          shell: "mount -t proc proc /proc"))
    ]
  }
}

extension Sandbox.State {
  /// One warning for each missing layer, with the reason.
  var warnings: [String] {
    missing.map { "archives are unpacked without \($0.layer.rawValue): \($0.reason)" }
  }
}
