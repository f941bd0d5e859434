import Foundation
import TestSupport
import Testing

/// Only one function opens the files of a store for reading, since others forget what can be in the
/// place of a file.
@Suite struct StoreFileOpeningTests {
  /// The other calls that open an existing file.
  private static let others: Set = [
    // Files of the host, and files that the user names.
    #"HostSections.swift .open("/etc/os-release""#, "SignatureArgument.swift .open(file",
    "Textfile.swift .open(Self.oldName", "ReportFile.swift .open(parent",
    "ReportFile.swift .open(temporary", #"Diagnosis.swift .open("/dev/null""#,
    #"HTTPRequest.swift .open("/dev/null""#, #"SystemdUnit.swift .open("/dev/null""#,
    #"UnitLog.swift .open("/dev/null""#, #"UnitControl.swift .open("/dev/null""#,
    #"InstanceUnits.swift .open("/dev/null""#,
    // The files of a release, whose kind and size the manifest knows.
    "Sharing.swift .openBeneath(match.path", "Sharing.swift .openBeneath(entry.path",
    "HardLinks.swift .openBeneath(name", "ContentSize.swift .open(name",
    "ScannedTree.swift .open(name", "TreeComparison.swift .open(name",
    // Directories, with flags that depend on what is there.
    "SharedLinks.swift .open(component",
  ]
  private static let targets = [
    "Configuration", "Diagnostics", "HostPrograms", "Manifest", "Operations", "ReleaseStore",
    "StoreSupport",
  ]

  @Test func `only openStoreFile opens files of a store for reading`() throws {
    var found: Set<String> = []
    for target in Self.targets {
      let top = Repository.root.appending(path: "Sources/\(target)").path
      for name in try FileManager.default.subpathsOfDirectory(atPath: top)
      where name.hasSuffix(".swift") {
        let text = try String(contentsOfFile: "\(top)/\(name)", encoding: .utf8)
        for call in text.matches(of: /[A-Za-z]*\.(?:open|openBeneath)\((?:[^()]|\([^()]*\))*\)/)
        where opensFile(String(call.output)) {
          let start = call.output.drop { $0 != "." }.prefix { $0 != "," && $0 != ")" }
          found.insert("\((name as NSString).lastPathComponent) \(start)")
        }
      }
    }
    #expect(found == Self.others)
  }

  /// Whether a call opens a file that exists, rather than a directory, a new file, or a value of
  /// this program.
  private func opensFile(_ call: String) -> Bool {
    let values = ["Store.", "SealedLine.", "OwnedFile."]
    return !values.contains { call.hasPrefix($0) } && !call.contains(".exclusive")
      && !call.contains(".directory") && !call.contains(", .path") && !call.contains("[.path")
  }
}
