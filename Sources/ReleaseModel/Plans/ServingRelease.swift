package import Text

/// A process, and the releases that it was started from.
package struct ReleaseProcess: Hashable, Sendable {
  package let pid: Int32
  /// The releases of the store that contain its working directory or its executable; empty when
  /// there is none.
  package let releases: Set<ReleaseID>

  package init(pid: Int32, releases: Set<ReleaseID>) {
    self.pid = pid
    self.releases = releases
  }
}

/// What is known about the processes that serve a release.
package struct ServingFacts: Equatable, Sendable {
  /// The main process of a unit.
  package struct MainProcess: Equatable, Sendable {
    package let unit: String
    package let process: ReleaseProcess

    package init(unit: String, process: ReleaseProcess) {
      self.unit = unit
      self.process = process
    }
  }

  /// Whether the answer named the release, as the configuration requires.
  package var isNamedByAnswer = false
  /// The processes that listened at the address of the health check before the request.
  package var listenersBefore: [ReleaseProcess] = []
  /// The processes that listen there after the request.
  package var listeners: [ReleaseProcess] = []
  /// The main processes of the configured units.
  package var mainProcesses: [MainProcess] = []
  /// What could not be found out, one line each.
  package var gaps: [Message] = []

  package init() {}

  /// Returns whether nothing tells which process has answered, because none of those that listened
  /// before the request still listens after it, and none belongs to another release. Another request
  /// may then tell.
  ///
  /// - Parameter id: the release that should serve.
  /// - Returns: whether to make the request again.
  package func needsAnotherRequest(for id: ReleaseID) -> Bool {
    let all = listenersBefore + listeners
    return !isNamedByAnswer && !all.isEmpty && lastingListeners.isEmpty
      && all.allSatisfy { $0.otherRelease(than: id) == nil }
  }

  /// The processes that listened during the whole request.
  fileprivate var lastingListeners: [ReleaseProcess] {
    listeners.filter { listenersBefore.contains($0) }
  }

  /// Whether a process still listens after the request.
  package func listens(_ pid: Int32) -> Bool { listeners.contains { $0.pid == pid } }
}

/// The release that serves, as far as the facts tell.
package enum ServingRelease: Equatable, Sendable {
  /// The expected release.
  case same
  /// Another release of this store.
  ///
  /// - Parameters:
  ///   - id: that release.
  ///   - pid: the process that runs it.
  ///   - unit: the unit whose main process it is; nil for a process that listens.
  case another(ReleaseID, pid: Int32, unit: String?)
  /// Nothing tells which release serves, for these reasons.
  case unknown([Message])

  /// Decides which release serves.
  ///
  /// A process of another release that listens may get any of the requests, so it counts even when a
  /// process of the expected release listens too, and even when it has ended since: it may have
  /// answered. Only a process that listened both before and after the request proves that the expected
  /// release serves. An answer that names the expected release proves that this one did.
  ///
  /// - Parameters:
  ///   - id: the release that should serve.
  ///   - facts: what is known.
  /// - Returns: the decision.
  package static func decide(_ id: ReleaseID, _ facts: ServingFacts) -> ServingRelease {
    for main in facts.mainProcesses {
      if let other = main.process.otherRelease(than: id) {
        return .another(other, pid: main.process.pid, unit: main.unit)
      }
    }
    if facts.isNamedByAnswer { return .same }
    for listener in facts.listeners + facts.listenersBefore {
      if let other = listener.otherRelease(than: id) {
        return .another(other, pid: listener.pid, unit: nil)
      }
    }
    let processes = facts.lastingListeners + facts.mainProcesses.map(\.process)
    if processes.contains(where: { $0.releases.contains(id) }) { return .same }
    return .unknown(facts.gaps)
  }

  /// Why it is unknown which release serves, in one line; nil when it is known.
  package var note: Message? {
    guard case .unknown(let reasons) = self, !reasons.isEmpty else { return nil }
    return reasons.joined(separator: "; ")
  }

  /// The word for JSON documents.
  package var word: String {
    switch self {
    case .same: "same"
    case .another: "another"
    case .unknown: "unknown"
    }
  }
}

extension ReleaseProcess {
  /// Returns the release that the process runs instead of a given one; nil when it runs that one or
  /// none at all.
  fileprivate func otherRelease(than id: ReleaseID) -> ReleaseID? {
    releases.contains(id) ? nil : releases.min { $0.text < $1.text }
  }
}
