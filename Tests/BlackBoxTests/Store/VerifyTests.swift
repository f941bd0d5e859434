import Foundation
import TestSupport
import Testing

/// Verify compares a release with its manifest, and other programs read the manifest.
@Suite struct VerifyTests {
  private static let odd = [
    "with space", "quo'te\"", "back\\slash", "hash#eq=", "ümlaut", "new\nline",
  ]

  private func bigStore() throws -> TestStore {
    let store = try TestStore()
    var files = Dictionary(
      uniqueKeysWithValues: (0..<5000).map { ("d\($0 / 100)/e\($0 % 7)/f\($0)", "content \($0)\n") }
    )
    for name in Self.odd { files["odd/\(name)"] = name }
    let archive = try store.archive(files, named: "big")
    let tree = "\(store.directory)/big"
    try Program.expect(["ln", "-s", "d1", "\(tree)/link"])
    try Program.expect(["mkdir", "\(tree)/empty"])
    try Program.expect(["tar", "-czf", archive, "-C", tree, "."])
    try store.expectSuccess(["unpack", archive, "--id", "1"])
    return store
  }

  private func verified(_ store: TestStore, _ options: [String] = []) throws -> [String: Any] {
    let run = try store.run(["verify", "1", "--json"] + options)
    let releases = try #require(try run.json["releases"] as? [[String: Any]])
    let release = try #require(releases.first)
    #expect(run.status == ((release["whole"] as? Bool) == true ? 0 : 7))
    return release
  }

  private func names(_ release: [String: Any], _ key: String) -> Set<String> {
    Set(release[key] as? [String] ?? [])
  }

  @Test func `verify finds every change`() throws {
    let store = try bigStore()
    #expect(try verified(store, ["--strict"])["whole"] as? Bool == true)
    let top = "\(store.path)/releases/1"
    var modified: Set<String> = []
    for number in stride(from: 3, to: 5000, by: 25) {
      let path = "d\(number / 100)/e\(number % 7)/f\(number)"
      try store.flip("releases/1/\(path)", at: UInt64(number % 8))
      modified.insert(path)
    }
    for (path, change) in [
      ("d0/e0/f0", "chmod 600 X"), ("d0/e1/f1", "rm X; mkdir X"), ("d0/e2/f2", "rm X; ln -s y X"),
      ("link", "rm X; ln -s d2 X"), ("d0/e4/f4", "echo more >> X"), ("d0/e5/f5", ": > X"),
    ] {
      let path = path
      let script = change.replacing("X", with: "'\(top)/\(path)'")
      try Program.expect(["sh", "-ec", script])
      modified.insert(path)
    }
    try Program.expect(["rm", "\(top)/d49/e3/f4931"])
    try Program.expect(["rmdir", "\(top)/empty"])
    try Program.expect(["sh", "-c", "echo x > '\(top)/new'"])
    try Program.expect(["touch", "-d", "2001-01-01", "\(top)/d0/e6/f6"])
    let missing: Set = ["empty"]
    let gone = try Program.run(["sh", "-c", "test -e '\(top)/d49/e3/f4931'"]).status != 0
    let found = try verified(store)
    #expect(names(found, "modified") == modified)
    #expect(names(found, "missing").isSuperset(of: missing))
    #expect(gone && names(found, "missing").contains("d49/e3/f4931"))
    #expect(names(found, "added") == ["new"])
    #expect(names(found, "touched").contains("d0/e6/f6"))
  }

