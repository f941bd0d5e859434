internal import Text

// What the store contains, what its configuration names, and what was left behind.

// MARK: - Releases

extension StoreFacts {
  var releaseFindings: [StoreFinding] {
    let missing = snapshot.newestFirst.map(\.id).filter { !snapshot.directories.contains($0) }
    let corrupt = snapshot.catalog.corrupt.sorted { $0.text < $1.text }
    var findings = missing.map {
      StoreFinding(
        .releaseMissing, .problem, $0, "the directory of release \($0) is missing",
        hint: hint(forMissing: $0))
    }
    findings += corrupt.map {
      StoreFinding(
        .catalogCorrupt, .problem, $0, "the catalog entry of \($0) is corrupt",
        hint: snapshot.directories.contains($0)
          ? Hint("adopt the release again", command: ["init"])
          : Hint("there is no such release; remove its entry", command: ["remove", $0.text]))
    }
    findings += unsafeReleases.map { id, error in
      StoreFinding(
        .releaseUnsafe, id == snapshot.live ? .problem : .warning, id,
        "a switch to \(id) would be refused: \(error.line)", hint: error.hint, refusal: error.code)
    }
    if !adoptable.isEmpty {
      let names = adoptable.map(\.text).joined(separator: ", ")
      findings.append(
        StoreFinding(
          .notCataloged, .warning, nil, "no catalog entry for \(verbatim: names)",
          hint: adoptable.count == 1
            ? Hint("adopt it", command: ["init", "--adopt", names])
            : Hint("adopt them", command: ["init"])))
    }
    return findings + preparationFindings
  }

  /// The releases in preparation: the process that prepares a release holds the lock of its stage.
  private var preparationFindings: [StoreFinding] {
    guard let stages else { return [] }
    return snapshot.newestFirst.filter { $0.state == .preparing }.map { entry in
      guard let stage = stages.first(where: { $0.name == entry.stage && $0.isRunning }) else {
        return StoreFinding(
          .preparationInterrupted, .problem, entry.id,
          "the preparation of \(entry.id) was interrupted",
          hint: Hint("recover now", command: ["recover"]))
      }
      return StoreFinding(
        .preparing, .note, entry.id, "\(entry.id) is being prepared\(process(stage))",
        hint: Hint("follow it", command: ["status", "--watch"]))
    }
  }
}

// MARK: - What the configuration names

extension StoreFacts {
  var configurationFindings: [StoreFinding] {
    switchObstacles + programErrors.map { finding(about: $0) } + reserveFindings
      + configurationNotices.map {
        StoreFinding(.configurationIgnored, .warning, nil, $0.message, hint: $0.hint)
      }
  }

  private func hint(forMissing id: ReleaseID) -> Hint {
    if id == snapshot.current.namedRelease { return hint(forMissingLive: id) }
    if snapshot.catalog[id]?.pin != nil {
      return Hint("bring it back, or unpin it and remove its entry", command: ["unpin", id.text])
    }
    return Hint("remove its catalog entry", command: ["remove", id.text])
  }

  /// Returns the hint for the release that `current` names. Its entry must stay: the directory may only
  /// be on a disk that is not mounted.
  private func hint(forMissingLive id: ReleaseID) -> Hint {
    switchHint.map {
      Hint(
        "if it is on a disk that is not mounted, mount it; otherwise, \($0.text)", $0.command)
    } ?? Hint(forMissingLiveIn: "\(path)/\(Layout.releases)")
  }

  /// The findings about a file system that takes no changes.
  var mediumFindings: [StoreFinding] {
    switch medium {
    case .usable: []
    case .readOnly:
      [
        StoreFinding(
          .readOnly, "the file system of \(path: path) is mounted read-only",
          hint: Hint("see the mount", shell: "findmnt -T \(path.shellWord)"), refusal: .readOnly)
      ]
    case .full(let free):
      [
        StoreFinding(
          .noSpace, "the file system of \(path: path) is full: \(free) free",
          hint: Hint(toFreeSpace: "see which releases can be removed"),
          refusal: .noSpace)
      ]
    }
  }

