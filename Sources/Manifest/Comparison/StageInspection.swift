package import Archive
package import Linux

/// Compares a tree that the unpack worker has written with what the worker reported, so that nothing
/// is published on the word of a process that an archive may have taken over.
///
/// It compares the set of paths, types, modes, sizes, link targets, link counts and extended
/// attributes. Content is not read again: the worker hashed it on the way. The times of symbolic
/// links, which the worker can't set through a descriptor, are set on the way.
package struct StageInspection {
  private let entries: TreeEntries
  private let inheritance: Inheritance

  /// - Parameters:
  ///   - entries: what the worker reported, sorted.
  ///   - inheritance: what new files inherit from the root of the tree.
  package init(_ entries: TreeEntries, _ inheritance: Inheritance) {
    (self.entries, self.inheritance) = (entries, inheritance)
  }

  /// A file that has several names.
  private struct NamedFile {
    let path: String
    let linkCount: UInt64
    /// How many of its names are in the tree.
    var found: UInt64 = 0
  }

  /// What has been found so far.
  private struct Findings {
    var count = 0
    /// The entry that probably comes next, since a walk nearly follows the order of the entries.
    var next = 0
    var named: [FileIdentity: NamedFile] = [:]
    var difference: String?
  }

  /// Inspects a tree that no other process changes.
  ///
  /// - Parameter top: the root of the tree.
  /// - Returns: the first difference, for a person; nil when there is none.
  /// - Throws: `SystemError` when something in the tree can't be read, or the time of a link can't be
  ///   set.
  package func run(on top: borrowing Descriptor) throws(SystemError) -> String? {
    var findings = Findings()
    let skipped = try TreeScan.walk(top) { (found, directory, name) throws(SystemError) in
      if findings.difference != nil { return false }
      findings.difference = try difference(found, name, in: directory, &findings)
      return findings.difference == nil
    }
    if let difference = findings.difference { return difference }
    if let name = skipped.first { return "\(name) was not reported" }
    if findings.count < entries.count {
      return "\(entries.count - findings.count) reported entries are missing"
    }
    return findings.named.values.first { $0.found != $0.linkCount }.map {
      "\($0.path) has \($0.linkCount) names, of which the tree contains \($0.found)"
    }
  }

  private func difference(
    _ found: TreeScan.Found, _ name: String, in directory: borrowing Descriptor,
    _ findings: inout Findings
  ) throws(SystemError) -> String? {
    guard let index = entries.sortedIndex(of: found.path, guess: findings.next) else {
      return "\(found.path) was not reported"
    }
    findings.count += 1
    findings.next = index + 1
    let entry = entries[index]
    if let change = entry.difference(from: found.status, pointingTo: found.target) {
      return "\(found.path) \(change)"
    }
    if found.status.kind == .symbolicLink {
      try directory.setModified(entry.modified, of: name)
      return nil
    }
    if found.status.kind == .file, found.status.linkCount > 1 {
      let new = NamedFile(path: found.path, linkCount: found.status.linkCount)
      findings.named[found.status.identity, default: new].found += 1
    }
    let attribute = try directory.attributeNames(of: name).first(where: isForeign)
    return attribute.map { "\(found.path) has the attribute \($0)" }
  }

  /// Whether neither the kernel nor the root of the tree gives an attribute to new files. The worker
  /// can't set others: attributes that begin with "trusted." take capabilities, and file systems use
  /// them.
  private func isForeign(_ attribute: String) -> Bool {
    if attribute.hasPrefix("system.posix_acl_") { return !inheritance.contains(.accessList) }
    return attribute == "security.capability" || attribute.hasPrefix("user.")
  }
}
