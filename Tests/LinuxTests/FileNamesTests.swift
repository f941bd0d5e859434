import Glibc
import Testing

@testable import Linux

@Suite struct FileNamesTests {
  @Test(
    arguments: [
      ("", []), ("/", []), (".", []), ("a", ["a"]), ("a/b", ["a", "b"]), ("/a//b/", ["a", "b"]),
      ("./a/./b/.", ["a", "b"]), ("../a", ["..", "a"]), ("...", ["..."]),
      ("a/\u{301}b", ["a", "\u{301}b"]), ("/\u{301}", ["\u{301}"]), ("./\u{301}", ["\u{301}"]),
      (".\u{301}/a", [".\u{301}", "a"]), ("\u{E9}/e\u{301}", ["\u{E9}", "e\u{301}"]),
    ])
  func aPathFallsIntoTheKernelsComponents(path: String, components: [String]) {
    #expect(path.nameComponents.map { Array($0.utf8) } == components.map { Array($0.utf8) })
  }

  @Test(
    arguments: [
      ("a", "a", true), ("a/b", "a", true), ("a/", "a", true), ("ab", "a", false),
      ("a", "a/b", false),
      ("a/\u{301}b", "a", true), ("a\u{301}", "a", false), ("a\u{301}/b", "a", false),
      ("\u{E9}/x", "e\u{301}", false), ("e\u{301}/x", "e\u{301}", true),
    ])
  func beneathGoesByBytes(path: String, directory: String, expected: Bool) {
    #expect(path.isOrLiesBeneath(directory) == expected)
  }

  @Test func namesAndRootsGoByBytes() {
    #expect("\u{E9}" == "e\u{301}", "why all this is needed")
    #expect(!"\u{E9}".isSameName(as: "e\u{301}"))
    #expect(!"K".isSameName(as: "\u{212A}"))
    #expect("a".isSameName(as: "a"))
    #expect("/\u{301}a".isAbsolutePath && "/".isAbsolutePath)
    #expect(!"".isAbsolutePath && !"a/".isAbsolutePath)
  }

  @Test(
    arguments: [
      ("/s/r/1", "/s/r", "1"), ("/s/r/1/x", "/s/r", "1/x"), ("/s/r", "/s/r", nil),
      ("/s/r/", "/s/r", nil), ("/s/rr/1", "/s/r", nil), ("/1", "/", "1"), ("/", "/", nil),
      ("/s/r/\u{301}1", "/s/r", "\u{301}1"), ("anon_inode:x", "/", nil),
    ] as [(String, String, String?)])
  func whatLiesBeneathIsLeft(path: String, base: String, rest: String?) {
    let left = bytes(of: Array(path.utf8)[...], beneath: Array(base.utf8)[...])
    #expect(left.map(Array.init) == rest.map { Array($0.utf8) })
  }
}

@Suite struct TreeUsersTests {
  /// A process that stands in a directory until it is let go.
  @Test(arguments: [
    Array("1".utf8), Array("1/sub".utf8), Array("1/\u{301}mark".utf8), [0x31, 0x2F, 0xFF],
  ])
  func whoeverStandsInATreeIsSeen(directory: [UInt8]) throws {
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

/// A process that stands in a directory until it is told to leave.
private struct Resident {
  private let pid: pid_t
  private let input: Int32
  private let output: Int32

  init(_ directory: [CChar]) throws {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    try attempt("pipe") { pipe(&toChild) }
    try attempt("pipe") { pipe(&fromChild) }
    for raw in toChild + fromChild { _ = fcntl(raw, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    var words: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", "cd \"$0\" && echo && exec cat"]
      .map { (word: String) in strdup(word) }
    words.append(directory.withUnsafeBufferPointer { strdup($0.baseAddress!) })
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, "/bin/sh", &actions, nil, words + [nil], environ) == 0)
    (self.pid, input, output) = (pid, toChild[1], fromChild[0])
    Glibc.close(toChild[0])
    Glibc.close(fromChild[1])
    var byte: UInt8 = 0
    try #require(read(output, &byte, 1) == 1, "it has arrived")
  }

  func leave() {
    Glibc.close(input)
    Glibc.close(output)
    waitpid(pid, nil, 0)
  }
}
