internal import HostPrograms
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import Text

// The target Diagnostics gathers everything that is needed to diagnose a problem of a store: the
// answers of the host's tools, the files of the store and the hook logs. It takes no lock, changes
// nothing, and never shows a secret: all text passes through ``DiagnosisSection``. Begin with
// ``Diagnosis``; the CLI chooses the sections and their order.

/// Gathers a report about a store and its host, section by section. It continues after a section
/// fails, takes no lock and changes nothing.
package struct Diagnosis: Sendable {
  /// The path of the store.
  package let path: String
  /// How long each section may take, in seconds.
  let seconds: Double
  /// The directories in which tools are looked up.
  let directories: [String]

  /// - Parameters:
  ///   - path: the absolute path of the store.
  ///   - seconds: how long each section may take, at most one hour.
  ///   - directories: the directories of the host's tools; nil for the usual ones.
  package init(of path: String, secondsPerSection seconds: Double, directories: [String]? = nil) {
    self.path = path
    self.seconds = seconds
    self.directories = directories ?? HostProgram.allDirectories
  }

  /// Whether the path of the store exists; true when that can't be determined.
  package var storeExists: Bool {
    do throws(SystemError) {
      _ = try status(ofPath: path)
      return true
    } catch {
      return error.errno != .noEntry && error.errno != .notADirectory
    }
  }

  /// Makes a section from the output of `body`, or from its error when it fails or takes too long.
  package func section(
    _ name: String,
    _ body: @escaping DiagnosisSection.Body
  ) -> DiagnosisSection {
    let start = Clock.monotonicSeconds()
    let output: DiagnosisSection.Output
    do throws(SystemError) {
      // Tools are killed at their time limit. The report must still contain what they printed until
      // then.
      output =
        try TimeLimit.run(seconds + 1) {
          do throws(ReleasesError) { return try body() } catch { return .init(error, store: path) }
        } ?? .init("no answer within \(Int(seconds)) s\n", .timedOut)
    } catch {
      output = .init(ReleasesError("can't start a thread", error), store: path)
    }
    return DiagnosisSection(
      name, seconds: Clock.monotonicSeconds() - start, output, keeping: identifiers)
  }

  /// The IDs of the releases and the names of their logs; empty when they can't be read.
  private var identifiers: [String] {
    let directory = try? Descriptor.openDirectory("\(path)/\(Layout.releases)")
    return ((try? directory?.entries()) ?? []).compactMap { ReleaseID($0.name) }
      .flatMap { [$0.text] + HookLogs.names(of: $0) }
  }

  /// Runs a tool of the host and returns what it prints.
  ///
  /// - Parameters:
  ///   - arguments: its name, and its arguments.
  ///   - statuses: the exit statuses that count as success.
  /// - Returns: the command line and its output; a tool that is missing or fails is not an error.
  /// - Throws: an error when the tool can't be started.
  func output(
    of arguments: [String], acceptedStatuses statuses: Set<Int32> = [0]
  ) throws(ReleasesError) -> DiagnosisSection.Output {
    guard let program = HostProgram.find(arguments[0], in: directories) else {
      return .init("this host has no \(arguments[0])\n", .missing)
    }
    let result = try withErrorMessage("can't run \(program)") { () throws(SystemError) in
      try CapturedProcess(
        program, arguments,
        environment: ["LC_ALL": "C.UTF-8", "PATH": directories.joined(separator: ":")],
        input: try Descriptor.open("/dev/null")
      ).result(within: seconds)
    }
    let command = "$ \(arguments.joined(separator: " "))\n"
    let output = Self.completeLines(result.output) + Self.completeLines(result.errors)
    switch result.ending {
    case nil:
      return .init(Array("no answer within \(Int(seconds)) s\n\(command)".utf8) + output, .timedOut)
    case .exited(let status) where statuses.contains(status):
      return .init(Array(command.utf8) + output)
    case .exited(let status):
      return .init(Array("exit status \(status)\n\(command)".utf8) + output, .failed)
    case .signaled(let signal):
      return .init(Array("killed by signal \(signal)\n\(command)".utf8) + output, .failed)
    }
  }

  /// Returns the complete lines, since a part of a secret could not be recognized.
  private static func completeLines(_ bytes: [UInt8]) -> [UInt8] {
    guard let last = bytes.last, last != UInt8(ascii: "\n") else { return bytes }
    guard bytes.count >= CapturedProcess.limit else { return bytes + [UInt8(ascii: "\n")] }
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return bytes[..<end] + Array("[the rest was not read]\n".utf8)
  }
}
