internal import Archive
internal import Linux

extension Check {
  /// Which sandbox layers hold around an unpacker, found out by one that enters them; and what else
  /// this host's kernel does not tell.
  func containment(_ store: Store) throws(ReleasesError) -> [Finding] {
    try sandbox(store) + mountIdentities(store) + openFiles
  }

  private func sandbox(_ store: Store) throws(ReleasesError) -> [Finding] {
    let subject = "containment"
    let state: Containment.State
    do throws(ArchiveError) {
      state = try ContainedUnpacker(options: UnpackOptions()).probe(confinedTo: store.root)
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

  private static let sandboxHint =
    "unpack only archives that you trust; Landlock needs Linux 5.13 with lsm=landlock, and a"
    + " container or systemd unit must not filter what is named"

  /// What a deploy with hooks, a signature and deep directories has open at once.
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
        "mounts", .warning, "bind mounts beneath the store are not noticed",
        hint: "this host must allow statx, name_to_handle_at or /proc/self/fdinfo: mount -t proc"
          + " proc /proc")
    ]
  }
}

extension Containment.State {
  /// What a person should know: each layer that is missing, and why.
  var warnings: [String] {
    missing.map { "archives are unpacked without \($0.layer.rawValue): \($0.reason)" }
  }
}
