internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

extension Diagnosis {
  /// What can be told without the store. Whoever is root asks before becoming its owner, and sees
  /// all processes.
  package func hostSections() -> [DiagnosisSection] {
    let place = nearest(path)
    return [
      tool("ports", ["ss", "-tlnp"]),
      section("processes") { () throws(ReleasesError) in try processes() },
      tool("space", ["df", "-h", place]),
      tool("inodes", ["df", "-i", place]),
      tool("system", ["uname", "-a"]),
      section("os-release") { () throws(ReleasesError) in
        .init(
          try attempting("can't tell the distribution") { () throws(SystemError) in
            try Descriptor.open("/etc/os-release", [.nonBlocking]).readAll(limit: 64 << 10)
          })
      },
      tool("date", ["date"]),
      tool("uptime", ["uptime"]),
    ]
  }

  func tool(_ name: String, _ words: [String], good: Set<Int32> = [0]) -> DiagnosisSection {
    section(name) { () throws(ReleasesError) in try answer(of: words, good: good) }
  }

  /// The processes that were started from the store, and the heading.
  private func processes() throws(ReleasesError) -> DiagnosisSection.Answer {
    var answer = try answer(
      of: ["ps", "-ww", "-eo", "pid,ppid,user,lstart,rss,stat,args"])
    guard answer.outcome == .ok else { return answer }
    let lines = answer.content.split(separator: UInt8(ascii: "\n"))
    let wanted =
      lines.prefix(2)
      + lines.dropFirst(2).filter { line in
        String(decoding: line, as: UTF8.self).contains("\(path)/")
      }
    answer.content = Array(wanted.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    return answer
  }

  /// The path, or what of it is there.
  private func nearest(_ path: String) -> String {
    var components = path.nameComponents
    while !components.isEmpty {
      let place = "/" + components.joined(separator: "/")
      if (try? status(ofPath: place)) != nil { return place }
      components.removeLast()
    }
    return "/"
  }
}
