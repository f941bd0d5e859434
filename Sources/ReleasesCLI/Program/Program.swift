internal import CommandLineKit
internal import Linux
internal import ReleaseModel
internal import StoreSupport
internal import TerminalUI
internal import Text

// The target ReleasesCLI is the program: one file per command, the reports they print, and the gate
// for SSH keys. A command turns its invocation into a request, passes it to Operations, and prints
// the result. Begin with ``Program`` and a command such as ActivateCommand.swift.

/// The program from its arguments to its exit status.
package enum Program {
  /// Runs the program.
  ///
  /// - Parameters:
  ///   - arguments: the arguments without the name of the program.
  ///   - variables: the environment variables.
  /// - Returns: the exit status.
  package static func run(_ arguments: [String], variables: [String: String]) -> Int32 {
    Allocation.returnLargeBlocks()
    Signals.ignoreLostConnections()
    Signals.ignoreFileSizeLimit()
    Signals.useDefaultChildSignal()
    ProcessFacts.raiseDescriptorLimit()
    FileCreation.setMask(0o022)
    do throws(ReleasesError) {
      guard ProcessFacts.isUTF8(variables: ["RELEASES_STORE"]) else {
        throw ReleasesError(
          .usage, "an argument or RELEASES_STORE is not valid UTF-8",
          hint: "create a link with an ASCII name and use that, or read the archive from -")
      }
      let (command, invocation) = try CommandTable.commands.resolve(arguments)
      let context = try Context(
        invocation, arguments: arguments, variables: variables, commands: CommandTable.commands,
        permits: Gate.permits(GateSession(variables: variables), CommandTable.commands))
      return run(command, invocation, context)
    } catch {
      let format = OutputFormat.requested(by: arguments)
      if format == .json, let document = try? json(ErrorReport(error, for: .local)) {
        write(document)
      }
      return printError(error, format, title: "releases", for: .local, variables)
    }
  }

  private static func run(
    _ command: Command, _ invocation: Invocation, _ context: Context
  ) -> Int32 {
    let result: CommandResult
    do throws(ReleasesError) {
      try invocation.refuseLongRef()
      try context.beginSession()
      result = try command.run(invocation, context)
    } catch {
      result = CommandResult(
        failed: command.failureReport.make(error, invocation, context), error)
    }
    if let failure = result.failure {
      return finish(failed: result, failure, invocation, context)
    }
    return print(result, command, invocation, context)
  }

  /// Prints the error of a command that failed, and returns the exit status.
  private static func finish(
    failed result: CommandResult, _ failure: ReleasesError, _ invocation: Invocation,
    _ context: Context
  ) -> Int32 {
    if result.signal == nil { Signals.endIfTerminating() }
    if invocation.format == .json, let document = try? json(result.report) { write(document) }
    let status = printError(
      failure, followedBy: result.failureLines, invocation.format,
      title: "releases \(invocation.command.name)",
      for: context.reader, context.variables)
    if let signal = result.signal { Signals.end(by: signal) }
    return result.reportedStatus ?? status
  }

  /// Prints the result of a command, and returns the exit status.
  private static func print(
    _ result: CommandResult, _ command: Command, _ invocation: Invocation, _ context: Context
  ) -> Int32 {
    let failure: ReleasesError
    do throws(ReleasesError) {
      let outcome = try write(result, invocation, context)
      do throws(SystemError) {
        try outcome.get()
        return result.reportedStatus ?? result.status.rawValue
      } catch let error where error.errno == .brokenPipe {
        // A reader such as head(1) may stop early. The command itself has succeeded.
        return result.status.rawValue
      } catch {
        throw ReleasesError(
          .output, "can't write the result to standard output",
          hint: "check the file or pipe that standard output goes to",
          cause: Message(error))
      }
    } catch {
      failure = error
    }
    // The change itself has succeeded, and the exit status must report that.
    if command.changesStore {
      context.notices.warn(Notice(failure.line))
      return result.status.rawValue
    }
    return printError(
      failure, .text, title: "releases", for: context.reader, context.variables)
  }

  /// Writes the result of a command to standard output.
  ///
  /// - Returns: the error of the writing, if any.
  /// - Throws: `output` when the result can't be encoded, an error when what it reports can't be read.
  private static func write(
    _ result: CommandResult, _ invocation: Invocation, _ context: Context
  ) throws(ReleasesError) -> Result<Void, SystemError> {
    guard invocation.format == .json, let document = result.document else {
      let text = try result.rendered(
        invocation.format, quiet: invocation.flag(.quiet),
        Style(stream: .output, environment: context.variables))
      return written(text)
    }
    var outcome: Result<Void, SystemError> = .success(())
    try document { piece in
      outcome = written(piece)
      if case .success = outcome { return true }
      return false
    }
    return outcome
  }

  private static func written(_ text: String) -> Result<Void, SystemError> {
    do throws(SystemError) {
      return .success(try StandardStream.output.write(text))
    } catch {
      return .failure(error)
    }
  }

  private static func printError(
    _ error: ReleasesError, followedBy further: [Message] = [], _ format: OutputFormat,
    title: String,
    for reader: HintReader, _ variables: [String: String]
  ) -> Int32 {
    let style = Style(stream: .error, environment: variables)
    let text =
      format == .github
      ? errorAnnotation(error, further, title: title, for: reader)
      : errorText(error, for: reader, style)
        + further.map { "releases: \(style.printable($0))\n" }.joined()
    // If standard error is closed or full, the exit status still reports the error.
    _ = StandardStream.error.write(Array(text.utf8), waitingUpTo: 5)
    return ExitStatus(error.code).rawValue
  }

  /// Writes a document to standard output. If that fails, the exit status still reports the error.
  private static func write(_ document: String) { try? StandardStream.output.write(document) }
}
