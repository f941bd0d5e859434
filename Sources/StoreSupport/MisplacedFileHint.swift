internal import Linux
package import ReleaseModel
internal import Text

extension Hint {
  /// Makes the hint for something in a store that is not of the kind that its name says.
  ///
  /// - Parameters:
  ///   - path: its full path.
  ///   - store: the path of the store.
  ///   - command: the command of `releases` that makes what is then missing.
  /// - Returns: a hint that moves it out of the way and runs the command.
  package static func moveAway(_ path: String, store: String, then command: String) -> Hint {
    Hint(
      "move it out of the way",
      shell: "mv -T \(path.shellWord) \("\(path).old".shellWord)"
        + " && releases --store \(store.shellWord) \(command)")
  }

  /// Makes the hint for a call that found something of the wrong kind.
  ///
  /// - Parameter path: the path of the call; nil when it is unknown.
  init(wrongKindAt path: String?) {
    guard let path, path.isAbsolutePath, let place = Self.misplaced(path) else {
      self.init("move the file of the wrong type out of the way, then run", command: ["init"])
      return
    }
    self = .moveAway(place.path, store: place.store, then: "init")
  }

  /// Returns the first component of a path that is not a directory, or else the path, and the store
  /// that contains it; nil when no store does.
  private static func misplaced(_ path: String) -> (path: String, store: String)? {
    let names = path.nameComponents
    let control = names.firstIndex(of: Layout.control) ?? names.lastIndex(of: Layout.releases)
    guard let first = control ?? names.indices.last, first > 0 else { return nil }
    var place = names[..<first].reduce("") { "\($0)/\($1)" }
    let store = place
    for name in names[first...] {
      place += "/\(name)"
      guard (try? status(ofPath: place))?.kind == .directory else { break }
    }
    return (place, store)
  }
}
