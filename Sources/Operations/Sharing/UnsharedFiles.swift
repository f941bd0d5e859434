internal import Archive
internal import Linux
internal import Manifest
internal import Text

/// The files of a new release that are not shared with an older one yet. Never accesses the disk.
struct UnsharedFiles {
  /// The properties that two files must have in common to be shared.
  private struct Key: Hashable {
    let digest: Digest
    let size: Int64
    let permissions: FileMode

    init?(_ entry: TreeEntry) {
      guard case .file(let size, let digest) = entry.content, size > 0 else { return nil }
      self.digest = digest
      self.size = size
      permissions = entry.permissions
    }
  }

  private var entries: [Key: [TreeEntry]] = [:]
  /// The first digits of the digests, to find matching lines of a manifest quickly.
  private let digits: Set<ArraySlice<UInt8>>

  private static let keyword = Array(" sha256digest=".utf8)
  private static let digestDigits = 64
  private static let fewDigits = 12

  /// - Parameter entries: the entries of a tree. Only files that are not empty can be shared.
  init(_ entries: some Sequence<TreeEntry>) {
    var digits: Set<ArraySlice<UInt8>> = []
    for entry in entries {
      guard let key = Key(entry) else { continue }
      self.entries[key, default: []].append(entry)
      digits.insert(Array(key.digest.hex.utf8).prefix(Self.fewDigits))
    }
    self.digits = digits
  }

  var isEmpty: Bool { entries.isEmpty }

  /// Returns the next file with the content, size and mode of a file of another release; nil when
  /// none is left.
  func next(equalTo other: TreeEntry) -> TreeEntry? { Key(other).flatMap { entries[$0]?.last } }

  /// Removes the file that ``next(equalTo:)`` returns, since it has been shared. The time does not
  /// depend on the number of equal files.
  mutating func removeNext(equalTo other: TreeEntry) {
    guard let key = Key(other) else { return }
    entries[key]?.removeLast()
    if entries[key]?.isEmpty == true { entries[key] = nil }
  }

  /// Returns the entries of a manifest that equal one of these files.
  ///
  /// - Parameter manifest: the text of a manifest whose digest has been checked. Lines without a match
  ///   are not parsed, so that searching thousands of releases stays fast.
  /// - Returns: the entries, in the order of the manifest.
  func matches(in manifest: [UInt8]) -> [TreeEntry] {
    manifest.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.count > Self.keyword.count + Self.digestDigits else { return nil }
      let digest = line.suffix(Self.digestDigits)
      guard digits.contains(digest.prefix(Self.fewDigits)),
        line.dropLast(Self.digestDigits).suffix(Self.keyword.count).elementsEqual(Self.keyword),
        let entry = line.withUnsafeBufferPointer({ Manifest.entry($0[...]) }), let key = Key(entry),
        entries[key] != nil
      else { return nil }
      return entry
    }
  }
}
