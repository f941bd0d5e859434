package import HostPrograms
package import ReleaseModel

/// Everything that an operation takes from outside the store, so that tests can choose it.
package struct Environment: Sendable {
  /// Who makes the change, and when.
  package var actor: Actor
  /// What hooks and other programs get from the caller.
  package var caller: CallerEnvironment
  /// What observes the operation.
  package var observer: Observer

  /// - Parameters:
  ///   - actor: who makes the change, and when.
  ///   - caller: what hooks and other programs get from the caller.
  ///   - observer: what observes the operation.
  package init(actor: Actor, caller: CallerEnvironment, observer: Observer) {
    self.actor = actor
    self.caller = caller
    self.observer = observer
  }
}

/// Functions that are called while an operation runs, by the thread that runs it.
package struct Observer: Sendable {
  /// Receives each warning for the operator.
  package var warn: @Sendable (Notice) -> Void
  /// Receives each event of a long step.
  package var step: @Sendable (StepEvent) -> Void
  /// Receives each transaction when it has ended, for the log of the host.
  package var transaction: @Sendable (JournalEntry) -> Void

  package init(
    warn: @escaping @Sendable (Notice) -> Void,
    step: @escaping @Sendable (StepEvent) -> Void = { _ in },
    transaction: @escaping @Sendable (JournalEntry) -> Void = { _ in }
  ) {
    self.warn = warn
    self.step = step
    self.transaction = transaction
  }
}
