package import ReleaseModel
package import Text

/// A request to switch to another release.
package struct SwitchRequest: Sendable {
  /// The release to switch to.
  package enum Target: Sendable {
    /// A release ID as it was typed: an ID, a unique prefix, a ref, or a keyword.
    case activate(String)
    /// A release ID as it was typed; nil for the rollback target.
    case rollback(to: String?)
  }

  package let target: Target
  package let options: SwitchOptions
  /// How long to wait for the lock, in seconds.
  package let wait: Double

  package init(_ target: Target, options: SwitchOptions, wait: Double) {
    self.target = target
    self.options = options
    self.wait = wait
  }
}

/// The options of a switch.
package struct SwitchOptions: Sendable {
  /// Whether to switch to a release even if it is bad or modified, and to roll back even if the
  /// store is frozen.
  package var force: Bool
  /// Whether to compare the content of every file with the manifest first, not only its size.
  package var verify: Bool
  /// Whether to roll back when the hook or the health check fails.
  package var rollsBack: Bool
  /// Whether to refuse a rollback to a named release that is not ready, or was neither live nor
  /// adopted.
  package var onlyToFormerlyLive = false

  package init(force: Bool = false, verify: Bool = false, rollsBack: Bool = true) {
    self.force = force
    self.verify = verify
    self.rollsBack = rollsBack
  }
}

/// How a switch ended.
package struct SwitchResult: Sendable {
  package let plan: SwitchPlan
  /// The release that `current` points to afterwards.
  package let current: ReleaseID?
  /// What `previous` points to afterwards.
  package let previous: ReleaseID?
  package var steps: [Step] = []
  /// What the recovery of an interrupted command did.
  package var recovered: [Message] = []
  /// The old instances that this process must let drain; nil for none.
  var draining: Draining?

  /// Whether nothing had to be done.
  package var isUnchanged: Bool { plan.isUnchanged }
}

extension SwitchRequest.Target {
  /// The release as it was typed; nil for the rollback target.
  package var name: String? {
    switch self {
    case .activate(let name): name
    case .rollback(let name): name
    }
  }

  /// The arguments of the rollback, without options.
  var rollbackArguments: [String] {
    if case .rollback(to: let id?) = self { ["rollback", "--to", id] } else { ["rollback"] }
  }
}
