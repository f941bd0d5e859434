import Foundation
import Testing

/// What a file of an archive costs, counted instead of timed: open, write, look at the mode, set
/// the time, close, and a share of what is done for all together.
@Suite struct SystemCallTests {
  private static let waiting: Set<Substring> = ["futex", "poll", "wait4", "total"]

  @Test(arguments: ["tar -czf", "tar --zstd -cf", "zip -qr"])
  func aFileTakesSixSystemCalls(pack: String) throws {
    let store = try TestStore()
    let count = 2000
    let script = """
      mkdir "$0/tree" && cd "$0/tree"
      for i in $(seq 1 \(count)); do echo $i > f$i; done
      \(pack) "$0/archive" . && { test -e "$0/archive" || mv "$0/archive.zip" "$0/archive"; }
      """
    try Program.expect(["sh", "-ec", script, store.path])
    let summary = "\(store.path)/calls"
    let run = try store.run(
      ["unpack", "\(store.path)/archive"], launcher: ["strace", "-f", "-qq", "-c", "-o", summary])
    #expect(run.status == 0, "\(run.errors)")
    let lines = try String(contentsOfFile: summary, encoding: .utf8).split(separator: "\n")
    let calls = lines.reduce(0) { sum, line in
      let words = line.split(separator: " ")
      guard words.count >= 5, let name = words.last, !Self.waiting.contains(name) else {
        return sum
      }
      return sum + (Int(words[3]) ?? 0)
    }
    #expect(calls > count * 4, "nothing was counted")
    #expect(calls < count * 6, "\(calls) calls for \(count) files")
  }
}
