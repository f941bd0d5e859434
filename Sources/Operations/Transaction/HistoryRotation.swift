internal import ReleaseModel
internal import ReleaseStore

/// The rotation of the history by the command that holds the lock.
struct HistoryRotation {
  let store: Store
  let environment: Environment

  /// Rotates the history if it is large. A failure does not stop the command; the next one tries
  /// again.
  func runIfDue() {
    do throws(ReleasesError) {
      try store.history.rotateIfLarge()
    } catch let error where error.isOutOfSpace {
      return
    } catch {
      environment.observer.warn(Notice(error.line))
    }
  }
}
