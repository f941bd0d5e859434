import Foundation
import Testing

/// What a store says of itself, without times.
struct StoreState: Equatable, CustomStringConvertible {
  var current: String?
  var previous: String?
  /// What `list` says of each release: its state, and whether it is pinned.
  var releases: [String: String]
  var isFrozen: Bool

  var description: String {
    let listed = releases.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let links = "current \(current ?? "-"), previous \(previous ?? "-")"
    return ([links] + listed + (isFrozen ? ["frozen"] : [])).joined(separator: ", ")
  }
}

extension TestStore {
  /// A second store just like this one.
  func copy() throws -> TestStore {
    let copy = try TestStore(initialized: false)
    let copied = try Program.run(["cp", "-a", path, copy.path])
    #expect(copied.status == 0, "\(copied.errors)")
    return copy
  }

  /// The links as they are, and what `list` says, which has to agree.
  func state(_ comment: Comment? = nil) throws -> StoreState {
    let list = try expectDone(["list", "--json"]).json
    let releases = try #require(list["releases"] as? [[String: Any]])
    #expect(list["current"] as? String == current, comment)
    #expect(list["previous"] as? String == previous, comment)
    var said: [String: String] = [:]
    for release in releases {
      let id = try #require(release["id"] as? String)
      #expect(release["live"] as? Bool == (id == current), comment)
      let pinned = release["pinned"] as? Bool == true ? " pinned" : ""
      said[id] = (release["state"] as? String ?? "?") + pinned
    }
    return StoreState(
      current: current, previous: previous, releases: said,
      isFrozen: list["frozen"] is [String: Any])
  }

  /// Whoever starts a service now finds a whole release where one was live.
  func expectServable(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
    guard let live = current else { return }
    for file in ["VERSION", "bin/run"] {
      let content = try? String(contentsOfFile: "\(path)/current/\(file)", encoding: .utf8)
      #expect(content?.contains(live) == true, comment, sourceLocation: sourceLocation)
    }
  }

  /// Nothing of a command that died is left, in any place where one works.
  func expectNothingLeft(
    _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try names(".releases/staging") == [], comment, sourceLocation: sourceLocation)
    #expect(try names(".releases/trash") == [], comment, sourceLocation: sourceLocation)
    for place in ["", "releases", ".releases", ".releases/catalog", ".releases/manifests"] {
      let hidden = try names(place).filter { $0.hasPrefix(".") && $0 != ".releases" }
      #expect(hidden == [], comment, sourceLocation: sourceLocation)
    }
    let known = try names(".releases/catalog").map { ($0 as NSString).deletingPathExtension }
    let manifests = try names(".releases/manifests").map { ($0 as NSString).deletingPathExtension }
    #expect(try names("releases") == known, comment, sourceLocation: sourceLocation)
    #expect(manifests == known, comment, sourceLocation: sourceLocation)
    let verified = try run(["verify", "--all"])
    #expect(verified.status == 0, comment, sourceLocation: sourceLocation)
    #expect(verified.errors == "", comment, sourceLocation: sourceLocation)
  }

  /// Another recovery has nothing to do and nothing to say.
  func expectSettledForGood(
    _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try facts()
    let again = try run(["recover"])
    #expect(again.status == 0, comment, sourceLocation: sourceLocation)
    #expect(again.output + again.errors == "", comment, sourceLocation: sourceLocation)
    #expect(try facts() == before, comment, sourceLocation: sourceLocation)
  }
}
