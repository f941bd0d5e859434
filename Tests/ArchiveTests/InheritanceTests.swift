import Foundation
import Glibc
import Linux
import Testing

@testable import Archive

/// Which inherited permissions the entries of a tree keep.
@Suite struct InheritanceTests {
  @Test func `without inheritance, the archive alone decides the permissions`() {
    let none: Inheritance = []
    #expect(none.creationMode(ofDirectory: 0o755) == 0o700)
    #expect(none.permissions(ofDirectory: 0o700, wanted: 0o755) == 0o755)
    #expect(none.permissions(ofFile: 0o600, wanted: 0o644) == 0o644)
    #expect(none.allows(directory: 0o755) && !none.allows(directory: 0o2755))
  }

  @Test func `a set-group-ID bit is kept, and an archive can only remove permissions`() {
    let group = Inheritance.group
    #expect(group.creationMode(ofDirectory: 0o750) == 0o750)
    #expect(group.permissions(ofDirectory: 0o2755, wanted: 0o755) == 0o2755)
    #expect(group.permissions(ofDirectory: 0o2755, wanted: 0o700) == 0o2700)
    #expect(group.permissions(ofFile: 0o600, wanted: 0o644) == 0o644)
    #expect(group.allows(directory: 0o2755))
  }

  @Test func `permissions that an access list removed are not restored`() {
    let list = Inheritance.accessList
    #expect(list.permissions(ofDirectory: 0o750, wanted: 0o755) == 0o750)
    #expect(list.permissions(ofFile: 0o640, wanted: 0o644) == 0o640)
    #expect(!list.allows(directory: 0o2755))
  }

  @Test func `a worker may report only one special bit, a directory's set-group-ID bit`() {
    func isRead(_ content: TreeEntry.Content, _ permissions: FileMode) -> Bool {
      let entry = TreeEntry(
        path: "a", content: content, permissions: permissions, modified: FileTime(seconds: 0))
      let bytes = WorkerMessage.written(.entry(entry)).encoded()
      return WorkerMessage(decoding: bytes.dropFirst(8)) != nil
    }
    #expect(isRead(.directory, 0o2755))
    #expect(!isRead(.directory, 0o4755) && !isRead(.directory, 0o1755))
    #expect(!isRead(.file(size: 0, digest: Digest()), 0o2755))
    #expect(isRead(.file(size: 0, digest: Digest()), 0o755))
  }

  @Test func `the request carries what is inherited`() throws {
    var options = UnpackOptions()
    options.inheritance = [.group, .accessList]
    let bytes = WorkerRequest(options).encoded()
    #expect(WorkerRequest(decoding: Array(bytes.dropFirst(8)))?.options == options)
  }
}
