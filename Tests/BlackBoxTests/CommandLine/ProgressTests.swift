import Foundation
import TestSupport
import Testing

/// The progress that is shown while an archive is unpacked.
@Suite struct ProgressTests {
  /// Unpacks an archive that arrives in two pieces, with all output on a terminal.
  private static func unpackSlowly(
    _ store: TestStore, _ options: String, pause: Double = 0.7, columns: Int = 80,
    environment: [String: String] = [:]
  ) throws -> (output: String, size: Int) {
    let archive = try store.incompressible(kib: 600)
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: archive)[.size] as? Int)
    let script = """
      { head -c 300000 \(archive); sleep \(pause); tail -c +300001 \(archive); } \
      | \(Releases.binary) --store \(store.path) unpack - --id 1 \
      \(options.replacing("SIZE", with: "\(size)"))
      """
    let output = try Terminal.run(script: script, columns: columns, environment: environment)
    #expect(store.exists("releases/1/data"), "\(output)")
    return (output, size)
  }

  /// Returns the bars in the order in which they were drawn.
  private static func bars(_ output: String) -> [String] {
    output.split(separator: "\r", omittingEmptySubsequences: false).dropFirst()
      .map { $0.components(separatedBy: "\u{1B}[K")[0] }.filter { !$0.isEmpty }
  }

  @Test(arguments: [40, 80, 200, 300])
  func `a terminal shows a bar when the size is known`(columns: Int) throws {
    let store = try TestStore()
    let start = Date()
    let output = try Self.unpackSlowly(store, "--size SIZE", columns: columns).output
    let seconds = Date().timeIntervalSince(start)
    let bars = Self.bars(output)
    #expect(bars.count >= 2, "\(output)")
    #expect(Double(bars.count) <= seconds * 10 + 1, "one more bar is for the flush")
    for bar in bars {
      #expect(bar.count < min(columns, 201), "\(bar)")
      #expect(bar.contains(#/[0-9]+%/#) && bar.contains(" KiB"), "\(bar)")
    }
    #expect(bars[0].contains("[##") && bars[0].contains("--]"))
    #expect(bars[0].contains("293.0/"))
    #expect(bars[0].contains(" left"))
    #expect(bars[0].contains("/s") == (columns >= 80))
    #expect(output.hasSuffix("\r\u{1B}[K1\n"), "erased before the result: \(output)")
    #expect(!output.dropLast().contains("\n"))
  }

  @Test func `the bar is drawn at most ten times a second`() throws {
    let store = try TestStore()
    let archive = "\(store.directory)/many.tar"
    let script = """
      import sys, tarfile
      with tarfile.open(sys.argv[1], "w") as tar:
        for number in range(20000): tar.addfile(tarfile.TarInfo("%d/%d" % (number % 2, number)))
      """
    try Program.expect(["python3", "-c", script, archive])
    let start = Date()
    // The pause makes the bar appear on any machine.
    let output = try Terminal.run(
      script: """
        { head -c 9000000 \(archive); sleep 0.7; tail -c +9000001 \(archive); } \
        | \(Releases.binary) --store \(store.path) unpack - --id 1
        """, columns: 80)
    let bars = Self.bars(output)
    #expect(!bars.isEmpty && output.hasSuffix("\r\u{1B}[K1\n"))
    #expect(Double(bars.count) <= Date().timeIntervalSince(start) * 10 + 1)
  }

  @Test func `a terminal shows a count when the size is unknown`() throws {
    let store = try TestStore()
    let bars = Self.bars(try Self.unpackSlowly(store, "").output)
    #expect(bars.count >= 2)
    for bar in bars { #expect(bar.contains(" KiB  ") && !bar.contains("%"), "\(bar)") }
  }

  @Test(
    arguments: [
      ("--progress none", [:]), ("--quiet", [:]), ("--quiet --progress plain", [:]),
      ("", ["TERM": "dumb"]), ("--progress=auto", ["TERM": ""]),
    ] as [(String, [String: String])])
  func `progress is not shown when it is turned off`(options: String, environment: [String: String])
    throws
  {
    let store = try TestStore()
    let output = try Self.unpackSlowly(store, options, environment: environment).output
    #expect(output == "1\n")
  }

  @Test func `progress is not shown in a pipe`() throws {
    let store = try TestStore()
    let archive = try store.incompressible(kib: 600)
    let pipe = try PausingPipe(of: archive, pausingAt: 300_000)
    let run = try store.expectSuccess(["unpack", pipe.path, "--id", "1", "--json"])
    pipe.end()
    #expect(run.errors == "")
    let other = try store.expectSuccess(["unpack", archive, "--id", "2", "--progress", "auto"])
    #expect((other.output, other.errors) == ("2\n", ""))
  }

  @Test func `plain progress prints lines in a pipe`() throws {
    let store = try TestStore()
    let archive = try store.incompressible(kib: 600)
    let pipe = try PausingPipe(of: archive, pausingAt: 300_000, seconds: 3.5)
    let run = try store.expectSuccess(["unpack", pipe.path, "--id", "1", "--progress", "plain"])
    pipe.end()
    #expect(run.output == "1\n")
    let line = #/releases: unpacking: 293\.0 KiB, 0 entries, [0-9.]+ [KMi]*B\/s\n/#
    let end = #/releases: unpacked: 60[0-9]\.[0-9] KiB, 2 entries, in [3-9]s\n/#
    #expect(run.errors.contains(line), "\(run.errors)")
    #expect(run.errors.replacing(line, with: "").wholeMatch(of: end) != nil, "\(run.errors)")
    let quick = try store.expectSuccess(["unpack", archive, "--progress=plain", "--json"])
    #expect(quick.errors.contains("unpacked: "))
    _ = try quick.json
    let failed = try store.run(["unpack", archive, "--progress=plain", "--size", "7"])
    #expect(failed.status == 6)
    #expect(!failed.errors.contains("unpacked: "), "\(failed.errors)")
  }

  @Test func `an unknown kind of progress is a usage error`() throws {
    let store = try TestStore()
    try store.expectFailure(
      ["unpack", "x.tar", "--progress", "bar"], status: 2, code: "usage")
  }

  @Test func `an error message replaces the bar`() throws {
    let store = try TestStore()
    let archive = try store.incompressible(kib: 600)
    let output = try Terminal.run(
      script: """
        { head -c 300000 \(archive); sleep 0.7; } \
        | \(Releases.binary) --store \(store.path) unpack - --size 600000 || echo $?
        """, columns: 80)
    #expect(!Self.bars(output).isEmpty)
    let plain = output.replacing(Screen.colour, with: "")
    #expect(plain.contains("\r\u{1B}[Kreleases: error: "), "\(output)")
    #expect(plain.hasSuffix("\n6\n"))
  }

  @Test func `a signal erases the bar`() throws {
    let store = try TestStore()
    let archive = try store.incompressible(kib: 600)
    let output = try Terminal.run(
      script: """
        { head -c 300000 \(archive); sleep 2; } \
        | { timeout -s TERM 1.5 \(Releases.binary) --store \(store.path) unpack - || echo $?; }
        """, columns: 80)
    #expect(!Self.bars(output).isEmpty)
    let end = "\r\u{1B}[Kreleases: stopped by SIGTERM: nothing was published\n124\n"
    #expect(output.hasSuffix(end), "\(output)")
    #expect(try store.names(".releases/staging") == [])
  }

  @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
  func `a warning replaces the bar while it is printed`() throws {
    let disk = try SmallDisk(size: 40_960, inodes: 400)
    let store = disk.store
    for id in ["a", "b", "c"] {
      try store.expectSuccess(["unpack", try store.incompressible(kib: 9000), "--id", id])
      try store.expectSuccess(["activate", id])
    }
    try store.write("releases.yaml", "keep: {count: 1, age: 7d, min-free: 5MiB}\n")
    let archive = try store.incompressible(kib: 12_000)
    let output = try Terminal.run(
      script: """
        { head -c 1000000 \(archive); sleep 0.7; tail -c +1000001 \(archive) \
        | head -c 10000000; sleep 0.7; tail -c +11000001 \(archive); } \
        | \(Releases.binary) --store \(store.path) unpack - --id 1
        """, columns: 80)
    let plain = output.replacing(Screen.colour, with: "")
    #expect(Self.bars(output).count >= 2)
    #expect(
      plain.contains("\r\u{1B}[Kreleases: warning: removed release a to make space: "), "\(output)")
    #expect(output.hasSuffix("\r\u{1B}[K1\n"))
  }
}
