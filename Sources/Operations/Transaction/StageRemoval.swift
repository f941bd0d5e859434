internal import Linux

extension Transaction {
  /// Moves a dead writer's stage to the trash. Its lock is held meanwhile: a directory just made
  /// may have looked dead, and got its writer since.
  mutating func discardStage(_ name: String) throws(ReleasesError) {
    let staging = try store.controlDirectory(Layout.staging)
    let trash = try store.controlDirectory(Layout.trash)
    let target = "\(name).\(environment.uniqueSuffix())"
    let moved = try attempting("can't discard the stage \(name)") { () throws(SystemError) in
      do throws(SystemError) {
        let stage = try staging.openDirectory(name)
        guard try stage.tryLock() else { return false }
        // First, because a later recovery finds the top by the stage.
        try store.removeTop(ofStage: name)
        try staging.move(name, to: trash, as: target)
      } catch let error where error.errno == .notADirectory || error.errno == .tooManyLinks {
        try staging.move(name, to: trash, as: target)
      } catch let error where error.errno == .noEntry {
        return false
      }
      return true
    }
    if moved { discardLater(target) }
  }
}
