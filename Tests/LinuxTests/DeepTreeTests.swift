import Foundation
import Glibc
import TestSupport
import Testing

@testable import Linux

/// Trees that are deeper than a path can be long, such as a service can make in a directory of its own.
@Suite struct DeepTreeTests {
  /// Makes a chain of directories beneath a directory, and a file at its end.
  private func makeChain(_ levels: Int, in place: String) throws {
    let script = """
      import os, sys
      os.chdir(sys.argv[1])
      for level in range(int(sys.argv[2])):
          os.mkdir("d")
          os.chdir("d")
      open("end", "w").close()
      """
    try Program.expect(["/usr/bin/python3", "-c", script, place, "\(levels)"])
  }

  @Test(arguments: [199, 200, 201, 5_000])
  func `a deep tree is removed`(levels: Int) throws {
    let scratch = try Scratch()
    defer { withExtendedLifetime(scratch) {} }
    let root = try scratch.root()
    for name in ["x", "x/deep.1", "x/second"] { try root.makeDirectory(name) }
    try makeChain(levels, in: scratch.path + "/x")
    try makeChain(levels, in: scratch.path + "/x/second")
    try root.writeFile("stays", "")
    // The default of pthread_create(3) on small hosts; each level takes some of it.
    let removal = Removal(in: scratch.path)
    let thread = Foundation.Thread { removal.run() }
    thread.stackSize = 512 << 10
    thread.start()
    #expect(removal.wait() == nil)
    #expect(try root.entries().map(\.name) == ["stays"])
  }
}

/// The removal of the tree `x` on another thread.
private final class Removal: @unchecked Sendable {
  private let directory: String
  private let ended = DispatchSemaphore(value: 0)
  private var remains: TreeRemains?

  init(in directory: String) { self.directory = directory }

  func run() {
    if let root = try? Descriptor.openDirectory(directory) {
      remains = root.removeTreeAsFarAsPossible("x")
    }
    ended.signal()
  }

  func wait() -> TreeRemains? {
    ended.wait()
    return remains
  }
}