  private var reserveFindings: [StoreFinding] {
    guard let reserve = unreachableReserve else { return [] }
    let file = "\(path)/\(Layout.configuration)"
    return [
      StoreFinding(
        .minFreeUnreachable,
        "\(reserve.key) in \(verbatim: file) is \(reserve.demanded), but the file system has only"
          + " \(reserve.total) in total: no release can be unpacked",
        hint: Hint("lower it; see the size of the file system", shell: "df -h \(path.shellWord)"),
        refusal: .noSpace)
    ]
  }

  /// What makes every switch fail.
  var switchObstacles: [StoreFinding] {
    directoryFindings + switchErrors.map { finding(about: $0) }
      + brokenSharedPaths.map { finding(about: $0) }
  }

  private var directoryFindings: [StoreFinding] {
    let parts = partsError.map {
      StoreFinding(.wrongOwner, $0.line, hint: $0.hint, refusal: $0.code)
    }
    let above = directoryError.map {
      StoreFinding(
        .releaseUnsafe, "every switch would be refused: \($0.line)", hint: $0.hint, refusal: $0.code
      )
    }
    return [parts, above].compactMap { $0 }
  }

  private func finding(about error: ReleasesError) -> StoreFinding {
    StoreFinding(
      error.code == .configuration ? .configurationInvalid : .programUnusable,
      // Another user can't always find out.
      isForOwner || error.code != .permission ? .problem : .note, nil, error.line,
      hint: error.hint ?? Hint("see the details", command: ["check"]), refusal: error.code)
  }

  private func finding(about shared: SharedPathFacts) -> StoreFinding {
    let code: StoreFinding.Code =
      switch shared.problem {
      case .missing: .sharedMissing
      case .dangling: .sharedDangling
      case .wrongKind: .sharedWrongKind
      case .unsafeOwner: .sharedUnsafe
      }
    return StoreFinding(
      code, shared.error.message, hint: shared.error.hint, refusal: shared.error.code)
  }
}

// MARK: - Trash and stages

extension StoreFacts {
  var trashFindings: [StoreFinding] {
    guard let trash else { return [] }
    // The process that ended the last transaction removes the trash after it.
    var isWriterAlive = false
    if case .entry(_, isWriterAlive: true) = journal { isWriterAlive = true }
    return trash.map { item in
      let full = "\(path)/\(Layout.control)/\(Layout.trash)/\(item.name)"
      if let obstacle = item.obstacle {
        return StoreFinding(
          .trashStuck, "\(verbatim: full) can't be removed: \(obstacle)",
          hint: Hint("remove it as root", shell: "\(asRoot)rm -rf -- \(full.shellWord)"))
      }
      if isWriterAlive {
        return StoreFinding(
          .removing, .note, nil, "\(verbatim: item.name) is being removed from the trash",
          hint: Hint("follow it", command: ["status", "--watch"]))
      }
      return StoreFinding(
        .trashLeft, "\(verbatim: full) was left in the trash by an interrupted or failed removal",
        hint: Hint("try again; the command says what prevents it", command: ["recover"]))
    }
  }

  var stageFindings: [StoreFinding] {
    guard let stages else { return [] }
    let preparing = Set(
      snapshot.catalog.entries.values.filter { $0.state == .preparing }.compactMap(\.stage))
    return stages.filter { !preparing.contains($0.name) }.map { stage in
      if stage.isRunning {
        return StoreFinding(
          .unpacking, .note, nil,
          stage.awaitedHolder.map {
            "a release was unpacked\(process(stage)), which waits for the lock that \($0) holds"
          } ?? "a release is being unpacked\(process(stage))",
          hint: Hint("follow it", command: ["status", "--watch"]))
      }
      return StoreFinding(
        .stageLeft, .warning, nil,
        "an interrupted upload or unpack left \(Layout.control)/\(Layout.staging)/\(verbatim: stage.name)",
        hint: Hint(
          "the next command that changes the store removes it; to remove it now",
          command: ["recover"]))
    }
  }

  private func process(_ stage: StageFacts) -> String {
    stage.pid.map { " by process \($0)" } ?? ""
  }
}
