import Foundation
import TestSupport
import Testing

/// A store with a thousand releases.
@Suite struct LargeStoreTests {
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["RELEASES_BINARY"] != nil,
      "times are those of the release build"))
  func `a command on a thousand releases takes less than 0.3 seconds`() throws {
    let store = try TestStore(initialized: false)
    let setUp = """
      mkdir -p "$0/releases"
      for i in $(seq 1 1000); do
        d="$0/releases/$((1700000000 + i))"; mkdir "$d"; echo $i > "$d/VERSION"
      done
      ln -s releases/1700001000 "$0/current"
      """
    try Program.expect(["sh", "-ec", setUp, store.path])
    try store.expectSuccess(["init"])
    // Processor time hardly depends on what else the host does. The slowest command takes 0.08 to 0.12 s.
    let script = """
      binary=$0; store=$1; shift
      for i in 1 2 3 4 5 6 7 8 9 10; do "$binary" --store "$store" "$@" >/dev/null || exit; done
      """
    for arguments in [["list"], ["list", "--json"], ["status"], ["prune", "--dry-run"]] {
      let run = try Program.run(
        ["time", "-q", "-f", "%U %S", "bash", "-c", script, Releases.binary, store.path]
          + arguments)
      #expect(run.status == 0, "\(run.errors)")
      let seconds = try #require(run.errors.split(separator: "\n").last)
        .split(separator: " ").compactMap { Double($0) }.reduce(0, +)
      #expect(seconds > 0 && seconds < 3, "\(arguments): \(seconds) s for 10 runs")
    }
  }
}
