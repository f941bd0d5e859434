import Glibc
import Testing

@testable import Linux

@Suite struct DirectoriesInUseTests {
  @Test(arguments: [
    Array("1".utf8), Array("1/sub".utf8), Array("1/\u{301}mark".utf8), [0x31, 0x2F, 0xFF],
  ])
  func `a working directory marks its tree as in use`(directory: [UInt8]) throws {
    let scratch = try Scratch()
    let root = try scratch.root()
    try root.makeDirectory("1")
    try root.makeDirectory("2")
    let path = (Array((scratch.path + "/").utf8) + directory + [0]).map { CChar(bitPattern: $0) }
    path.withUnsafeBufferPointer { _ = mkdir($0.baseAddress!, 0o755) }
    #expect(try DirectoriesInUse.names(beneath: root) == [])
    let resident = try Resident(path)
    #expect(try DirectoriesInUse.names(beneath: root) == ["1"])
    resident.leave()
    #expect(try DirectoriesInUse.names(beneath: root) == [])
    withExtendedLifetime(scratch) {}
  }
}

/// A process whose working directory is a given directory until ``leave()``.
private struct Resident {
  private let pid: pid_t
  private let input: Int32
  private let output: Int32

  init(_ directory: [CChar]) throws {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    try systemCall("pipe") { pipe(&toChild) }
    try systemCall("pipe") { pipe(&fromChild) }
    for raw in toChild + fromChild { _ = fcntl(raw, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    var arguments: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", "cd \"$0\" && echo && exec cat"]
      .map { (argument: String) in strdup(argument) }
    arguments.append(directory.withUnsafeBufferPointer { strdup($0.baseAddress!) })
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, "/bin/sh", &actions, nil, arguments + [nil], environ) == 0)
    (self.pid, input, output) = (pid, toChild[1], fromChild[0])
    Glibc.close(toChild[0])
    Glibc.close(fromChild[1])
    var byte: UInt8 = 0
    try #require(read(output, &byte, 1) == 1, "it has changed its directory")
  }

  func leave() {
    Glibc.close(input)
    Glibc.close(output)
    waitpid(pid, nil, 0)
  }
}
