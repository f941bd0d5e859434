import Foundation
import TestSupport
import Testing

/// Names are bytes: those that are not UTF-8, and those that Swift takes for equal, are kept apart.
@Suite struct FileNameTests {
  /// Runs a script beside the store. `$FF` is a byte that UTF-8 never contains, `$M` is a combining
  /// mark, and `$B` is the binary.
  @discardableResult
  private func script(_ store: TestStore, _ text: String) throws -> Releases.Run {
    let names = #"FF=$(printf '\377'); M=$(printf '\314\201'); cd "$0"; B=$1"#
    return try Program.run(
      ["sh", "-ec", "\(names)\n\(text)", store.directory, Releases.binary],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "USER": "tester"])
  }

  @Test func `a release with names that are not UTF-8 is adopted`() throws {
    let store = try TestStore(initialized: false)
    let made = try script(
      store,
      """
      mkdir -p store/releases/1/d; cd store; ln -s releases/1 current; cd releases/1
      echo x > VERSION; echo y > "a$FF"; ln -s "t$FF" odd; mkdir "d/$FF"; echo z > "d/$FF/f"
      echo 1 > "e$M"; printf 2 > "$(printf '\\303\\251')"; echo 3 > "d/${M}x"
      """)
    try #require(made.status == 0, "\(made.errors)")
    let run = try store.expectSuccess(["init"])
    for name in ["a\u{FFFD}", "d/\u{FFFD}", "odd"] {
      #expect(run.errors.contains("1: the name or the target of \(name) is not UTF-8"))
    }
    let verified = try store.expectSuccess(["verify", "1", "--json"]).json
    let release = try #require((verified["releases"] as? [[String: Any]])?.first)
    #expect(release["whole"] as? Bool == true)
    #expect(release["added"] as? [String] == ["odd", "a\u{FFFD}", "d/\u{FFFD}"])
    #expect(try store.run(["verify", "1", "--strict"]).status == 7)
    try script(store, #"printf X > "store/releases/1/$(printf '\303\251')""#)
    let changed = try store.run(["verify", "1", "--json"])
    #expect(changed.status == 7)
    let list = try #require((try changed.json["releases"] as? [[String: Any]])?.first)
    let paths = try #require(list["modified"] as? [String])
    #expect(
      paths.map { Array($0.utf8) } == [Array("\u{E9}".utf8)], "only the changed name is reported")
  }

  @Test func `remove deletes files whose names are not UTF-8`() throws {
    let store = try TestStore()
    try store.publishAndActivate(["1", "2", "3"])
    try script(store, #"mkdir "store/releases/1/$FF"; echo x > "store/releases/1/$FF/$M$FF""#)
    try store.expectSuccess(["remove", "1"])
    #expect(try store.names("releases") == ["2", "3"])
    try store.expectConsistent()
  }

  /// Lengths in bytes and in characters differ for this path.
  @Test(arguments: ["1/sub", "1/\u{301}mark"])
  func `prune retains a release in use whose path is not ASCII`(name: String)
    throws
  {
    let store = try TestStore(initialized: false)
    let path = "\(store.directory)/听日本é"
    let releases = { (arguments: [String]) in try Releases.run(["--store", path] + arguments) }
    for arguments in [["init"]]
      + (try ["1", "2", "3"].flatMap { id in
        [["unpack", try store.archive(["VERSION": id]), "--id", id], ["activate", id]]
      })
    {
      let run = try releases(arguments)
      #expect(run.status == 0, "\(run.errors)")
    }
    try Program.expect(["mkdir", "\(path)/releases/\(name)"])
    let user = try BackgroundProgram(
      ["sh", "-c", "echo started; exec sleep 600"], directory: "\(path)/releases/\(name)")
    #expect(user.firstOutput() == "started\n")
    let run = try releases(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(path)/releases/1/VERSION"))
    user.send(SIGKILL)
  }

  @Test(arguments: [
    #""$B" --store "s$FF" init"#, #"RELEASES_STORE="$PWD/s$FF" "$B" init"#,
    #"mkdir "s$FF"; cd "s$FF"; unset PWD; "$B" --store inner init"#,
    #"cd store; "$B" --store . unpack "x$FF.tar""#,
  ])
  func `a path that is not UTF-8 is refused and no other is used`(command: String) throws {
    let store = try TestStore()
    let before = try store.fileSystemState()
    let run = try script(store, command)
    #expect(run.status == 2 || run.status == 4, "\(run.errors)")
    #expect(run.errors.contains(#/not (valid )?UTF-8/#))
    #expect(try store.fileSystemState() == before)
    #expect(try script(store, #"[ ! -e "$(printf 's\357\277\275')" ]"#).status == 0)
    #expect(!FileManager.default.fileExists(atPath: "/inner"))
  }

  @Test func `a relative path in a deleted directory is not a store`() throws {
    let store = try TestStore()
    let run = try Program.run(
      [
        "bash", "-c", "mkdir gone && cd gone && rmdir ../gone && env -u PWD \"$@\"", "bash",
        Releases.binary, "--store", "x", "init",
      ], directory: store.directory)
    #expect(run.status == 4, "\(run)")
  }

  @Test func `a store variable that is not UTF-8 is refused`() throws {
    let run = try Program.run(
      ["bash", "-c", "RELEASES_STORE=$'/nowhere/\\xff' \"$0\" list", Releases.binary])
    #expect(run.status == 2 && run.errors.contains("RELEASES_STORE"), "\(run.errors)")
  }
}
