internal import Linux
package import ReleaseModel
internal import StoreSupport

/// The file a report is written to: a new one, for its owner alone, or in place of an older one,
/// for everybody.
package struct ReportFile: ~Copyable {
  private let path: String
  private let directory: Descriptor
  private let name: String
  private let command: String
  private let isReplacing: Bool

  /// Throws `output` when there is no such directory, or something of that name already.
  ///
  /// - Parameters:
  ///   - command: that takes a path, and `-` for standard output, for hints.
  ///   - isReplacing: takes the place of a file.
  package init(
    _ path: String, for command: String, replacing isReplacing: Bool = false
  ) throws(ReleasesError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let place = slash.map { String(path[...$0]) } ?? "."
    let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
    guard !name.isEmpty else {
      throw ReleasesError(
        .output, "\(path) is a directory", hint: "name a file: releases \(command) FILE")
    }
    let directory = try Self.open(place, for: path)
    let found = try attempting("can't look at \(path)") { () throws(SystemError) in
      try directory.statusIfPresent(of: name)?.kind
    }
    if let found, !isReplacing || found != .file { throw Self.taken(path) }
    self.path = path
    self.directory = directory
    self.name = name
    self.command = command
    self.isReplacing = isReplacing
  }

  /// Writes it: all of it, or none.
  package borrowing func write(_ bytes: [UInt8]) throws(ReleasesError) {
    let held = Signals.holdTermination()
    defer { held.release() }
    let number = HostFacts.randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let temporary = ".releases-report.\(String(number, radix: 16))"
    do throws(SystemError) {
      let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
      let file = try directory.open(temporary, flags, mode: isReplacing ? 0o644 : 0o600)
      do throws(SystemError) {
        try file.write(bytes)
        try file.sync()
        try file.close()
        if isReplacing {
          try directory.rename(temporary, to: name)
        } else {
          try directory.move(temporary, to: directory, as: name)
        }
      } catch {
        try? directory.unlink(temporary)
        throw error
      }
    } catch let error where error.errno == .exists {
      throw Self.taken(path)
    } catch let error where error.errno == .accessDenied {
      throw ReleasesError(
        .permission, "can't write \(path) as the owner of the store",
        hint: "name a file where they may write, or: releases \(command) - > FILE",
        cause: error.description)
    } catch {
      throw ReleasesError("can't write \(path)", error)
    }
  }

  private static func open(
    _ place: String, for path: String
  ) throws(ReleasesError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.openDirectory(place)
    } catch {
      throw ReleasesError(
        .output, "can't write \(path)", hint: "name a file in a directory that is there",
        cause: error.description)
    }
  }

  private static func taken(_ path: String) -> ReleasesError {
    ReleasesError(.output, "\(path) is there already", hint: "name a new file")
  }
}
