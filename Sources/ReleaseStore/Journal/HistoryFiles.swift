internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

/// The files of the history: `history.jsonl`, and those into which it was rotated.
///
/// The file that was opened as `history.jsonl` may be rotated before the names of the rotated files
/// are read. It is then one of them, and is left out there with those that are newer, so that the
/// lines are those of the moment when it was opened.
final class HistoryFiles: Sendable {
  private let current: Descriptor?
  private let control: Descriptor
  /// The names of the rotated files, oldest first.
  let rotated: [String]

  /// Opens the files of a store.
  ///
  /// - Throws: `SystemError` when they can't be opened or listed.
  init(_ store: Store) throws(SystemError) {
    let control = try store.control.openDirectory(".")
    let current = try Self.openCurrent(control)
    let rotated = try Self.rotatedNames(control, except: try Self.identity(of: current))
    self.control = control
    self.current = current
    self.rotated = rotated
  }

  private static func openCurrent(
    _ control: borrowing Descriptor
  ) throws(SystemError) -> Descriptor? {
    do throws(SystemError) {
      return try control.openStoreFile(Layout.history, .history)
    } catch let error where error.errno == .noEntry {
      return nil
    }
  }

  private static func identity(
    of file: borrowing Descriptor?
  ) throws(SystemError) -> FileIdentity? {
    switch file {
    case .some(let file): try file.status().identity
    case .none: nil
    }
  }

  private static func rotatedNames(
    _ control: borrowing Descriptor, except opened: FileIdentity?
  ) throws(SystemError) -> [String] {
    var names: [String] = []
    for name in try control.entries().map(\.name) where Layout.isRotatedHistory(name) {
      // This one, and those that are newer, were rotated after the other file was opened.
      if let opened, try control.statusIfPresent(of: name)?.identity == opened { break }
      names.append(name)
    }
    return names
  }

  /// Returns the name of a file by its age; that of `history.jsonl` is 0.
  private func name(_ age: Int) -> String {
    age == 0 ? Layout.history : rotated[rotated.count - age]
  }

  /// Visits the valid lines of all files and the corrupt ones, oldest first.
  ///
  /// - Parameters:
  ///   - isWanted: whether a line is looked at; verifying its checksum takes longer.
  ///   - visit: receives each line; nil and its position for a corrupt one.
  /// - Throws: `SystemError` when a file can't be read.
  func forEachLine(
    where isWanted: (UnsafeRawBufferPointer) -> Bool = { _ in true },
    _ visit: (HistoryLine?, () -> HistoryPosition) -> Void
  ) throws(SystemError) {
    for index in 0...rotated.count { try forEachLine(ofFile: index, where: isWanted, visit) }
  }

  /// Returns the numbers of some files, oldest first. That of `history.jsonl` is the highest.
  ///
  /// - Parameters:
  ///   - after: the name of the newest rotated file to leave out; nil for all files.
  ///   - isRotatedOnly: whether `history.jsonl` is left out.
  /// - Returns: the numbers for ``forEachLine(ofFile:where:_:)``.
  func numbers(after: String?, isRotatedOnly: Bool) -> Range<Int> {
    let counted = after.map { after in rotated.count { !after.comesBefore($0) } } ?? 0
    return counted..<(isRotatedOnly ? rotated.count : rotated.count + 1)
  }

  /// Visits the lines of one file.
  ///
  /// - Throws: `SystemError` when a file can't be read.
  func forEachLine(
    ofFile index: Int, where isWanted: (UnsafeRawBufferPointer) -> Bool = { _ in true },
    _ visit: (HistoryLine?, () -> HistoryPosition) -> Void
  ) throws(SystemError) {
    // The next file repeats the last line of a file.
    let last = index > 0 ? try lastLine(of: rotated[index - 1]) : []
    let name = index < rotated.count ? rotated[index] : Layout.history
    try forEachLine(of: name, following: last, where: isWanted, visit)
  }

