import Foundation
import TestSupport
import Testing

/// Paths under `shared/` outlive a release, and links in each release point to them.
@Suite struct SharedPathTests {
  private func store(_ shared: String) throws -> TestStore {
    let store = try TestStore()
    try store.write("releases.yaml", "shared: \(shared)\n")
    return store
  }

  private func publish(_ files: [String: String], in store: TestStore) throws -> Releases.Run {
    try store.expectSuccess(["unpack", try store.archive(files), "--id", "1"])
  }

  @Test func `links to shared paths replace what the archive contains`() throws {
    let store = try store(
      "{directories: [logs, var/cache/web], files: [config/wechat.yaml, a.env]}")
    try store.write("shared/config/wechat.yaml", "token: x\n")
    try store.write("shared/a.env", "A=1\n")
    let run = try publish(
      ["VERSION": "1", "logs/old/x": "x", "config/wechat.yaml": "default", "config/b": "b"],
      in: store)
    for path in ["logs", "config/wechat.yaml"] {
      #expect(
        run.errors.contains("the archive's \(path) was replaced by the link to shared/\(path)\n"),
        "\(run.errors)")
    }
    let links = [
      "logs": "../../shared/logs", "var/cache/web": "../../../../shared/var/cache/web",
      "config/wechat.yaml": "../../../shared/config/wechat.yaml", "a.env": "../../shared/a.env",
    ]
    for (name, target) in links { #expect(store.link("releases/1/\(name)") == target) }
    try store.expectSuccess(["activate", "1"])
    #expect(try store.read("current/config/wechat.yaml") == "token: x\n")
    #expect(try store.read("current/config/b") == "b")
    for directory in ["logs", "var/cache/web"] {
      try store.write("current/\(directory)/now", "x")
      #expect(store.exists("shared/\(directory)/now"), "the file is written through the link")
    }
    try store.expectConsistent()
  }

  /// Scripts that make a shared file unusable, and the message about it.
  static let unusable = [
    ("", "is missing"), ("ln -s ../gone wechat.yaml", "is a dangling link"),
    ("ln -s wechat.yaml wechat.yaml", "is a dangling link"),
    ("mkdir wechat.yaml", "is a directory"), ("cd ..; rmdir config; touch config", "is missing"),
  ]

