import Foundation
import Linux
import TestSupport
import Testing

@testable import Archive

/// Several threads write the same tree as a single one.
struct LaneTests {
  /// Makes a tree by a shell script and packs it with tar(1) in the order of names.
  private func archive(_ make: String) throws -> (source: TemporaryDirectory, archive: Data) {
    let source = try TemporaryDirectory()
    _ = try run(["sh", "-euc", "cd \"$1\"; \(make)", "sh", source.url.path])
    let tar = ["tar", "--sort=name", "--format=pax", "-C", source.url.path, "-cf", "-", "."]
    return (source, try run(tar))
  }

  private func expectSame(_ source: TemporaryDirectory, _ stage: TestStage) throws {
    #expect(
      throws: Never.self,
      performing: { try run(["diff", "-r", source.url.path, stage.url.path]) })
    // The parent of the worker sets the times of links.
    let facts = [
      "find", ".", "(", "-type", "l", "-printf", "%P %y %m %l\n", ")", "-o", "-printf",
      "%P %y %m %T@\n",
    ]
    let listing = ["sh", "-euc", "cd \"$1\"; shift; \"$@\" | grep -v '^ d' | sort", "sh"]
    #expect(
      try run(listing + [source.url.path] + facts) == run(listing + [stage.url.path] + facts))
  }

  @Test func `large files between many small ones are complete`() throws {
    let (source, archive) = try archive(
      """
      umask 022
      for i in 1 2 3 4 5; do
        mkdir d$i; seq $i 4 600000 > d$i/large; chmod 0444 d$i/large
        for j in $(seq 300); do echo $i $j > d$i/s$j; done
        ln -s large d$i/link; mkdir d$i/empty
      done
      """)
    let stage = try TestStage()
    let tree = try stage.unpack(archive)
    #expect(tree.fileCount == 5 * 301 && tree.entries.count == 5 * 304 + 1)
    for entry in tree.entries {
      guard case .file(_, let digest) = entry.content else { continue }
      let bytes = try Data(contentsOf: stage.url.appending(path: entry.path))
      #expect(SHA256.digest(of: bytes) == digest, "\(entry.path)")
    }
    try expectSame(source, stage)
  }

  @Test func `hard links work across lanes`() throws {
    let (source, archive) = try archive(
      """
      umask 022
      for i in $(seq 40); do
        mkdir a$i; for j in $(seq 40); do echo $i $j > a$i/f$j; done
      done
      mkdir z; for i in $(seq 40); do ln a$i/f7 z/l$i; ln z/l$i z/again$i; done
      """)
    let stage = try TestStage()
    _ = try stage.unpack(archive)
    let root = try Descriptor.openDirectory(stage.url.path)
    for number in 1...40 {
      let file = try root.status(of: "a\(number)/f7")
      #expect(file.linkCount == 3)
      #expect(file.isSameFile(as: try root.status(of: "z/l\(number)")))
    }
    try expectSame(source, stage)
  }

  @Test func `a hard link to a hard link is made after its target`() throws {
    let pack = """
      import io, sys, tarfile
      with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
          file = tarfile.TarInfo("d/a")
          file.size = 1
          archive.addfile(file, io.BytesIO(b"x"))
          for name, target in [("z", "d/a"), ("e/b", "z"), ("c", "e/b")]:
              link = tarfile.TarInfo(name)
              link.type, link.linkname = tarfile.LNKTYPE, target
              archive.addfile(link)
      """
    let stage = try TestStage()
    let tree = try stage.unpack(try run(["python3", "-c", pack]))
    #expect(tree.fileCount == 4 && tree.byteCount == 1)
    let root = try Descriptor.openDirectory(stage.url.path)
    let file = try root.status(of: "d/a")
    for name in ["z", "e/b", "c"] {
      #expect(file.isSameFile(as: try root.status(of: name)), "\(name)")
    }
  }

  @Test func `empty directories are made`() throws {
    let (source, archive) = try archive("mkdir -p a/b/c d; chmod 0711 a/b; touch -d @7 a/b/c a/b a")
    let stage = try TestStage()
    let tree = try stage.unpack(archive)
    #expect(tree.entries.map(\.path) == [".", "a", "a/b", "a/b/c", "d"])
    try expectSame(source, stage)
  }

  /// This holds whether something is written to the directory or not.
  @Test(arguments: ["full", "empty"])
  func `an existing directory is an error`(_ name: String) throws {
    let (_, archive) = try archive("mkdir full empty; echo 1 > full/f")
    let stage = try TestStage()
    try Descriptor.openDirectory(stage.url.path).makeDirectory(name)
    guard case .system(let error) = failure({ _ = try stage.unpack(archive) }) else {
      Issue.record("the directory was accepted")
      return
    }
    #expect(error.errno == .exists && error.call == "mkdirat")
  }

  /// The archive is much larger than the queues when one of the lanes fails.
  @Test func `an error in one lane ends unpacking`() throws {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    let (_, archive) = try archive(
      "for i in $(seq 100); do mkdir d$i; for j in $(seq 100); do echo $j > d$i/$j; done; done")
    for name in ["d1", "d5", "d99"] {
      let stage = try TestStage()
      let file = stage.url.appending(path: name)
      try Data().write(to: file)
      guard case .system(let error) = failure({ _ = try stage.unpack(archive) }) else {
        Issue.record("\(name) was accepted")
        continue
      }
      #expect(error.errno == .exists)
    }
  }

  /// The umask of the process and inherited access lists must not matter.
  @Test func `files get their modes under any umask and access list`() throws {
    let (source, archive) = try archive(
      "for m in 400 444 555 600 640 700 755; do echo $m > $m; chmod 0$m $m; done")
    let stage = try TestStage()
    // The owner has all permissions, the group and others none; see acl(5).
    let list = """
      import os, struct, sys
      entries = struct.pack("<IHHIHHIHHI", 2, 1, 7, 2**32-1, 4, 0, 2**32-1, 32, 0, 2**32-1)
      os.setxattr(sys.argv[1], "system.posix_acl_default", entries)
      """
    _ = try run(["python3", "-c", list, stage.url.path])
    _ = try stage.unpack(archive)
    try expectSame(source, stage)
  }

  /// Reports never overlap and none is lost.
  @Test func `both lanes report to one receiver`() throws {
    let (_, archive) = try archive(
      "for i in $(seq 20); do mkdir d$i; for j in $(seq 200); do echo $j > d$i/$j; done; done")
    let tree = try TestStage().unpack(archive)
    #expect(Set(tree.entries.map(\.path)).count == 20 * 201 + 1)
    #expect(tree.entries.count == 20 * 201 + 1)
  }
}