  /// Visits the lines of one file, except a first line that repeats the last one of the file before.
  @inline(never)
  private func forEachLine(
    of name: String, following last: [UInt8], where isWanted: (UnsafeRawBufferPointer) -> Bool,
    _ visit: (HistoryLine?, () -> HistoryPosition) -> Void
  ) throws(SystemError) {
    var number = 0
    try withFile(name) { file throws(SystemError) in
      try LineScan.forward(file) { line in
        number += 1
        if let line, line.isEmpty || !isWanted(line) { return }
        if number == 1, let line, !last.isEmpty, line.elementsEqual(last) { return }
        visit(HistoryLine(line)) { HistoryPosition(file: name, line: number) }
      }
    }
  }

  /// Visits the valid lines and the corrupt ones, newest first, until `visit` returns false.
  ///
  /// - Parameter visit: receives each line; nil for a corrupt one, and its position.
  /// - Throws: `SystemError` when a file can't be read.
  func forEachLineFromEnd(
    _ visit: (HistoryLine?, () -> HistoryPosition?) -> Bool
  ) throws(SystemError) {
    for age in 0...rotated.count {
      let name = name(age)
      let older = age < rotated.count ? try lastLine(of: self.name(age + 1)) : []
      var goesOn = true
      var numbering = LineNumbering(file: name)
      try withFile(name) { file throws(SystemError) in
        goesOn = try LineScan.backward(file) { line, offset in
          numbering.visited += 1
          if let line, line.isEmpty || offset == 0 && line.elementsEqual(older) { return true }
          return visit(HistoryLine(line)) {
            numbering.position { () throws(SystemError) in try lineNumber(in: name, at: offset) }
          }
        }
      }
      if !goesOn { return }
    }
  }

  /// How much of the end of a file is read to find its last line, in bytes. An entry of the journal
  /// takes at most 4096.
  private static let endSize = 1 << 14

  /// Returns the last line of a file without its newline; none when the file is empty or the line is
  /// too long to be an entry.
  ///
  /// - Throws: `SystemError` when it can't be read.
  func lastLine(of name: String) throws(SystemError) -> [UInt8] {
    var last: [UInt8] = []
    try withFile(name) { file throws(SystemError) in
      // The usual last line is short; reading a whole block for each of many files takes longer.
      _ = try LineScan.backward(file, blockSize: Self.endSize) { line, _ in
        last = line.map { Array($0) } ?? []
        return false
      }
    }
    return last
  }

  /// Returns the number of the line that begins at an offset.
  ///
  /// - Throws: `SystemError` when the file can't be read.
  private func lineNumber(in name: String, at offset: Int64) throws(SystemError) -> Int {
    var (number, position): (Int, Int64) = (1, 0)
    try withFile(name) { file throws(SystemError) in
      while position < offset {
        let block = try file.read(count: Int(min(1 << 20, offset - position)), at: position)
        if block.isEmpty { return }
        number += block.count { $0 == UInt8(ascii: "\n") }
        position += Int64(block.count)
      }
    }
    return number
  }

  /// Opens a file, unless it has been removed since the names were read.
  ///
  /// - Throws: `SystemError` when the file can't be opened, or what `body` throws.
  private func withFile(
    _ name: String, _ body: (borrowing Descriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    if name == Layout.history {
      switch current {
      case .some(let file): return try body(file)
      case .none: return
      }
    }
    let file: Descriptor
    do throws(SystemError) {
      file = try control.openStoreFile(name, .history)
    } catch let error where error.errno == .noEntry {
      return
    }
    try body(file)
  }
}

/// The numbers of lines that are visited from the last to the first. Only the first number that is needed
/// is counted in the file, because there may be a million corrupt lines.
private struct LineNumbering {
  let file: String
  /// How many lines were visited so far.
  var visited = 0
  /// The sum of the number of a line and of how many were visited with it, the same for all lines.
  private var sum: Int?

  init(file: String) { self.file = file }

  /// Returns the position of the line that was visited last.
  ///
  /// - Parameter count: counts its number in the file.
  /// - Returns: nil when the file can't be read.
  mutating func position(_ count: () throws(SystemError) -> Int) -> HistoryPosition? {
    if sum == nil { sum = (try? count()).map { $0 + visited } }
    return sum.map { HistoryPosition(file: file, line: max(1, $0 - visited)) }
  }
}
