internal import Linux
internal import ReleaseModel
internal import StoreSupport

/// Gathers a report about a store and its host, section by section. It goes on after each that
/// fails, takes no lock and changes nothing.
package struct Diagnosis: Sendable {
  /// Of the store.
  package let path: String
  /// How long each section may take.
  let seconds: Double
  /// Where tools are looked for.
  let directories: [String]

  /// - Parameters:
  ///   - path: of the store, absolute.
  ///   - seconds: how long each section may take; at most an hour.
  ///   - directories: where the host's tools are; nil for the usual places.
  package init(of path: String, secondsPerSection seconds: Double, directories: [String]? = nil) {
    self.path = path
    self.seconds = seconds
    self.directories = directories ?? HostProgram.allDirectories
  }

  /// Whether there is anything where the store should be.
  package var isAnythingThere: Bool {
    do throws(SystemError) {
      _ = try status(ofPath: path)
      return true
    } catch {
      return error.errno != .noEntry && error.errno != .notADirectory
    }
  }

  /// Finds something out within the time of a section.
  package func section(
    _ name: String,
    _ body: @escaping DiagnosisSection.Body
  ) -> DiagnosisSection {
    let start = Clock.monotonicSeconds()
    let answer: DiagnosisSection.Answer
    do throws(SystemError) {
      // Tools are ended when their time is up; what they said until then shall still arrive.
      answer =
        try TimeLimit.run(seconds + 1) {
          do throws(ReleasesError) { return try body() } catch { return .init(error) }
        } ?? .init("no answer within \(Int(seconds)) s\n", .timedOut)
    } catch {
      answer = .init(ReleasesError("can't look", error))
    }
    return DiagnosisSection(name, seconds: Clock.monotonicSeconds() - start, answer)
  }

  /// What a tool of the host says.
  ///
  /// - Parameters:
  ///   - words: its name, and its arguments.
  ///   - good: with which statuses it has answered.
  func answer(
    of words: [String], good: Set<Int32> = [0]
  ) throws(ReleasesError) -> DiagnosisSection.Answer {
    guard let program = HostProgram.find(words[0], in: directories) else {
      return .init("this host has no \(words[0])\n", .missing)
    }
    let result = try attempting("can't run \(program)") { () throws(SystemError) in
      try CapturedProcess(
        program, words,
        environment: ["LC_ALL": "C.UTF-8", "PATH": directories.joined(separator: ":")],
        input: try Descriptor.open("/dev/null")
      ).result(within: seconds)
    }
    let command = "$ \(words.joined(separator: " "))\n"
    let said = Self.lines(result.output) + Self.lines(result.errors)
    switch result.ending {
    case nil:
      return .init(Array("no answer within \(Int(seconds)) s\n\(command)".utf8) + said, .timedOut)
    case .exited(let status) where good.contains(status):
      return .init(Array(command.utf8) + said)
    case .exited(let status):
      return .init(Array("exit status \(status)\n\(command)".utf8) + said, .failed)
    case .signaled(let signal):
      return .init(Array("ended by signal \(signal)\n\(command)".utf8) + said, .failed)
    }
  }

  /// Whole lines: half a secret can't be told from other words.
  private static func lines(_ heard: [UInt8]) -> [UInt8] {
    guard let last = heard.last, last != UInt8(ascii: "\n") else { return heard }
    guard heard.count >= CapturedProcess.limit else { return heard + [UInt8(ascii: "\n")] }
    let end = heard.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return heard[..<end] + Array("[the rest was not read]\n".utf8)
  }
}
