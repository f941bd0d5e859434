internal import Configuration
internal import HostPrograms
internal import ReleaseModel
internal import ReleaseStore
internal import Synchronization
internal import Text

/// Records how far the confirmation of a switch or a restart has come, so that `status` can show it.
final class ConfirmationRecorder: Sendable {
  private struct State: Sendable {
    var isRestoring = false
    var progress: ConfirmationProgress?
  }

  private let store: Store
  private let operation: ConfirmationProgress.Operation
  private let sequence: UInt64
  private let actor: Actor
  private let state = Mutex(State())

  /// - Parameters:
  ///   - store: the store.
  ///   - entry: the intent of the switch.
  ///   - actor: who makes the switch, for the clock.
  init(_ store: Store, _ entry: JournalEntry, _ actor: Actor) {
    (self.store, self.actor, sequence) = (store, actor, entry.sequence)
    operation = entry.operation == .rollback ? .rollback : .activate
  }

  /// Makes a recorder for a restart, which the journal does not mention.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - actor: who restarts the service.
  init(restartIn store: Store, _ actor: Actor) {
    (self.store, self.actor) = (store, actor)
    sequence = ((try? store.journal.last()) ?? nil)?.sequence ?? 0
    operation = .restart
  }

  /// Returns an environment whose observer also records the progress.
  func recording(_ environment: Environment) -> Environment {
    var environment = environment
    let step = environment.observer.step
    environment.observer.step = { event in
      self.record(event)
      step(event)
    }
    return environment
  }

  private func record(_ event: StepEvent) {
    let recorded = state.withLock { state -> ConfirmationProgress? in
      switch event {
      case .restoring:
        state.isRestoring = true
        return nil
      case .hookBegins(let call) where call.name == .activate:
        state.progress = begun(
          call.place?.text ?? call.id.text, .hook, call.hook.timeout, isRestoring: state.isRestoring
        )
      case .healthBegins(let name, let health):
        state.progress = begun(name, .health, health.timeout, isRestoring: state.isRestoring)
      case .healthTried(let attempt): state.progress?.attempts = attempt.number
      case .instanceStarts, .instanceStops, .instanceDrains, .recovered, .waiting, .hookBegins,
        .hookPrinted, .hookEnded, .died, .healthEnded,
        .stillRestoring:
        return nil
      }
      return state.progress
    }
    if let recorded { store.confirmationFile.write(recorded) }
  }

  private func begun(
    _ name: String, _ stage: ConfirmationProgress.Stage, _ timeLimit: TimeSpan, isRestoring: Bool
  ) -> ConfirmationProgress {
    ConfirmationProgress(
      sequence: sequence, release: name, isRestoring: isRestoring, stage: stage,
      since: actor.now(), timeLimit: timeLimit.seconds, operation: operation, by: actor)
  }

  /// Ends the record.
  ///
  /// - Parameter problem: why it is unknown what the service runs, which stays recorded; nil when it
  ///   is known.
  func end(_ problem: Message? = nil) {
    guard let problem, let progress = state.withLock({ $0.progress }) else {
      return store.confirmationFile.remove()
    }
    store.confirmationFile.write(progress.failed(because: problem))
  }
}
