import Foundation
import TestSupport
import Testing

/// A store that the runbook's workflow made without this tool.
enum LegacyStore {
  /// Makes releases named by their time, then runs a script in the store, whose path is `$0`.
  static func make(_ script: String, releases: Int = 3) throws -> TestStore {
    let store = try TestStore(initialized: false)
    let setUp = """
      umask 022; mkdir -p "$0/releases"; cd "$0"
      for i in $(seq \(1_700_000_001) \(1_700_000_000 + releases)); do
        mkdir -p releases/$i/bin; echo $i > releases/$i/VERSION; echo "echo $i" > releases/$i/bin/run
      done
      \(script)
      """
    try Program.expect(["sh", "-ec", setUp, store.path])
    return store
  }
}
