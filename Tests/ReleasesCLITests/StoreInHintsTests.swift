import Testing

@testable import ReleasesCLI

/// Hints are typed as they stand, so they name the store that --store named.
@Suite struct StoreInHintsTests {
  @Test(arguments: [
    ("see: releases list", "see: releases --store /x list"),
    (
      "see all: releases verify 1; all the same: --force",
      "see all: releases --store /x verify 1; all the same: --force"
    ),
    ("until 'releases thaw'", "until 'releases --store /x thaw'"),
    ("releases recover", "releases --store /x recover"),
    ("2 releases list; releases, init", "2 releases --store /x list; releases, init"),
    ("see: releases help list", "see: releases help list"),
    ("releases --store /y init", "releases --store /y init"),
    ("mkdir -p releases && mv a releases/b", "mkdir -p releases && mv a releases/b"),
    ("no releases initially", "no releases initially"), ("", ""),
  ])
  func commandsNameTheStore(hint: String, expected: String) {
    #expect(naming(store: "/x", in: hint) == expected)
    #expect(naming(store: nil, in: hint) == hint)
  }

  @Test(arguments: [
    ("/opt/diting", "/opt/diting"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$x", "'$x'"),
    ("~", "'~'"), ("../x", "../x"),
  ])
  func aShellTakesItForOneWord(store: String, expected: String) {
    #expect(naming(store: store, in: "releases list") == "releases --store \(expected) list")
  }
}
