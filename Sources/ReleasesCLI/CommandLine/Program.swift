internal import Linux
internal import ReleaseStore

/// The program from its arguments to its exit status.
package enum Program {
  /// - Parameters:
  ///   - arguments: without the program's own name.
  ///   - variables: the environment.
  package static func run(_ arguments: [String], variables: [String: String]) -> Int32 {
    Allocation.returnLargeBlocks()
    Signals.ignoreLostConnections()
    Signals.ignoreFileSizeLimit()
    Signals.useDefaultChildSignal()
    ProcessFacts.raiseDescriptorLimit()
    FileCreation.setMask(0o022)
    let output = Style(stream: .output, environment: variables)
    do throws(ReleasesError) {
      guard ProcessFacts.isUTF8(variables: ["RELEASES_STORE"]) else {
        throw ReleasesError(
          .usage, "an argument, or RELEASES_STORE, is not UTF-8",
          hint: "name files through a link whose name is plain, or read the archive from -")
      }
      let invocation = try Parser().parse(arguments)
      let context = try Context(invocation, arguments: arguments, variables: variables)
      return try run(invocation, context, output)
    } catch {
      let format = OutputFormat.wanted(by: arguments)
      if format == .json, let document = try? json(ErrorReport(error)) { write(document) }
      return report(error, format, title: "releases", variables)
    }
  }

  private static func run(
    _ invocation: Invocation, _ context: Context, _ style: Style
  ) throws(ReleasesError) -> Int32 {
    let outcome: Outcome
    do throws(ReleasesError) {
      outcome = try invocation.command.run(invocation, context)
    } catch let failure {
      if failure.trace.signal == nil { Signals.endIfTerminating() }
      let error = failure.naming(store: context.storeArgument)
      if invocation.format == .json {
        write(try json(failureReport(error, invocation, context)))
      }
      let status = report(
        error, invocation.format, title: "releases \(invocation.command.name)", context.variables)
      if let signal = failure.trace.signal { Signals.end(by: signal) }
      return status
    }
    let text = try outcome.rendered(
      invocation.format, quiet: invocation.flag(.quiet), style)
    do throws(SystemError) {
      try StandardStream.output.write(text)
    } catch let error where error.errno == .brokenPipe {
      // Whoever read has had enough; what was done is done.
      return outcome.status.rawValue
    } catch {
      let failure = ReleasesError(
        .output, "can't write the result", hint: "look at where standard output goes",
        cause: error.description)
      // What a changing command did stays done, and its status says so.
      if invocation.command.changesStore {
        context.warn("\(failure.message): \(failure.cause ?? "")")
        return outcome.status.rawValue
      }
      return report(failure, .text, title: "releases", context.variables)
    }
    return outcome.status.rawValue
  }

  /// The one document of a failure; of a switch or a publication, in its usual shape.
  private static func failureReport(
    _ error: ReleasesError, _ invocation: Invocation, _ context: Context
  ) -> any Encodable {
    guard ["unpack", "prepare", "deploy", "activate", "rollback"].contains(invocation.command.name)
    else { return ErrorReport(error) }
    let snapshot = try? Store.open(context.storePath).snapshot()
    var report = OperationReport(
      command: invocation.command.name,
      id: error.trace.id?.text ?? invocation.value(.id) ?? invocation.target,
      outcome: error.code == .rolledBack ? .rolledBack : .failed, current: snapshot?.live,
      previous: snapshot?.previous.release, dryRun: invocation.flag(.dryRun), error: error)
    report.pruned = error.trace.pruned.map(\.text)
    report.steps = error.trace.steps.map { .init($0) }
    report.recovered = error.trace.recovered
    return report
  }

  private static func report(
    _ error: ReleasesError, _ format: OutputFormat, title: String, _ variables: [String: String]
  ) -> Int32 {
    let text =
      format == .github
      ? errorAnnotation(error, title: title)
      : errorText(error, Style(stream: .error, environment: variables))
    // Nobody is left to tell when it is closed or nobody reads it; the exit status still says it.
    _ = StandardStream.error.write(Array(text.utf8), waitingUpTo: 5)
    return ExitStatus(error.code).rawValue
  }

  private static func write(_ document: String) {
    // The exit status says what failed, whoever has stopped reading.
    try? StandardStream.output.write(document)
  }
}

extension OutputFormat {
  /// The one that arguments ask for which could not be understood as a whole.
  static func wanted(by arguments: [String]) -> OutputFormat {
    let options = arguments.prefix { $0 != "--" }
    if options.contains("--json") || options.contains("--output=json") { return .json }
    if zip(options, options.dropFirst()).contains(where: { $0 == "--output" && $1 == "json" }) {
      return .json
    }
    return .text
  }
}

extension Invocation {
  /// The release a switch was asked to go to.
  fileprivate var target: String? {
    ["activate", "prepare"].contains(command.name) ? operands.first : value(.to)
  }
}
