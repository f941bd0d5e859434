internal import Linux
internal import ReleaseStore

/// The program from its arguments to its exit status.
package enum Program {
  /// - Parameter arguments: without the program's own name.
  package static func run(_ arguments: [String]) -> Int32 {
    do throws(ReleasesError) {
      let invocation = try Parser().parse(arguments)
      let outcome = try invocation.command.run(invocation)
      try attempting("can't write the result") { () throws(SystemError) in
        try StandardStream.output.write(outcome.text)
      }
      return ExitStatus.done.rawValue
    } catch {
      report(error)
      return ExitStatus(error.code).rawValue
    }
  }

  private static func report(_ error: ReleasesError) {
    var text = "releases: error: \(error.message)\n"
    if let cause = error.cause { text += "releases: cause: \(cause)\n" }
    if let hint = error.hint { text += "releases: hint: \(hint)\n" }
    // Nobody is left to tell when standard error is closed too; the exit status still says it.
    try? StandardStream.error.write(text)
  }
}
