import Testing

@testable import Archive

/// The Unicode Path field and the name in the header of a zip member must not contradict each other.
@Suite struct ZipNameTests {
  @Test(arguments: [
    ("a/b", "a/b"), ("caf\u{82}", "café"), ("caf_.txt", "café.txt"), ("caf?.txt", "café.txt"),
    ("__/x", "文档/x"), ("??/x", "文档/x"), ("_", "😀"), ("__", "😀"), ("?_é", "?_é"),
    ("a_b", "aéb"), ("??.txt", "😀.txt"), ("???", "😀é"), ("??", "😀é"),
  ])
  func `characters that a code page lacks may be replaced`(stored: String, unicode: String) {
    // Each character above ASCII in `stored` stands for one byte.
    let bytes = stored.unicodeScalars.flatMap { scalar -> [UInt8] in
      unicode == stored || scalar.value > 0xFF
        ? Array(String(scalar).utf8) : [UInt8(truncatingIfNeeded: scalar.value)]
    }
    #expect(ZipName.agrees(bytes, Array(unicode.utf8)[...]))
  }

  @Test(arguments: [
    ("a_b", "a/b"), ("a?b", "a/b"), ("_", "/"), ("__", ".."), ("a_", "a"), ("a", "aé"),
    ("caf__", "café"), ("x", "é"), ("../_", "a/é"), ("_/_", "é\\é"), ("_", "é/"),
  ])
  func `names that differ otherwise contradict each other`(stored: String, unicode: String) {
    #expect(!ZipName.agrees(Array(stored.utf8), Array(unicode.utf8)[...]))
  }
}
