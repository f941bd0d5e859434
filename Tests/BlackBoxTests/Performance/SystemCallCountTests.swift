import Foundation
import TestSupport
import Testing

/// The cost of a file in an archive, counted in system calls: open, write, stat, set the time,
/// close, and a share of what is done once.
@Suite struct SystemCallCountTests {
  private static let waiting: Set<Substring> = ["futex", "poll", "wait4", "total"]

  @Test(arguments: ["tar -czf", "tar --zstd -cf", "zip -qr"])
  func `a file of an archive takes at most eight system calls`(pack: String) throws {
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
      let columns = line.split(separator: " ")
      guard columns.count >= 5, let name = columns.last, !Self.waiting.contains(name) else {
        return sum
      }
      return sum + (Int(columns[3]) ?? 0)
    }
    #expect(calls > count * 5, "nothing was counted")
    #expect(calls < count * 8, "\(calls) calls for \(count) files")
  }

  /// Equal files are linked to the same old file, as long as that can have more links.
  @Test(arguments: [true, false])
  func `sharing a file takes a fixed number of system calls`(isSame: Bool) throws {
    let store = try TestStore()
    try store.write("releases.yaml", "unpack: {share: hardlink}\n")
    let count = 1500
    let script = """
      mkdir "$0/tree" && cd "$0/tree"
      for i in $(seq 1 \(count)); do echo \(isSame ? "x" : "$i") > f$i; done
      chmod 444 f*; tar -cf "$0/archive" .
      """
    try Program.expect(["sh", "-ec", script, store.path])
    try store.expectSuccess(["unpack", "\(store.path)/archive", "--id", "1"])
    let summary = "\(store.path)/calls"
    let run = try store.run(
      ["unpack", "\(store.path)/archive", "--id", "2"],
      launcher: ["strace", "-f", "-qq", "-c", "-o", summary])
    #expect(run.status == 0, "\(run.errors)")
    var calls: [Substring: Int] = [:]
    for line in try String(contentsOfFile: summary, encoding: .utf8).split(separator: "\n") {
      let columns = line.split(separator: " ")
      guard columns.count >= 5, let name = columns.last else { continue }
      calls[name] = Int(columns[3])
    }
    #expect(calls["linkat"] ?? 0 >= count && calls["linkat"] ?? 0 < count + 100, "\(calls)")
    // The paths of files are not looked up for errors that are none.
    #expect(calls["readlinkat"] ?? 0 < count + 100, "\(calls)")
    #expect(calls["openat2"] ?? 0 < count * 8, "\(calls)")
  }

  /// These commands take as long with ten thousand releases as with three.
  @Test(arguments: [["activate", "1700000001"], ["activate", "previous"], ["recover"]])
  func `a switch does not read the catalog entries of other releases`(command: [String]) throws {
    let store = try TestStore(initialized: false)
    let script = """
      for i in $(seq 0 19); do
        d="$0/releases/$((1700000000 + i))"; mkdir -p "$d"; echo $i > "$d/VERSION"
      done
      ln -s releases/1700000019 "$0/current"
      """
    try Program.expect(["sh", "-ec", script, store.path])
    try store.expectSuccess(["init"])
    // The first command also looks for releases in preparation.
    for id in ["1700000017", "1700000018"] { try store.expectSuccess(["activate", id]) }
    let trace = "\(store.path)/opened"
    let run = try store.run(
      command, launcher: ["strace", "-f", "-qq", "-e", "trace=openat,openat2", "-o", trace])
    #expect(run.status == 0, "\(run.errors)")
    let opened = try String(contentsOfFile: trace, encoding: .utf8)
      .matches(of: /"(17000000\d\d)\.json"/).map { String($0.1) }
    #expect(!opened.isEmpty, "nothing was seen")
    #expect(Set(["1700000001", "1700000017", "1700000018"]).isSuperset(of: opened), "\(opened)")
  }
}
