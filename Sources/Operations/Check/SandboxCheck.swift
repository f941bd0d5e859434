internal import Archive
internal import Linux
internal import ReleaseModel
internal import ReleaseStore
internal import StoreSupport
internal import Text

extension Check {
  /// Reports which sandbox layers this host supports, by starting an unpack worker that enters them.
  /// Also reports whether bind mounts are detected and whether enough files can be open.
  ///
  /// - Throws: ``ReleasesError`` when no worker can be started, or the store can't be read.
  func sandbox(_ store: Store) throws(ReleasesError) -> [Finding] {
    try layers(store) + mountIdentities(store) + openFiles
  }

  private func layers(_ store: Store) throws(ReleasesError) -> [Finding] {
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
    return [finding(subject, .ok, "archives are unpacked in a sandbox: \(names)")]
  }

  private static let sandboxHint: Hint = """
    unpack only trusted archives, or allow the system call in the container or systemd unit \
    (Landlock needs Linux 5.13 with lsm=landlock)
    """

  /// How many files a deployment with hooks, a signature and deep directories has open at once.
  private static let enoughFiles = 64

  private var openFiles: [Finding] {
    let limit = ProcessFacts.descriptorLimit
    if limit >= Self.enoughFiles { return [] }
    return [
      finding(
        "open files", .warning,
        "the limit of open files is \(limit), but a command may need \(Self.enoughFiles)",
        hint: tooManyOpenFilesHint)
    ]
  }

  private func mountIdentities(_ store: Store) throws(ReleasesError) -> [Finding] {
    let mount = try withErrorMessage("can't identify the mount of \(path: store.path)") {
      () throws(SystemError) in
      try store.root.mountIdentity()
    }
    if mount.isExact { return [] }
    return [
      finding(
        "mounts", .warning, "bind mounts beneath the store are not detected",
        hint: Hint(
          "allow statx(2) or name_to_handle_at(2) on this host, or mount /proc",
          shell: "mount -t proc proc /proc"))
    ]
  }
}

extension Sandbox.State {
  /// The warnings, one for each missing layer, with the reason.
  var warnings: [Message] {
    missing.map { "archives are unpacked without \($0.layer.rawValue): \($0.reason)" }
  }
}
