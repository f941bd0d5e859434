import Foundation
import Glibc
import ModelTestSupport
import ReleaseModel
import TestSupport
import Testing
import Text

@testable import HostPrograms

/// The link that the front connects to, in a real directory.
@Suite struct LiveLinkTests {
  private let directory: TemporaryDirectory
  private let place: String
  private var path: String { "\(place)/live" }

  init() throws {
    directory = try TemporaryDirectory()
    place = "\(directory.path)/run"
    try FileManager.default.createDirectory(
      atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
  }

  private func link(socket: String? = nil) -> LiveLink {
    LiveLink(
      InstanceLayout(templates: ["app@"], socket: socket ?? "\(place)/{id}.sock", live: path))
  }

  private func text() -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: path)
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place).sorted()
  }

  @Test func `a link is made, and then moved`() throws {
    #expect(link().state == .missing)
    #expect(try link().release() == nil)
    try link().point(to: "1")
    #expect(text() == "1.sock" && link().state == .release("1"))
    try link().point(to: "2")
    #expect(try link().release() == "2")
    #expect(try names() == ["live"])
  }

  @Test func `a link to a socket in another directory is absolute`() throws {
    try link(socket: "\(place)/{id}/http.sock").point(to: "1")
    #expect(text() == "\(place)/1/http.sock")
  }

  @Test func `a link points to another link if it exists`() throws {
    let other = LiveLink(
      InstanceLayout(templates: ["app@"], socket: "\(place)/{id}.sock", live: "\(place)/front"))
    #expect(try !link().point(to: other))
    #expect(try names() == [])
    try link().point(to: "1")
    #expect(try link().point(to: other))
    #expect(text() == "front")
  }

  /// A client that opens the link never finds it missing.
  @Test func `the link exists at every moment`() throws {
    try link().point(to: "1")
    let inode = try inode()
    let watcher = Watcher(path: path)
    for number in 1...300 { try link().point(to: number.isMultiple(of: 2) ? "1" : "2") }
    #expect(watcher.end() == 0, "times that the link was missing")
    #expect(try self.inode() != inode, "it is replaced and not changed")
  }

  private func inode() throws -> UInt64 {
    var status = stat()
    try #require(lstat(path, &status) == 0)
    return UInt64(status.st_ino)
  }

  @Test func `a link that is right already is not replaced`() throws {
    try link().point(to: "1")
    let before = try inode()
    try link().point(to: "1")
    #expect(try inode() == before)
  }

  @Test func `what an interrupted call left is removed, and nothing else`() throws {
    let other = ".live.other", left = ".live.0123abcd"
    symlink("x", "\(place)/\(left)")
    symlink("x", "\(place)/\(other)")
    try link().point(to: "1")
    #expect(try names() == [other, "live"])
    symlink("x", "\(place)/\(left)")
    try link().point(to: "1")
    #expect(try names() == [other, "live"], "also when the link is right already")
  }

  @Test(arguments: ["file", "directory"])
  func `anything else with its name is refused and kept`(kind: String) throws {
    if kind == "file" {
      try Data("x".utf8).write(to: URL(fileURLWithPath: path))
    } else {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    #expect(link().state == .notALink(isDirectory: kind == "directory"))
    #expect(try link().release() == nil)
    let error = #expect(throws: ReleasesError.self) { try link().point(to: "1") }
    #expect(error?.code == .notALink)
    let program = kind == "file" ? "rm -i" : "rm -ri"
    #expect(error?.hint?.command == .shell("\(program) \(path.shellQuoted)"))
    #expect(try names() == ["live"])
  }

  @Test func `a link to something else is shown, and replaced`() throws {
    symlink("/dev/null", path)
    #expect(link().state == .elsewhere("/dev/null"))
    #expect(try link().release() == nil)
    try link().point(to: "1")
    #expect(link().state == .release("1"))
  }

  @Test func `a missing directory is an error`() throws {
    try FileManager.default.removeItem(atPath: place)
    #expect(link().state == .noDirectory)
    #expect(link().problem() != nil)
    #expect(throws: ReleasesError.self) { try link().point(to: "1") }
  }

  @Test func `a directory of the owner has no problem`() {
    #expect(link().problem() == nil)
  }

  @Test(arguments: [0o777, 0o1777, 0o775] as [mode_t])
  func `a directory that other users can change is a problem`(mode: mode_t) {
    chmod(place, mode)
    #expect(link().problem()?.code == .unsafeOwner)
  }

  /// Root may change every directory.
  @Test(.enabled(if: !User.isRoot))
  func `a directory that can't be changed is a problem`() {
    chmod(place, 0o555)
    #expect(link().problem()?.code == .permission)
    chmod(place, 0o755)
  }
}

/// Counts how often a path is missing, from another thread.
private final class Watcher: @unchecked Sendable {
  private let lock = NSLock()
  private var isEnded = false
  private var missing = 0
  private let done = DispatchSemaphore(value: 0)

  init(path: String) {
    Thread.detachNewThread { [self] in
      var status = stat()
      while !lock.withLock({ isEnded }) {
        if lstat(path, &status) != 0 { missing += 1 }
      }
      done.signal()
    }
  }

  /// Ends the watch, and returns how often the path was missing.
  func end() -> Int {
    lock.withLock { isEnded = true }
    done.wait()
    return missing
  }
}
