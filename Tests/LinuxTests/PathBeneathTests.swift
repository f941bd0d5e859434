import Testing

@testable import Linux

@Suite struct PathBeneathTests {
  @Test(
    arguments: [
      ("/s/r/1", "/s/r", "1"), ("/s/r/1/x", "/s/r", "1/x"), ("/s/r", "/s/r", nil),
      ("/s/r/", "/s/r", nil), ("/s/rr/1", "/s/r", nil), ("/1", "/", "1"), ("/", "/", nil),
      ("/s/r/\u{301}1", "/s/r", "\u{301}1"), ("anon_inode:x", "/", nil),
    ] as [(String, String, String?)])
  func `the part of a path beneath a directory is returned`(
    path: String, base: String, rest: String?
  ) {
    let left = bytes(of: Array(path.utf8)[...], beneath: Array(base.utf8)[...])
    #expect(left.map(Array.init) == rest.map { Array($0.utf8) })
  }
}
