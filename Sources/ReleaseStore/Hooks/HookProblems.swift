internal import Linux

extension Store {
  /// What would keep hooks from running, or make them a way for others to run something as us.
  func hookProblems(_ hooks: Configuration.Hooks) -> [ReleasesError] {
    let all = [
      ("prepare", hooks.prepare), ("activate", hooks.activate), ("succeeded", hooks.succeeded),
      ("failed", hooks.failed),
    ]
    return all.compactMap { name, hook in hook.flatMap { problem(of: $0, named: "hooks.\(name)") } }
  }

  /// Only a program that is named by its full path can be looked at.
  private func problem(of hook: Configuration.Hook, named name: String) -> ReleasesError? {
    switch program(hook.run) {
    case .missing(let program):
      return ReleasesError(
        .hook, "\(name): there is no \(program) in \(HostProgram.searchPath)",
        hint: "name it by its full path in \(path(Layout.configuration))")
    case .found(let path, let words):
      let program = path == "/bin/sh" ? words.last?.firstShellWord : path
      guard let program, program.isAbsolutePath else { return nil }
      return problem(ofProgram: program, named: name)
    }
  }

  private func problem(ofProgram program: String, named name: String) -> ReleasesError? {
    func refusal(_ what: String, _ hint: String) -> ReleasesError {
      ReleasesError(.hook, "\(name): \(program) \(what)", hint: hint)
    }
    do throws(SystemError) {
      let status = try Linux.status(ofPath: program)
      if status.kind != .file { return refusal("is a \(status.kind.word)", "name a program") }
      if status.permissions & 0o111 == 0 {
        return refusal("is not executable", "chmod +x \(program)")
      }
      if status.permissions & 0o002 != 0 {
        return refusal("can be written by everybody", "chmod o-w \(program)")
      }
      return nil
    } catch let error where error.errno == .noEntry || error.errno == .notADirectory {
      return refusal("is not there", "install it, or correct \(path(Layout.configuration))")
    } catch {
      // What can't be looked at may well be run.
      return nil
    }
  }
}

extension String {
  /// The program of a simple command line; nil where a shell would do more with it.
  fileprivate var firstShellWord: String? {
    let word = prefix { !$0.isWhitespace }
    let special = "|&;<>()$`\\\"'*?[#~=%!{}"
    return word.contains { special.contains($0) } ? nil : String(word)
  }
}