  @Test(arguments: unusable)
  func `activate names a shared file that is unusable`(script: String, message: String) throws {
    let store = try store("{files: [config/wechat.yaml]}")
    _ = try publish(["VERSION": "1"], in: store)
    let directory = "\(store.path)/shared/config"
    try Program.expect(["sh", "-ec", "cd '\(directory)'\n\(script)"])
    let before = try store.fileSystemState()
    for arguments in [
      ["activate", "1"], ["activate", "1", "--dry-run"], ["activate", "1", "-f"],
    ] {
      let refused = try store.expectFailure(arguments, status: 3, code: "sharedFileMissing")
      #expect(refused.errors.contains("\(directory)/wechat.yaml \(message)"), "\(refused.errors)")
      #expect(refused.errors.contains("hint:"))
    }
    let check = try store.run(["check"])
    #expect(check.status == 3 && check.output.contains("\(directory)/wechat.yaml \(message)"))
    #expect(try store.fileSystemState() == before && store.current == nil)
    try Program.expect(["rm", "-rf", directory])
    try store.write("elsewhere.yaml", "token: x\n")
    try Program.expect(["mkdir", directory])
    try store.makeLink("shared/config/wechat.yaml", to: "../../elsewhere.yaml")
    try store.expectSuccess(["activate", "1"])
    #expect(
      try store.read("current/config/wechat.yaml") == "token: x\n",
      "a link may point to the shared file")
  }

  @Test(arguments: [
    "{directories: [../x]}", "{directories: [a/../../x]}", "{files: [/etc/passwd]}",
    "{files: [./x]}", "{directories: [a//b]}", "{directories: [logs, logs/app]}",
    "{directories: [logs], files: [logs]}", "{files: ['']}",
  ])
  func `a shared path that escapes or clashes is refused`(shared: String) throws {
    let store = try store(shared)
    let archive = try store.archive(["VERSION": "1"])
    let before = try store.fileSystemState()
    let beside = try FileManager.default.contentsOfDirectory(atPath: store.directory).sorted()
    let run = try store.expectFailure(["unpack", archive], status: 3, code: "configuration")
    #expect(run.errors.contains("releases.yaml:1:") && run.errors.contains("hint:"))
    #expect(try store.fileSystemState() == before)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: store.directory).sorted() == beside)
  }

  @Test func `an archive cannot redirect a shared path by a link`() throws {
    let store = try store("{directories: [var/log]}")
    let tree = "\(store.directory)/tree"
    try Program.expect(["mkdir", "-p", "\(tree)/real/log"])
    try Program.expect(["ln", "-s", "real", "\(tree)/var"])
    let archive = "\(store.directory)/tree.tar"
    try Program.expect(["tar", "-cf", archive, "-C", tree, "."])
    let run = try store.expectFailure(["unpack", archive], status: 6, code: "archiveRejected")
    #expect(run.errors.contains("var/log"))
    #expect(try store.names("releases") == [])
    try store.expectConsistent()
  }

  @Test func `shared may point to another disk if it is mounted`() throws {
    let store = try store("{directories: [logs]}")
    try Program.expect(["mkdir", "\(store.directory)/disk"])
    try store.makeLink("shared", to: "\(store.directory)/disk")
    _ = try publish(["VERSION": "1"], in: store)
    try store.expectSuccess(["activate", "1"])
    try store.write("current/logs/x", "x")
    #expect(FileManager.default.fileExists(atPath: "\(store.directory)/disk/logs/x"))
    try Program.expect(["mv", "\(store.directory)/disk", "\(store.directory)/unmounted"])
    let archive = try store.archive(["VERSION": "2"])
    let run = try store.expectFailure(
      ["unpack", archive], status: 3, code: "sharedDirectoryMissing")
    #expect(
      run.errors.contains("\(store.path)/shared is a dangling link to \(store.directory)/disk"))
    #expect(try store.names("releases") == ["1"])
    try store.expectConsistent()
  }

  /// Scripts that make a shared directory unusable, and the message about it.
  static let unusableDirectories = [
    ("rmdir logs; ln -s ../nfs logs", "shared/logs is a dangling link to ../nfs"),
    ("rmdir logs; ln -s logs logs", "shared/logs is a dangling link to \"logs\""),
    ("rmdir logs; touch logs", "shared/logs is not a directory"),
    ("cd ..; mv shared s; ln -s gone shared", "shared is a dangling link to \"gone\""),
    ("cd ..; mv shared s; touch shared", "shared is not a directory"),
  ]

  @Test(arguments: unusableDirectories)
  func `every command refuses a shared directory that is unusable`(
    script: String, message: String
  ) throws {
    let store = try store("{directories: [logs]}")
    _ = try publish(["VERSION": "1"], in: store)
    try Program.expect(["sh", "-ec", "cd '\(store.path)/shared'\n\(script)"])
    let archive = try store.archive(["VERSION": "2"])
    let before = try store.fileSystemState()
    var refused: Releases.Run?
    for arguments in [
      ["activate", "1"], ["activate", "1", "-n"], ["unpack", archive], ["unpack", archive, "-n"],
      ["deploy", archive],
    ] {
      let run = try store.expectFailure(arguments, status: 3, code: "sharedDirectoryMissing")
      #expect(run.errors.contains(message), "\(run.errors)")
      refused = run
    }
    #expect(try store.fileSystemState() == before)
    let check = try store.run(["check"])
    #expect(check.status == 3 && check.output.contains(message), "\(check.output)")
    try store.runHint(of: try #require(refused))
    if message.contains("is not a directory") { try store.expectSuccess(["activate", "1"]) }
    try store.expectSuccess(["activate", "1", "--force"])
  }

  @Test func `a missing shared directory is a problem only for a release that links to it`() throws
  {
    let store = try store("{directories: [logs]}")
    _ = try publish(["VERSION": "1"], in: store)
    try Program.expect(["rm", "-r", "\(store.path)/shared/logs"])
    let refused = try store.expectFailure(
      ["activate", "1"], status: 3, code: "sharedDirectoryMissing")
    #expect(refused.errors.contains("\(store.path)/shared/logs is missing"))
    try store.runHint(of: refused)
    try store.expectSuccess(["activate", "1"])
    try Program.expect(["rm", "-r", "\(store.path)/shared/logs"])
    #expect(try store.run(["check"]).status == 3, "the live release lacks its directory")
    let archive = try store.archive(["VERSION": "2"])
    try store.expectSuccess(["deploy", archive], sourceLocation: #_sourceLocation)
    #expect(store.exists("shared/logs"), "unpack creates it")
  }

  @Test func `a published release does not contain the path of its stage`() throws {
    let store = try TestStore()
    try store.write("releases.yaml", "shared: {directories: [logs, var/cache], files: []}\n")
    let archive = try store.archive(["VERSION": "1", "bin/run": "#!/bin/sh\n", "logs/old": "x"])
    try store.expectSuccess(["unpack", archive, "--id", "1"])
    try store.expectSuccess(["activate", "1"])
    let searched = try Program.run(
      [
        "grep", "-rlE", "staging/[^ ]*-|/tree/", "\(store.path)/releases",
        "\(store.path)/.releases/catalog",
        "\(store.path)/.releases/manifests",
      ])
    #expect(searched.output == "")
    let links = try Program.run(["find", "\(store.path)/releases", "-type", "l", "-printf", "%l\n"])
    #expect(links.lines.sorted() == ["../../../shared/var/cache", "../../shared/logs"])
  }
}
