import Archive
import Linux
import Manifest
import Testing

@testable import Operations

/// The files of an older release that a new one can share.
@Suite struct UnsharedFilesTests {
  private func file(
    _ path: String, _ content: String, mode: FileMode = 0o644, time: Int64 = 1
  ) -> TreeEntry {
    TreeEntry(
      path: path,
      content: .file(
        size: Int64(content.utf8.count), digest: SHA256.digest(of: Array(content.utf8))),
      permissions: mode, modified: FileTime(seconds: time))
  }

  private let top = TreeEntry(
    path: ".", content: .directory, permissions: 0o755, modified: FileTime(seconds: 0))

  private func matches(_ wanted: [TreeEntry], _ older: [TreeEntry]) -> [String] {
    UnsharedFiles(wanted).matches(in: Manifest([top] + older).encoded()).map(\.path)
  }

  @Test func `files are shared by content, size and mode, not by name and time`() {
    let wanted = [top, file("a", "same"), file("b", "more"), file("x y", "run", mode: 0o755)]
    let older = [
      file("A", "same", time: 9), file("b", "less"), file("x y", "run", mode: 0o755),
      file("y", "run"),
    ]
    #expect(matches(wanted, older) == ["A", "x y"])
  }

  @Test func `links and empty files are not shared`() {
    let link = TreeEntry(
      path: "l", content: .symbolicLink(target: "a"), permissions: 0o777,
      modified: FileTime(seconds: 1))
    #expect(UnsharedFiles([top, link, file("empty", "")]).isEmpty)
    #expect(matches([file("empty", "")], [file("empty", "")]) == [])
  }

  @Test func `a name that looks like a digest is not a digest`() {
    let entry = file("a", "same")
    guard case .file(_, let digest) = entry.content else { return }
    let link = TreeEntry(
      path: "l", content: .symbolicLink(target: " sha256digest=\(digest.hex)"),
      permissions: 0o777, modified: FileTime(seconds: 1))
    #expect(matches([entry], [link]) == [])
  }

  @Test func `each file is found once`() {
    var wanted = UnsharedFiles([file("a", "same"), file("b", "same")])
    var found: [String] = []
    while let next = wanted.next(equalTo: file("c", "same")) {
      found.append(next.path)
      wanted.removeNext(equalTo: file("c", "same"))
    }
    #expect(found.sorted() == ["a", "b"])
    #expect(wanted.isEmpty)
  }
}