  @Test func `names that masking makes equal stay apart`() throws {
    let store = try TestStore()
    let names = ["password=Hunter2x", "password=Hunter3y", "password=Hunter4z"]
    let archive = try store.archive(Dictionary(uniqueKeysWithValues: names.map { ($0, "old") }))
    try store.expectSuccess(["unpack", archive, "--id", "1"])
    try store.write("releases/1/\(names[0])", "longer")
    try store.write("releases/1/\(names[1])", "other content")
    try FileManager.default.removeItem(atPath: "\(store.path)/releases/1/\(names[2])")
    let run = try store.run(["verify", "1", "--json"])
    let release = try #require((try run.json["releases"] as? [[String: Any]])?.first)
    let details = try #require(release["details"] as? [String: String])
    #expect(Set(details.keys) == ["password=[masked]", "password=[masked] (2)"])
    #expect(Set(details.values).count == 2, "\(details)")
    #expect(release["modified"] as? [String] == details.keys.sorted())
    let text = try store.run(["verify", "1"]).output
    #expect(text.contains("password=[masked] (2): "), "\(text)")
  }

  @Test func `added and touched files count only with the strict option`() throws {
    let store = try TestStore()
    try store.publish("1")
    try Program.expect(["sh", "-c", "echo x > '\(store.path)/releases/1/new'"])
    try Program.expect(["touch", "-d", "2001-01-01", "\(store.path)/releases/1/VERSION"])
    #expect(try verified(store)["whole"] as? Bool == true)
    #expect(try verified(store, ["--strict"])["whole"] as? Bool == false)
  }

  @Test func `mtree, bsdtar and sha256sum agree with the manifest`() throws {
    let store = try bigStore()
    let top = "\(store.path)/releases/1"
    let manifest = "\(store.path)/.releases/manifests/1.mtree"
    let mtree = ["sh", "-c", "mtree -k type,size,mode,link,sha256 -p '\(top)' -f '\(manifest)'"]
    let whole = try Program.run(mtree)
    #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
    let listed = try Program.run(["bsdtar", "-tf", manifest], directory: top)
    #expect(listed.status == 0 && listed.lines.count > 5000, "\(listed.errors)")
    let sums = try store.read(".releases/manifests/1.mtree").split(separator: "\n")
      .filter { $0.contains("sha256digest=") && !$0.contains("\\") }
      .map { line in
        let digest = line.split(separator: "sha256digest=")[1]
        return "\(digest)  \(line.split(separator: " ")[0])\n"
      }
    let checked = try Program.run(
      ["sha256sum", "--check", "--quiet"], input: Data(sums.joined().utf8), directory: top)
    #expect(checked.status == 0 && sums.count >= 5000, "\(checked.output)")
    try store.flip("releases/1/d7/e0/f700", at: 3)
    #expect(try Program.run(mtree).status != 0)
    #expect(names(try verified(store), "modified") == ["d7/e0/f700"])
  }

  @Test func `a release with a missing file does not go live`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    try store.publish("3")
    try Program.expect([
      "rm", "\(store.path)/releases/3/bin/run", "\(store.path)/releases/1/VERSION",
    ])
    for command in [["activate", "3"], ["rollback"]] {
      let refused = try store.expectFailure(command, status: 3, code: "notWhole")
      #expect(refused.errors.contains("is missing"))
    }
    #expect(store.current == "2")
    let verified = try store.run(["verify", "3", "--json"])
    #expect(verified.status == 7)
    let releases = try #require(try verified.json["releases"] as? [[String: Any]])
    #expect(releases.first?["missing"] as? [String] == ["bin/run"])
  }

  @Test func `verify finds changed content of the same size, mode and time`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2"])
    let file = "\(store.path)/releases/1/bin/run"
    let other = "\(store.directory)/other"
    try Program.expect(["cp", "-p", file, other])
    try Program.expect(["sed", "-i", "s/echo/ECHO/", file])
    try Program.expect(["touch", "-r", other, file])
    let verified = try store.run(["verify", "--all", "--json"])
    #expect(verified.status == 7)
    let releases = try #require(try verified.json["releases"] as? [[String: Any]])
    #expect(releases.map { $0["modified"] as? [String] } == [[], ["bin/run"]])
    try store.expectFailure(["activate", "1", "--verify"], status: 3, code: "notWhole")
    try store.expectFailure(["rollback", "--verify"], status: 3, code: "notWhole")
    #expect(store.current == "2")
  }
}
