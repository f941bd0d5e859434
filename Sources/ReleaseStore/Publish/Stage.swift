internal import Linux

/// A directory in `.releases/staging/` where one release is put together. Its own lock says that
/// its writer lives; the store's lock is not needed.
struct Stage: ~Copyable {
  /// The directory's name: boot id and random digits.
  let name: String
  /// Locked; also the descriptor for `syncfs`, opened before the first write.
  let directory: Descriptor

  /// The release's tree within.
  static let tree = "tree"
  static let manifest = "manifest.mtree"

  static func make(_ store: Store, _ environment: Environment) throws(ReleasesError) -> Stage {
    let staging = try store.controlDirectory(Layout.staging)
    while true {
      let name = "\(environment.bootID)-\(environment.uniqueSuffix())"
      let stage = try attempting("can't make a stage in \(store.path)") {
        () throws(SystemError) -> Descriptor? in
        try staging.makeDirectory(name, mode: 0o700)
        return try claim(name, in: staging)
      }
      if let stage { return Stage(name: name, directory: stage) }
    }
  }

  /// Locks a directory just made; nil when somebody's recovery has meanwhile taken it for one of
  /// a dead writer.
  private static func claim(
    _ name: String, in staging: borrowing Descriptor
  ) throws(SystemError) -> Descriptor? {
    let directory: Descriptor
    do throws(SystemError) {
      directory = try staging.openDirectory(name)
    } catch let error where error.errno == .noEntry {
      return nil
    }
    guard try directory.tryLock(), let status = try staging.statusIfPresent(of: name),
      status.isSameFile(as: try directory.status())
    else { return nil }
    return directory
  }

  private init(name: String, directory: consuming Descriptor) {
    self.name = name
    self.directory = directory
  }
}

extension Store {
  /// Removes a stage whose writer gives up.
  func discard(_ stage: borrowing Stage, _ environment: Environment) {
    do throws(ReleasesError) {
      let staging = try controlDirectory(Layout.staging)
      try attempting("can't remove the stage \(stage.name)") { () throws(SystemError) in
        try staging.removeTree(stage.name)
      }
    } catch {
      environment.warn("\(error.message); the next command removes it: \(error.cause ?? "")")
    }
  }

  /// Whether the release's tree is still in its stage.
  func hasTree(_ stage: String) throws(ReleasesError) -> Bool {
    let staging = try controlDirectory(Layout.staging)
    return try attempting("can't look at the stage \(stage)") { () throws(SystemError) in
      do throws(SystemError) {
        return try staging.openDirectory(stage).statusIfPresent(of: Stage.tree) != nil
      } catch let error where [.noEntry, .notADirectory, .tooManyLinks].contains(error.errno) {
        return false
      }
    }
  }

  /// Removes a stage that another thread may still be writing to; what that leaves, the next
  /// command removes.
  func removeStage(_ name: String) {
    guard let staging = try? controlDirectory(Layout.staging) else { return }
    for _ in 0..<5 {
      do throws(SystemError) {
        return try staging.removeTree(name)
      } catch let error where error.errno == .notEmpty {
        continue
      } catch {
        return
      }
    }
  }

  /// The stages nobody writes to any more: those of another boot may never have reached the disk,
  /// those whose lock is free have a dead writer.
  func deadStages() throws(ReleasesError) -> [String] {
    let staging = try controlDirectory(Layout.staging)
    return try attempting("can't look at the stages") { () throws(SystemError) in
      var dead: [String] = []
      for entry in try staging.entries() where try isDead(entry.name, in: staging) {
        dead.append(entry.name)
      }
      return dead
    }
  }

  /// Its writer still works in it.
  func isAlive(
    _ name: String, in staging: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    guard try staging.statusIfPresent(of: name) != nil else { return false }
    return try !isDead(name, in: staging)
  }

  private func isDead(
    _ name: String, in staging: borrowing Descriptor
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      return try staging.openDirectory(name).tryLock()
    } catch let error where error.errno == .noEntry {
      return false
    } catch let error where error.errno == .notADirectory || error.errno == .tooManyLinks {
      return true
    }
  }
}

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
