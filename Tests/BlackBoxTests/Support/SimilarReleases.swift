import Foundation
import TestSupport
import Testing

/// A directory from which releases are made that share nearly all content.
struct SimilarReleases {
  static let fileCount = 60
  let store: TestStore
  private let tree: String

  init(_ store: TestStore) throws {
    self.store = store
    tree = "\(store.directory)/nearly-same"
    // The sizes lie on both sides of a block and of 16 MiB.
    let script = """
      mkdir -p "$0/lib/a/b" "$0/bin"
      for i in $(seq 1 \(Self.fileCount - 2)); do
        head -c $((i * i * 37)) /dev/urandom > "$0/lib/a/b/f$i"
      done
      head -c 17000001 /dev/urandom > "$0/lib/large"
      head -c 5000 /dev/urandom > "$0/bin/run"
      chmod 644 "$0"/lib/large "$0"/lib/a/b/*
      chmod 755 "$0/bin/run"
      : > "$0/empty"
      touch -d '2020-02-02 02:02:02.5' "$0/lib/large" "$0/lib/a"
      """
    try Program.expect(["sh", "-ec", script, tree])
  }

  /// Publishes a release whose VERSION holds its ID.
  @discardableResult
  func publish(
    _ id: String, launcher: [String] = [], changing script: String = ":"
  ) throws -> Releases.Run {
    try store.run(unpacking(id, changing: script), launcher: launcher)
  }

  /// Packs the release and returns the command that unpacks it.
  func unpacking(_ id: String, changing script: String = ":") throws -> [String] {
    try Program.expect(["sh", "-ec", "echo \(id) > \"$0/VERSION\"; cd \"$0\"; \(script)", tree])
    try Program.expect(["tar", "--format=posix", "-cf", "\(tree).tar", "-C", tree, "."])
    return ["unpack", "\(tree).tar", "--id", id]
  }

  /// Expects that a release and its manifest equal what was packed last, including times.
  func expectEqual(
    _ id: String, times: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let release = "\(store.path)/releases/\(id)"
    let compared = try Program.run(["diff", "-r", tree, release])
    #expect(compared.status == 0, "\(compared.output)", sourceLocation: sourceLocation)
    let verified = try store.run(["verify", id, "--strict"])
    #expect(verified.status == 0, "\(verified.output)", sourceLocation: sourceLocation)
    guard times else { return }
    let find = ["find", ".", "-not", "-name", ".", "-printf", "%P %T@\n"]
    let found = try [tree, release].map {
      try Program.run(find, directory: $0).output.split(separator: "\n").sorted()
    }
    let differing = zip(found[0], found[1]).filter { $0 != $1 }.prefix(3)
    #expect(differing.isEmpty, "\(differing)", sourceLocation: sourceLocation)
  }
}

extension TestStore {
  /// Returns the disk use of a release in bytes from `show`, and the same values from `list`.
  func diskUse(of id: String) throws -> (own: Int, shared: Int, bytes: Int, listed: [Int]) {
    let shown = try #require(
      try expectSuccess(["show", id, "--json"]).json["release"] as? [String: Any])
    let listed = try #require(try releases()[id])
    func number(_ from: [String: Any], _ key: String) throws -> Int {
      try #require(from[key] as? Int)
    }
    return (
      try number(shown, "ownBytes"), try number(shown, "sharedBytes"), try number(shown, "bytes"),
      [try number(listed, "ownBytes"), try number(listed, "sharedBytes")]
    )
  }

  /// Configures how unpack shares files.
  func setSharing(_ mode: String) throws {
    try write("releases.yaml", "unpack: {share: \(mode)}\n")
  }

  /// Returns facts about a file in the store in a format of find(1).
  func stat(_ name: String, _ format: String) throws -> String {
    try Program.expect(["find", "\(path)/\(name)", "-maxdepth", "0", "-printf", format]).output
  }
}
