import ReleaseModel
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("a", "a"), ("a/b", "a/b"), ("*", "a"), ("*", ".hidden"), ("a*", "a"), ("*.py?", "x.pyc"),
    ("a*b*c", "aXbYbZc"), ("**", "a"), ("**", "a/b/c"), ("**/x", "x"), ("**/x", "a/b/x"),
    ("x/**", "x"), ("x/**", "x/a/b"), ("**/x/**", "x"), ("**/x/**", "x/a"),
    ("**/x/**", "a/x"), ("**/x/**", "a/b/x/c/d"), ("a/**/b", "a/b"), ("a/**/b", "a/x/y/b"),
    ("**/a/**/b", "a/c/a/x/b"), ("**/**/a", "a"), ("a**b", "aXXb"),
    ("[abc]", "b"), ("[a-c]x", "bx"), ("[!a-c]", "d"), ("[^a-c]", "d"), ("[]]", "]"),
    ("[!]]", "a"), ("[a-]", "-"), ("[*]", "*"), ("\\*", "*"), ("a\\b", "ab"),
    ("?", "é"), ("[à-ü]", "é"), ("**/__pycache__/**", "app/__pycache__/main.cpython-313.pyc"),
  ])
  func `a pattern matches a path`(pattern: String, path: String) throws {
    #expect(try #require(Glob(parsing: pattern)).matches(path))
  }

  @Test(arguments: [
    ("a", "b"), ("a", "a/b"), ("a/b", "a"), ("*", "a/b"), ("a*", "ba"), ("?", ""), ("?", "ab"),
    ("?", "/"), ("*.pyc", "a/x.pyc"), ("**/x", "x/a"), ("x/**", "xy"), ("**/x/**", "a/xy/b"),
    ("a/**/b", "a"), ("a/**/b", "a/x"), ("a**b", "a/b"), ("[abc]", "d"), ("[!abc]", "a"),
    ("[!a]", "/"), ("\\*", "a"), ("a*b*c", "aXbYbZ"), ("A", "a"), ("a?b", "a/b"),
  ])
  func `a pattern does not match another path`(pattern: String, path: String) throws {
    #expect(try !#require(Glob(parsing: pattern)).matches(path))
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/./b", "[", "[a", "[]", "[!]", "[c-a]",
    "[a/b]", "a\\", "a/\u{301}/../b",
  ])
  func `a malformed pattern is not parsed`(pattern: String) {
    #expect(Glob(parsing: pattern) == nil)
  }

  @Test func `patterns that are made to be slow take less than a minute`() throws {
    let begun = ContinuousClock.now
    defer { #expect(ContinuousClock.now - begun < .seconds(60)) }
    let name = String(repeating: "a", count: 200)
    let stars = try #require(Glob(parsing: String(repeating: "a*", count: 60) + "b"))
    #expect(!stars.matches(name))
    let deep = try #require(Glob(parsing: String(repeating: "**/a*a*/", count: 30) + "b"))
    #expect(!deep.matches(Array(repeating: "aaaa", count: 60).joined(separator: "/")))
  }
}
