internal import Archive
package import Linux
package import ReleaseModel

/// Compares a tree on the disk with a manifest, including the content of all files.
package struct TreeComparison {
  let manifest: Manifest
  let ignored: [Glob]

  package init(manifest: Manifest, ignored: [Glob]) {
    self.manifest = manifest
    self.ignored = ignored
  }

  /// What has been found so far. The numbers are indices of the manifest's entries.
  private struct Findings {
    var isSeen: [Bool]
    /// The entry that probably comes next, since a walk nearly follows the order of the manifest.
    var next = 0
    var modified: [Int: String] = [:]
    var touched: [Int] = []
    var added: [String] = []
  }

  /// Compares a tree with the manifest.
  ///
  /// - Parameters:
  ///   - top: the directory of the release.
  ///   - empty: the verification to which the differences are added.
  /// - Returns: the verification.
  /// - Throws: `SystemError` when something in the tree can't be read, or a thread can't be
  ///   started.
  package func run(
    on top: borrowing Descriptor, _ empty: Verification
  ) throws(SystemError) -> Verification {
    let contents = try ContentCheck(threads: HostFacts.usefulThreads)
    var findings = Findings(isSeen: Array(repeating: false, count: manifest.entries.count))
    let skipped = try TreeScan.walk(top) { (found, directory, name) throws(SystemError) in
      try compare(found, name, in: directory, contents, &findings)
      return true
    }
    findings.modified.merge(try contents.finish()) { _, content in content }
    var result = empty
    let entries = manifest.entries
    result.modified = findings.modified.sorted { $0.key < $1.key }
      .map { .init(path: entries[$0.key].path, change: $0.value) }
    result.touched = findings.touched.filter { findings.modified[$0] == nil }.sorted()
      .map { entries[$0].path }
    result.added = findings.added + skipped.filter { !isIgnored($0) }
    result.missing = findings.isSeen.indices.lazy.filter { !findings.isSeen[$0] }
      .map { entries[$0].path }.filter { !isIgnored($0) }
    return result
  }

  private func isIgnored(_ path: String) -> Bool { ignored.contains { $0.matches(path) } }

  private func compare(
    _ found: TreeScan.Found, _ name: String, in directory: borrowing Descriptor,
    _ contents: ContentCheck, _ findings: inout Findings
  ) throws(SystemError) {
    if isIgnored(found.path) { return }
    guard let number = manifest.entries.sortedIndex(of: found.path, guess: findings.next)
    else {
      findings.added.append(found.path)
      return
    }
    findings.isSeen[number] = true
    findings.next = number + 1
    let entry = manifest.entries[number]
    if let change = entry.difference(from: found.status, pointingTo: found.target) {
      findings.modified[number] = change
    } else if isTouched(entry, found) {
      findings.touched.append(number)
    }
    guard case .file(let size, let digest) = entry.content, found.status.kind == .file,
      found.status.size == size
    else { return }
    do throws(SystemError) {
      let file = try directory.open(name, [.noFollow, .nonBlocking])
      contents.add(file, digest, number: number)
    } catch {
      guard let problem = ContentCheck.readProblem(error) else { throw error }
      findings.modified[number] = problem
    }
  }

  /// Whether the time differs. The times of directories are ignored, because they change whenever
  /// something in them is replaced.
  private func isTouched(_ entry: TreeEntry, _ found: TreeScan.Found) -> Bool {
    entry.content != .directory && entry.modified != found.status.modified
  }
}
