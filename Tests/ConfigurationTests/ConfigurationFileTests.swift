import Configuration
import Foundation
import Linux
import ReleaseModel
import StoreSupport
import TestSupport
import Testing
import Text

@Suite struct ConfigurationFileTests {
  private let directory: TemporaryDirectory
  private var store: String { directory.path }
  private var file: String { store + "/releases.yaml" }

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ text: String, mode: mode_t = 0o644) throws {
    try Data(text.utf8).write(to: URL(filePath: file))
    #expect(chmod(file, mode) == 0)
  }

  private func load() throws(ReleasesError) -> Configuration {
    let directory = try withErrorMessage("open") { () throws(SystemError) in
      try Descriptor.openDirectory(store)
    }
    return try Configuration.load(directory: directory, path: store)
  }

  private func failure() throws -> ReleasesError {
    try #require(throws: ReleasesError.self) { _ = try load() }
  }

  @Test func `a missing file selects the defaults`() throws {
    #expect(try load() == Configuration())
  }

  @Test(arguments: ["releases.yml", ".releases.yaml"])
  func `a file with another name is noticed`(name: String) throws {
    try Data("keep: {count: 9}".utf8).write(to: URL(filePath: "\(store)/\(name)"))
    let configuration = try load()
    #expect(configuration.keep == Configuration().keep)
    let notice = try #require(configuration.notices.first)
    #expect(notice.message.text.hasPrefix("\(store)/\(name) is not read"))
    #expect(notice.hint?.command == .shell("mv '\(store)/\(name)' '\(file)'"))
    try write("keep: {count: 8}")
    let beside = try #require(try load().notices.first)
    #expect(beside.message == "\(store)/\(name) is not read, since \(file) is")
    #expect(beside.hint?.command == .shell("mv '\(store)/\(name)' '\(store)/\(name).unused'"))
  }

  @Test func `a file is read`() throws {
    try write("keep: {count: 9}", mode: 0o600)
    #expect(try load().keep.count == 9)
  }

  @Test func `an error names the full path of the file`() throws {
    try write("keep:\n  cout: 9\n")
    #expect(try failure().message == "\(file):2:3: unknown key 'cout' in keep")
  }

  @Test(arguments: [0o664, 0o646, 0o666, 0o777, 0o620] as [mode_t])
  func `a file that others can write is refused`(mode: mode_t) throws {
    try write("keep: {count: 9}", mode: mode)
    let error = try failure()
    #expect(error.code == .unsafeOwner)
    #expect(error.hint?.command == .shell("chmod go-w \(file)"))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `a file that belongs to a third user is refused`() throws {
    try write("keep: {count: 9}")
    #expect(mkdir("\(store)/.releases", 0o755) == 0)
    #expect(chown(file, 4321, 4321) == 0)
    let error = try failure()
    #expect(error.code == .unsafeOwner)
    #expect(error.hint?.command == .shell("chown 0 \(file)"))
    #expect(chown(store, 4321, 4321) == 0)
    #expect(try load().keep.count == 9)
    #expect(chown(file, 0, 0) == 0)
    #expect(try load().keep.count == 9)
  }

  @Test func `a symbolic link is refused`() throws {
    try Data().write(to: URL(filePath: store + "/other.yaml"))
    #expect(symlink("other.yaml", file) == 0)
    let error = try failure()
    #expect(error.code == .configuration)
    #expect(error.message == "\(file) is a symbolic link")
    #expect(error.hint != nil)
  }

  @Test func `a pipe is refused without waiting for its writer`() throws {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    #expect(mkfifo(file, 0o600) == 0)
    #expect(try failure().message == "\(file) is not a regular file")
  }

  @Test func `a directory is refused`() throws {
    #expect(mkdir(file, 0o755) == 0)
    #expect(try failure().message == "\(file) is not a regular file")
  }

  @Test func `a file that is too big is refused`() throws {
    try write(String(repeating: "#", count: (1 << 20) + 1))
    #expect(try failure().message == "\(file) is larger than 1.0 MiB")
  }

  @Test(.enabled(if: geteuid() != 0, "root may read anything"))
  func `a file that cannot be read is an error of permissions`() throws {
    try write("keep: {count: 9}", mode: 0)
    #expect(try failure().code == .permission)
  }
}
