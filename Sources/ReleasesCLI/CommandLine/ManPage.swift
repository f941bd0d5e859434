/// The man page, in mdoc(7). The same table always yields the same page.
enum ManPage {
  static func text() -> String {
    let sections = [
      preamble, commands, environment, files, exitStatuses, examples, seeAlso,
    ]
    return sections.flatMap { $0 }.joined(separator: "\n") + "\n"
  }

  private static var preamble: [String] {
    [
      ".\\\" Made by: releases generate man",
      ".Dd \(Version.date)",
      ".Dt RELEASES 1",
      ".Os releases \(Version.number)",
      ".Sh NAME",
      ".Nm releases",
      ".Nd unpack, switch and prune the releases of a service",
      ".Sh SYNOPSIS",
      ".Nm",
      ".Op Fl s Ar PATH",
      ".Ar COMMAND",
      ".Op Ar options",
      ".Op Ar operands",
      ".Sh DESCRIPTION",
    ]
      + Roff.prose(
        """
        Treats a deploy directory as a transactional store: releases are unpacked beside each \
        other, and the links 'current' and 'previous' say which one is live and which one to go \
        back to. Whatever kills the program, and whenever, the store is afterwards either as it \
        was or as it was asked to be, and the service keeps a version to run.
        """)
      + [".Pp"]
      + Roff.prose(
        """
        The result goes to standard output; errors, warnings, and what was settled of an \
        interrupted command go to standard error. Options and operands may be mixed, flags bundled, and '--' ends the \
        options. Long options can't be abbreviated, and a value that begins with '-' is attached, \
        as in --ref=-x.
        """)
      + [".Pp"]
      + Roff.prose(
        """
        When root works on the store of another user, the command first becomes that user, with \
        all groups of that user; see releases-store(7).
        """)
      + [".Pp"]
      + Roff.prose(
        """
        These options are accepted before and after every command:
        """)
      + definitions(CommandTable.globalOptions)
  }

  private static var commands: [String] {
    CommandTable.visibleCommands.reduce(into: [".Sh COMMANDS"]) { lines, command in
      lines.append(Roff.heading(command.synopsis.dropPrefix("releases ")))
      lines += Roff.prose(Roff.sentence(command.summary))
      for paragraph in command.details { lines += [".Pp"] + Roff.prose(paragraph) }
      let operands = command.operands.map { operand in
        Roff.item(".Ar " + Roff.escape(operand.value.placeholder), Roff.sentence(operand.help))
      }
      let options = command.options.map(item)
      if operands.isEmpty && options.isEmpty { return }
      lines += list(operands + options)
    }
  }

  private static var environment: [String] {
    [".Sh ENVIRONMENT"]
      + list([
        Roff.item(".Ev RELEASES_STORE", "The store, where --store is not given."),
        Roff.item(".Ev NO_COLOR", "Set to anything but the empty text, nothing is coloured."),
        Roff.item(".Ev TERM", "Not set, or dumb: nothing is coloured. A pipe never gets colours."),
        Roff.item(
          ".Ev LC_ALL , LC_CTYPE , LANG",
          "The first that is set says whether the terminal understands UTF-8. "
            + "One that does not gets a question mark for every character beyond ASCII."),
        Roff.item(
          ".Ev SUDO_USER , LOGNAME , USER",
          "The first that is set is who the journal and the history say it was."),
      ])
  }

  private static var files: [String] {
    let files = [
      ("/opt/diting", "The store, where neither --store nor RELEASES_STORE names another."),
      ("releases.yaml", "In the store: its configuration. Optional."),
      ("releases/", "In the store: the releases."),
      ("current", "In the store: the link to the live release."),
      ("previous", "In the store: the link to the release that was live before and is good."),
      ("shared/", "In the store: what outlives a release, such as logs."),
      (".releases/lock", "In the store: the lock and the journal. Never remove it."),
      (".releases/history.jsonl", "In the store: one line for every transaction."),
    ]
    return [".Sh FILES"] + list(files.map { Roff.item(".Pa " + Roff.escape($0.0), $0.1) })
  }

  private static var exitStatuses: [String] {
    let known = ExitStatus.allCases.map {
      Roff.item("\($0.rawValue)", Roff.sentence($0.meaning))
    }
    let signal = Roff.item(
      "128+n", "Ended by signal n, after the change under way was finished or taken back.")
    return [".Sh EXIT STATUS"] + list(known + [signal])
  }

  private static var examples: [String] {
    CommandTable.visibleCommands.flatMap(\.examples).reduce(into: [".Sh EXAMPLES"]) {
      lines, example in
      if lines.count > 1 { lines.append(".Pp") }
      lines += Roff.prose(Roff.sentence(example.says))
      lines += [".Bd -literal -offset indent", Roff.line(example.line), ".Ed"]
    }
  }

  private static var seeAlso: [String] {
    [".Sh SEE ALSO", ".Xr ln 1 ,", ".Xr systemctl 1 ,", ".Xr tar 1 ,", ".Xr flock 2 ,"]
      + [".Xr mtree 5 ,", ".Xr releases.yaml 5 ,", ".Xr releases-store 7"]
  }

  private static func definitions(_ options: [Option]) -> [String] { list(options.map(item)) }

  private static func item(_ option: Option) -> [String] {
    var term = ".Fl "
    if let short = option.short { term += "\(short) , Fl " }
    term += Roff.escape("-" + option.name.rawValue)
    if let value = option.value { term += " Ar " + Roff.escape(value.placeholder) }
    return Roff.item(term, Roff.sentence(option.help))
  }

  private static func list(_ items: [[String]]) -> [String] {
    [".Bl -tag -width Ds"] + items.flatMap { $0 } + [".El"]
  }
}

extension String {
  fileprivate func dropPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
