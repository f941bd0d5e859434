internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

extension Diagnosis {
  /// Makes the sections about the host. Root must do so before it becomes the owner of the store, to
  /// see all processes.
  package func hostSections() -> [DiagnosisSection] {
    let directory = existingPart(of: path)
    return [
      tool("ports", ["ss", "-tlnp"]),
      section("processes") { () throws(ReleasesError) in try processes() },
      tool("space", ["df", "-h", directory]),
      tool("inodes", ["df", "-i", directory]),
      tool("system", ["uname", "-a"]),
      section("os-release") { () throws(ReleasesError) in
        .init(
          try withErrorMessage("can't read /etc/os-release") { () throws(SystemError) in
            try Descriptor.open("/etc/os-release", [.nonBlocking]).readAll(limit: 64 << 10)
          })
      },
      tool("date", ["date"]),
      tool("uptime", ["uptime"]),
    ]
  }

  /// Makes a section with the output of a tool.
  private func tool(_ name: String, _ arguments: [String]) -> DiagnosisSection {
    section(name) { () throws(ReleasesError) in try output(of: arguments) }
  }

  /// Lists the processes whose command line contains the path of the store, with the heading.
  ///
  /// - Throws: an error when ps(1) can't be run.
  private func processes() throws(ReleasesError) -> DiagnosisSection.Output {
    var output = try output(
      of: ["ps", "-ww", "-eo", "pid,ppid,user,lstart,rss,stat,args"])
    guard output.outcome == .ok else { return output }
    let lines = output.content.split(separator: UInt8(ascii: "\n"))
    let wanted =
      lines.prefix(2)
      + lines.dropFirst(2).filter { line in
        String(decoding: line, as: UTF8.self).contains("\(path)/")
      }
    output.content = Array(wanted.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    return output
  }

  /// Returns the path, or its longest leading part that exists.
  private func existingPart(of path: String) -> String {
    var components = path.nameComponents
    while !components.isEmpty {
      let part = "/" + components.joined(separator: "/")
      if (try? status(ofPath: part)) != nil { return part }
      components.removeLast()
    }
    return "/"
  }
}
