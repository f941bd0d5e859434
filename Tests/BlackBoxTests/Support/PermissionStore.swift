import Foundation
import TestSupport
import Testing

extension TestStore {
  /// A group that the users of the store do not belong to.
  static let inheritedGroup = 33
  static let otherUser = 34

  /// Packs directories and files with many modes, and a directory that only its file implies.
  func permissionArchive(_ id: String, top: String = "755") throws -> String {
    let tree = "\(directory)/rights"
    let script = """
      rm -rf "$0"; mkdir -p "$0/open/deep" "$0/closed" "$0/implied"
      echo \(id) > "$0/VERSION"; echo same > "$0/open/deep/file"; echo c > "$0/closed/file"
      echo i > "$0/implied/file"; echo '#!/bin/sh' > "$0/open/run"; ln -s VERSION "$0/link"
      ln "$0/open/run" "$0/open/again"
      chmod 777 "$0/open"; chmod 750 "$0/closed"; chmod 775 "$0/open/run"; chmod 640 "$0/closed/file"
      chmod \(top) "$0"
      tar -cf "$0.tar" -C "$0" --no-recursion . ./open ./open/deep ./closed ./VERSION ./link \
        ./open/deep/file ./closed/file ./implied/file ./open/run ./open/again
      """
    try Program.expect(["sh", "-ec", script, tree])
    return "\(tree).tar"
  }

  /// Returns the path, the group and the mode of each file of a release except links.
  func modes(of id: String) throws -> [String] {
    try Program.expect([
      "find", "\(path)/releases/\(id)", "-not", "-type", "l", "-printf", "%P %g %m\n",
    ]).lines.sorted()
  }

  /// Runs shell commands in which `$R` is the releases directory.
  func runInReleases(_ commands: String...) throws {
    for command in commands {
      try Program.expect(["sh", "-ec", "R=\"$0\"; \(command)", "\(path)/releases"])
    }
  }

  /// Expects exactly these releases, each equal to its manifest.
  func expectOnlyWhole(_ ids: String...) throws {
    for id in ids {
      let verified = try run(["verify", id, "--strict"])
      #expect(verified.status == 0, "\(verified.output)")
    }
    try expectConsistent()
    #expect(try names("releases") == ids)
  }

  /// Returns the access list of a file of a release.
  func accessList(of name: String) throws -> [String] {
    try Program.expect(["getfacl", "-cnE", "\(path)/releases/\(name)"]).lines
  }
}
