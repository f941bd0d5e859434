import Foundation
import TestSupport
import Testing

/// Metrics in a file for the textfile collector of the node exporter.
@Suite struct TextfileTests {
  @Test func `the textfile replaces the old one and leaves other files`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/collector"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data("other 1\n".utf8).write(to: URL(fileURLWithPath: "\(place)/other.prom"))
    // One file was left by a writer killed two hours ago, the other is being written now.
    for (name, age) in [(".a.prom.0123abcd", 7_200.0), (".a.prom.4567abcd", 0)] {
      try Data("half".utf8).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: "\(place)/\(name)")
    }
    try Program.expect(["touch", "-d", "2 hours ago", "\(place)/.a.prom.0123abcd"])
    let variables = ["RELEASES_TEXTFILE_DIRECTORY": place]
    let run = try store.run(["metrics", "--textfile", "a.prom"], environment: variables)
    #expect(run.status == 0 && run.output == "" && run.errors == "")
    #expect(try names(place) == [".a.prom.4567abcd", "a.prom", "other.prom"])
    let written = try String(contentsOfFile: "\(place)/a.prom", encoding: .utf8)
    #expect(written.contains("releases_live{store=\"\(store.path)\"} 0\n"))
    let mode = try FileManager.default.attributesOfItem(atPath: "\(place)/a.prom")
    #expect(mode[.posixPermissions] as? Int == 0o644, "node_exporter is another user")
    #expect(try store.run(["metrics", "--textfile", "\(place)/b.prom"]).status == 0)
    #expect(try names(place) == [".a.prom.4567abcd", "a.prom", "b.prom", "other.prom"])
  }

  @Test func `another process's lock on the directory does not delay metrics`() throws {
    let store = try TestStore()
    let file = "\(store.directory)/a.prom"
    let run = try Program.run(
      ["flock", store.directory, Releases.binary, "-s", store.path, "metrics", "--textfile", file])
    #expect(run.status == 0, "\(run.errors)")
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test func `the textfile of the first version is removed`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/collector"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let old = URL(fileURLWithPath: "\(place)/releases.prom")
    let sample = "# TYPE releases_build_info gauge\nreleases_build_info{version=\"0.1.0\"} 1\n"
    try Data(sample.utf8).write(to: old)
    try store.expectSuccess(["metrics", "--textfile", "\(place)/a.prom"])
    #expect(try names(place) == ["a.prom"])
    try Data("somebody_else 1\n".utf8).write(to: old)
    try store.expectSuccess(["metrics", "--textfile", "\(place)/a.prom"])
    #expect(try names(place) == ["a.prom", "releases.prom"])
  }

  @Test func `a store that cannot be read leaves the textfile as it is`() throws {
    let store = try TestStore(initialized: false)
    let file = "\(store.directory)/a.prom"
    try Data("old 1\n".utf8).write(to: URL(fileURLWithPath: file))
    let run = try store.run(["metrics", "--textfile", file])
    #expect(run.status == 4 && run.errors.contains("there is no store at \(store.path)"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "old 1\n")
  }

  @Test(arguments: [("a.txt", Int32(2)), (".a.prom", 2), ("/nowhere/a.prom", 1)])
  func `an unsuitable path is refused`(name: String, status: Int32) throws {
    #expect(try TestStore().run(["metrics", "--textfile", name]).status == status)
  }

  @Test func `the error lists the candidates when no directory exists`() throws {
    let run = try TestStore().run(
      ["metrics", "--textfile", "a.prom"],
      environment: ["RELEASES_TEXTFILE_DIRECTORY": "/nowhere/at/all"])
    #expect(run.status == 1)
    #expect(
      run.errors.contains(
        "the directory of the textfile collector is missing: /nowhere/at/all\n"))
    #expect(run.hintCommand == "install -d /nowhere/at/all")
  }

  @Test func `the hint for a missing directory makes it`() throws {
    let store = try TestStore()
    let file = "\(store.directory)/collector/a.prom"
    let run = try store.run(["metrics", "--textfile", file])
    #expect(run.status == 1)
    #expect(run.hintCommand == "install -d \(store.directory)/collector")
    try Releases.paste(try #require(run.hintCommand))
    try store.expectSuccess(["metrics", "--textfile", file])
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test(.enabled(if: User.isRoot, ForeignUser.comment))
  func `an ordinary user gets a directory to write in`() throws {
    let run = try TestStore().run(
      ["metrics", "--textfile", "a.prom"],
      environment: ["RELEASES_TEXTFILE_DIRECTORY": "/nowhere/at/all"],
      launcher: ForeignUser.launcher(ForeignUser.owner))
    #expect(run.hintCommand == "sudo install -d -o \(ForeignUser.owner) /nowhere/at/all", "\(run)")
  }

  /// Root reads as the owner of the store and writes as the owner of the directory.
  @Test(.enabled(if: getuid() == 0)) func `root writes as the owner of the directory`() throws {
    let store = try TestStore()
    let place = "\(store.directory)/collector"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    for (path, owner) in [(store.path, "1234:1234"), (place, "4321:4321")] {
      try Program.expect(["chown", "-R", owner, path])
    }
    try Program.expect(["chmod", "755", store.directory])
    try store.expectSuccess(["metrics", "--textfile", "\(place)/a.prom"])
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(place)/a.prom")
    #expect(attributes[.ownerAccountID] as? Int == 4321)
  }

  private func names(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }
}
