import Foundation
import Testing

/// Names are bytes: what is no UTF-8, and what Swift takes for equal, is kept apart or refused.
@Suite struct FileNameTests {
  /// Runs a script in the store's directory; `$FF` is a byte that no UTF-8 has, `$M` a combining
  /// mark, `$B` the binary.
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
    let run = try store.expectDone(["init"])
    for name in ["a\u{FFFD}", "d/\u{FFFD}", "odd"] {
      #expect(run.errors.contains("1: \(name) has a name or a target that is not UTF-8"))
    }
    let verified = try store.expectDone(["verify", "1", "--json"]).json
    let release = try #require((verified["releases"] as? [[String: Any]])?.first)
    #expect(release["whole"] as? Bool == true)
    #expect(release["added"] as? [String] == ["odd", "a\u{FFFD}", "d/\u{FFFD}"])
    #expect(try store.run(["verify", "1", "--strict"]).status == 7)
    try script(store, #"printf X > "store/releases/1/$(printf '\303\251')""#)
    let changed = try store.run(["verify", "1", "--json"])
    #expect(changed.status == 7)
    let list = try #require((try changed.json["releases"] as? [[String: Any]])?.first)
    let paths = try #require(list["modified"] as? [String])
    #expect(paths.map { Array($0.utf8) } == [Array("\u{E9}".utf8)], "not its twin")
  }

  @Test func `remove deletes files whose names are not UTF-8`() throws {
    let store = try TestStore()
    try store.activate(["1", "2", "3"])
    try script(store, #"mkdir "store/releases/1/$FF"; echo x > "store/releases/1/$FF/$M$FF""#)
    try store.expectDone(["remove", "1"])
    #expect(try store.names("releases") == ["2", "3"])
    try store.expectSettled()
  }

  /// The path was once counted in bytes and cut in characters.
  @Test(arguments: ["1/sub", "1/\u{301}mark"]) func `prune retains a release in use whose path is not ASCII`(name: String)
    throws
  {
    let store = try TestStore(initialized: false)
    let path = "\(store.directory)/听日本é"
    let releases = { (words: [String]) in try Releases.run(["--store", path] + words) }
    for words in [["init"]]
      + (try ["1", "2", "3"].flatMap { id in
        [["unpack", try store.archive(["VERSION": id]), "--id", id], ["activate", id]]
      })
    {
      let run = try releases(words)
      #expect(run.status == 0, "\(run.errors)")
    }
    try Program.expect(["mkdir", "\(path)/releases/\(name)"])
    let user = Process()
    user.executableURL = URL(fileURLWithPath: "/bin/sh")
    user.arguments = ["-c", "cd \"$0\" && echo && exec sleep 600", "\(path)/releases/\(name)"]
    let arrived = Pipe()
    user.standardOutput = arrived
    try user.run()
    defer {
      kill(user.processIdentifier, SIGKILL)
      user.waitUntilExit()
    }
    _ = try arrived.fileHandleForReading.read(upToCount: 1)
    let run = try releases(["prune", "--keep", "1", "--keep-within", "0d"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(FileManager.default.fileExists(atPath: "\(path)/releases/1/VERSION"))
  }

  @Test(arguments: [
    #""$B" --store "s$FF" init"#, #"RELEASES_STORE="$PWD/s$FF" "$B" init"#,
    #"mkdir "s$FF"; cd "s$FF"; unset PWD; "$B" --store inner init"#,
    #"cd store; "$B" --store . unpack "x$FF.tar""#,
  ])
  func `a path that is not UTF-8 is refused and no other is used`(command: String) throws {
    let store = try TestStore()
    let before = try store.facts()
    let run = try script(store, command)
    #expect(run.status == 2 || run.status == 4, "\(run.errors)")
    #expect(run.errors.contains("not UTF-8"))
    #expect(try store.facts() == before)
    #expect(try script(store, #"[ ! -e "$(printf 's\357\277\275')" ]"#).status == 0)
    #expect(!FileManager.default.fileExists(atPath: "/inner"))
  }
}

/// An entry that would not fit the journal to its end is refused at its beginning.
@Suite struct JournalRoomTests {
  @Test func `init retries an allocation of the journal that was interrupted`() throws {
    let store = try TestStore(initialized: false)
    let run = try store.run(["init"], launcher: Fault.error("EINTR", at: "fallocate"))
    #expect(run.status == 0, "\(run.errors)")
    try store.expectSettled()
  }

  @Test func `a link too long for the journal is refused without a change`() throws {
    let store = try TestStore()
    try store.activate(["1", "2"])
    var refused = 0
    // Each dot and slash makes the journal's entry longer, and means nothing to the kernel.
    for length in stride(from: 100, through: 800, by: 20) {
      let text = String(repeating: "./", count: length) + "releases/2"
      try store.makeLink("current", to: text)
      let before = try store.read(".releases/lock")
      let run = try store.run(["pin", "1", "--reason", String(repeating: "\u{1}", count: 500)])
      if run.status == 0 {
        #expect(refused == 0)
        continue
      }
      refused += 1
      #expect(run.status == 1)
      #expect(run.errors.contains("ln -sfn releases/ID current"))
      #expect(!run.errors.contains("was cut off"))
      let after = try store.read(".releases/lock")
      #expect(after == before || after.contains("moved by hand"), "only what was moved is noted")
    }
    #expect(refused > 0)
    try store.makeLink("current", to: "releases/2")
    try store.expectDone(["pin", "1", "--reason", "short again"])
    try store.expectSettled()
  }
}
