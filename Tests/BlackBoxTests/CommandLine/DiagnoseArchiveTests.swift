import Foundation
import TestSupport
import Testing

/// The archive that diagnose writes.
@Suite struct DiagnoseArchiveTests {
  @Test func `the report archive is a new file that only its owner can read`() throws {
    let store = try TestStore()
    let archive = "\(store.directory)/report.tar.gz"
    let run = try store.expectSuccess(["diagnose", "--archive", archive])
    #expect(run.output.hasPrefix("wrote \(archive)"))
    let attributes = try FileManager.default.attributesOfItem(atPath: archive)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    let names = try Program.expect(["tar", "-tzf", archive]).lines
    #expect(names == ["releases-diagnose/report.txt", "releases-diagnose/report.json"])
    let report = try Program.expect(["tar", "-xzOf", archive, names[1]])
    #expect(Set(try DiagnosisReport.sections(of: report).keys) == Set(DiagnosisReport.names))
    let written = try Data(contentsOf: URL(fileURLWithPath: archive))
    let second = try store.expectFailure(
      ["diagnose", "--archive", archive], status: 1, code: "output")
    #expect(second.errors.contains("already exists"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: archive)) == written)
    #expect(try store.run(["diagnose", "--archive", "/nowhere/x"]).status == 1)
  }

  @Test func `the report archive is written to a pipe and not to a terminal`() throws {
    let store = try TestStore()
    let run = try Program.run(
      [
        "sh", "-ec", "\"$0\" --store \"$1\" diagnose --archive - | tar -tzf -", Releases.binary,
        store.path,
      ])
    #expect(run.lines.count == 2, "\(run.errors)")
    #expect(try store.run(["diagnose", "--archive", "-", "--json"]).status == 2)
    #expect(
      try Terminal.run(["--store", store.path, "diagnose", "--archive", "-"]).contains("terminal"))
  }

  @Test(arguments: ["ENOSPC", "EIO"])
  func `a report archive that cannot be written leaves no file`(error: String) throws {
    let store = try TestStore()
    let fsync = Fault.error(error, at: "fsync", 1)
    let run = try store.run(
      ["diagnose", "--archive", "\(store.directory)/report.tar.gz"], launcher: fsync)
    #expect(run.status != 0)
    #expect(run.errors.contains("can't write \(store.directory)/report.tar.gz"))
    let left = try FileManager.default.contentsOfDirectory(atPath: store.directory)
    #expect(left.filter { $0 != "store" } == [])
  }
}
