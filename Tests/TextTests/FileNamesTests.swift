import Testing
import Text

@Suite struct FileNamesTests {
  @Test(
    arguments: [
      ("", []), ("/", []), (".", []), ("a", ["a"]), ("a/b", ["a", "b"]), ("/a//b/", ["a", "b"]),
      ("./a/./b/.", ["a", "b"]), ("../a", ["..", "a"]), ("...", ["..."]),
      ("a/\u{301}b", ["a", "\u{301}b"]), ("/\u{301}", ["\u{301}"]), ("./\u{301}", ["\u{301}"]),
      (".\u{301}/a", [".\u{301}", "a"]), ("\u{E9}/e\u{301}", ["\u{E9}", "e\u{301}"]),
    ])
  func `a path has the same components as for the kernel`(path: String, components: [String]) {
    #expect(path.nameComponents.map { Array($0.utf8) } == components.map { Array($0.utf8) })
  }

  @Test(
    arguments: [
      ("a", "a", true), ("a/b", "a", true), ("a/", "a", true), ("ab", "a", false),
      ("a", "a/b", false),
      ("a/\u{301}b", "a", true), ("a\u{301}", "a", false), ("a\u{301}/b", "a", false),
      ("\u{E9}/x", "e\u{301}", false), ("e\u{301}/x", "e\u{301}", true),
    ])
  func `isOrLiesBeneath compares bytes`(path: String, directory: String, expected: Bool) {
    #expect(path.isOrLiesBeneath(directory) == expected)
  }

  @Test func `names and leading slashes are compared as bytes`() {
    #expect("\u{E9}" == "e\u{301}", "Swift treats different names as equal")
    #expect(!"\u{E9}".isSameName(as: "e\u{301}"))
    #expect(!"K".isSameName(as: "\u{212A}"))
    #expect("a".isSameName(as: "a"))
    #expect("/\u{301}a".isAbsolutePath && "/".isAbsolutePath)
    #expect(!"".isAbsolutePath && !"a/".isAbsolutePath)
  }
}
