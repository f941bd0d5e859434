internal import Configuration
internal import HostPrograms
internal import ReleaseModel
internal import ReleaseStore
internal import Synchronization

/// Records how far the confirmation of a switch has come, so that `status` can show it.
final class ConfirmationRecorder: Sendable {
  private struct State: Sendable {
    var isRestoring = false
    var progress: ConfirmationProgress?
  }

  private let store: Store
  private let entry: JournalEntry
  private let actor: Actor
  private let state = Mutex(State())

  /// - Parameters:
  ///   - store: the store.
  ///   - entry: the intent of the switch.
  ///   - actor: who makes the switch, for the clock.
  init(_ store: Store, _ entry: JournalEntry, _ actor: Actor) {
    (self.store, self.entry, self.actor) = (store, entry, actor)
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
      case .recovered, .waiting, .hookBegins, .hookPrinted, .hookEnded, .died, .healthEnded:
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
      sequence: entry.sequence, release: name, isRestoring: isRestoring, stage: stage,
      since: actor.now(), timeLimit: timeLimit.seconds)
  }

  /// Ends the record when the switch is confirmed or has been undone.
  func end() { store.confirmationFile.remove() }
}
