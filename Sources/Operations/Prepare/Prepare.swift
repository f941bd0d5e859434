internal import Archive
internal import Linux

/// How a preparation went.
package struct PrepareResult: Sendable {
  package let entry: CatalogEntry
  package var steps: [Step]
  package var warnings: [String]
  /// What settling interrupted commands did.
  package var recovered: [String]
}

extension Store {
  /// Runs the prepare hook once more for a release that it failed for, or never ran for.
  ///
  /// - Parameter seconds: how long to wait for the store's lock.
  package func prepare(
    _ id: ReleaseID, _ environment: Environment, waitingUpTo seconds: Double
  ) throws(ReleasesError) -> PrepareResult {
    guard let hook = try configuration().hooks.prepare else {
      throw ReleasesError(
        .configuration, "\(path(Layout.configuration)) names no prepare hook",
        hint: "when you know that it is whole: releases mark \(id) good --reason TEXT")
    }
    let stage = try Stage.make(self, environment)
    do throws(ReleasesError) {
      var transaction = try Transaction.begin(self, environment, waitingUpTo: seconds)
      let recovered = transaction.recovered
      do throws(ReleasesError) {
        try transaction.beginPreparation(of: id, in: stage)
      } catch {
        transaction.end()
        throw error
      }
      transaction.end()
      var result = try prepare(id, in: stage, by: hook, environment, waitingUpTo: seconds)
      result.recovered = recovered + result.recovered
      discard(stage, environment)
      return result
    } catch {
      discard(stage, environment)
      throw error
    }
  }

  /// Refuses what can't be prepared; changes nothing.
  package func planPreparation(of id: ReleaseID) throws(ReleasesError) {
    let snapshot = try snapshot()
    guard let entry = snapshot.catalog[id], snapshot.directories.contains(id) else {
      throw ReleasesError(
        .notReady, "nothing is known of release \(id)", hint: "take it over: releases init")
    }
    if snapshot.held == id {
      throw ReleasesError(
        .live, "release \(id) is live, and what is live is not changed",
        hint: "deploy a new release instead")
    }
    switch entry.state {
    case .unpacked, .failed: return
    case .preparing:
      throw ReleasesError(
        .notReady, "release \(id) is being prepared", hint: "wait for it; see: releases list")
    case .ready, .bad:
      throw ReleasesError(
        .unsupported, "release \(id) is \(entry.state.rawValue), so it was prepared already",
        hint: "deploy a new release instead")
    }
  }

  /// Runs the prepare hook in the release's final place, since virtual environments can't be
  /// moved, and seals what it made: only then the release is ready. A failure leaves it `failed`.
  ///
  /// - Parameter stage: whose lock says that somebody is at it; the catalog names it.
  func prepare(
    _ id: ReleaseID, in stage: borrowing Stage, by hook: Configuration.Hook,
    _ environment: Environment, waitingUpTo seconds: Double
  ) throws(ReleasesError) -> PrepareResult {
    // A signal stops the hook, and ends this process when that is written down.
    let signals = Signals.holdTermination()
    defer { signals.release() }
    let call = HookCall(
      .prepare, hook, id: id, previous: try link(Layout.current).release, ref: ref(of: id),
      event: "prepare")
    let report = runWatched(call, environment) { Signals.pendingTermination().map { .signal($0) } }
    var steps = [Step(report, as: "prepare")]
    do throws(ReleasesError) {
      if let problem = report.problem { throw prepareFailure(of: id, report, problem) }
      let start = Clock.monotonicSeconds()
      try refuseOvertakenPreparation(of: id, in: stage.name)
      let sealed = try seal(id, in: stage)
      var result = try record(environment, waitingUpTo: seconds) {
        transaction throws(ReleasesError) in
        try transaction.finishPreparation(of: id, in: stage, sealed)
      }
      steps.append(Step("seal", seconds: Clock.monotonicSeconds() - start))
      result.steps = steps
      result.warnings = sealed.warnings
      return result
    } catch {
      try noteFailure(
        of: id, in: stage, because: report.problem ?? error.message, error, environment,
        waitingUpTo: seconds)
      var failure = error
      failure.trace.id = id
      failure.trace.steps = steps
      if case .stopped(.signal(let number)) = report.ending {
        failure.trace.signal = number
        Signals.holdTerminationForGood()
      }
      throw failure
    }
  }

  private func prepareFailure(
    of id: ReleaseID, _ report: HookReport, _ problem: String
  ) -> ReleasesError {
    ReleasesError(
      .prepareFailed, "release \(id) was not made ready: \(problem)",
      hint: (report.log.map { "what it printed: \($0); " } ?? "")
        + "when the cause is gone: releases prepare \(id)",
      cause: report.lastWords)
  }

  private func noteFailure(
    of id: ReleaseID, in stage: borrowing Stage, because reason: String, _ error: ReleasesError,
    _ environment: Environment, waitingUpTo seconds: Double
  ) throws(ReleasesError) {
    // The intent that is there is for recovery, which comes to the same end.
    if error.code == .interrupted { return }
    do throws(ReleasesError) {
      var transaction = try Transaction.begin(self, environment, waitingUpTo: seconds)
      do throws(ReleasesError) {
        try transaction.failPreparation(of: id, in: stage, because: reason)
      } catch {
        transaction.end()
        throw error
      }
      transaction.end()
    } catch let second where second.code != .interrupted {
      environment.warn(
        "\(second.message); until the next command \(id) counts as being prepared: "
          + (second.cause ?? ""))
    }
  }

  private func record(
    _ environment: Environment, waitingUpTo seconds: Double,
    _ body: (inout Transaction) throws(ReleasesError) -> CatalogEntry
  ) throws(ReleasesError) -> PrepareResult {
    var transaction = try Transaction.begin(self, environment, waitingUpTo: seconds)
    let recovered = transaction.recovered
    do throws(ReleasesError) {
      let entry = try body(&transaction)
      transaction.end()
      return PrepareResult(entry: entry, steps: [], warnings: [], recovered: recovered)
    } catch {
      transaction.end()
      throw error
    }
  }

  /// Writes down what the tree holds now, and makes all of it durable.
  private func seal(
    _ id: ReleaseID, in stage: borrowing Stage
  ) throws(ReleasesError) -> SealedRelease {
    let (manifest, warnings) = try scan(id)
    let encoded = manifest.encoded()
    try attempting("can't write the manifest of release \(id)") { () throws(SystemError) in
      try stage.directory.writeNewFile(Stage.manifest, encoded)
      // The descriptor is older than anything the hook wrote.
      try stage.directory.syncFileSystem()
    }
    return SealedRelease(
      files: manifest.fileCount, bytes: manifest.byteCount,
      manifestDigest: SHA256.digest(of: encoded).hex, warnings: warnings)
  }
}

/// What a prepared tree holds.
struct SealedRelease: Sendable {
  let files: Int
  let bytes: Int64
  let manifestDigest: String
  let warnings: [String]
}
