/// The completion script for fish.
struct FishCompletion {
  let program: ProgramDeclaration

  var script: String {
    [reading, functions, "complete -c releases -f", lines.joined(separator: "\n")]
      .joined(separator: "\n") + "\n"
  }
}

// MARK: - The functions

extension FishCompletion {
  /// The function that reads the command line.
  private var reading: String {
    let bundle = "^-[\(program.shortFlags)]*[\(program.shortValueOptions)]"
    let storeOption = regex(program.storeSpellings)
    return """
      # Completion of releases \(program.version) for fish; made by: releases completion fish

      # Reads what is typed before the cursor, and prints three lines: the command, the number of its
      # operands, and the store.
      function __releases_typed
          set -l name ''
          set -l count 0
          set -l store ''
          set -l option ''
          set -l ended no
          set -l tokens (commandline -opc)
          for token in $tokens[2..-1]
              if test -n "$option"
                  string match -qr -- '\(storeOption)' $option
                      and set store $token
                  set option ''
              else if test $ended = yes; or not string match -q -- '-?*' $token
                  if test -z "$name"
                      set name $token
                  else
                      set count (math $count + 1)
                  end
              else if test "$token" = --
                  set ended yes
              else if string match -qr -- '^--store=' $token
                  set store (string replace -r -- '^--store=' '' $token)
              else if string match -qr -- '\(regex(valueSpellings))' $token
                  set option $token
              else if string match -qr -- '\(bundle)' $token
                  set store (string replace -r -- '\(bundle)' '' $token)
                  test -z "$store"; and set option -s
              end
          end
          printf '%s\\n' "$name" $count "$store"
      end

      """
  }

  /// The functions that the completions call.
  private var functions: String {
    """
    function __releases_needs_command
        set -l typed (__releases_typed)
        test -z "$typed[1]"
    end

    function __releases_command_is
        set -l typed (__releases_typed)
        test "$typed[1]" = $argv[1]
    end

    # Takes the command, and the numbers of the first and the last operand.
    function __releases_operand_is
        set -l typed (__releases_typed)
        test "$typed[1]" = $argv[1]
        and test $typed[2] -ge $argv[2]
        and test $typed[2] -le $argv[3]
    end

    # Prints the IDs of the releases in the store, newest first.
    function __releases_ids
        set -l typed (__releases_typed)
        set -l tokens (commandline -opc)
        set -l store
        test -n "$typed[3]"; and set store --store (string replace -r -- '^~/' "$HOME/" $typed[3])
        set -l program (string replace -r -- '^~/' "$HOME/" $tokens[1])
        $program list --quiet --describe $store 2>/dev/null </dev/null
    end

    """
  }
}

// MARK: - Declarations

extension FishCompletion {
  private var valueSpellings: [String] {
    program.allOptions.filter { $0.value != nil }.flatMap(\.spellings)
  }

  private func regex(_ words: [String]) -> String { "^(\(words.joined(separator: "|")))$" }

  private var lines: [String] {
    let commands = program.visibleCommands
    return program.globalOptions.map { line(nil, $0) }
      + commands.map {
        line("__releases_needs_command", "-a \($0.name)", describing: $0.summary)
      }
      + commands.flatMap { command in
        command.options.map { line("__releases_command_is \(command.name)", $0) }
          + operandLines(of: command)
      }
  }

  private func operandLines(of command: CommandDeclaration) -> [String] {
    command.operands.enumerated().compactMap { position, operand in
      let last = operand.arity == .any ? "99999" : "\(position)"
      return offer(operand.value.kind).map {
        line("__releases_operand_is \(command.name) \(position) \(last)", $0)
      }
    }
  }

  private func line(_ condition: String?, _ option: Option) -> String {
    var words = option.short.map { "-s \($0) " } ?? ""
    words += "-l \(option.name.text)"
    if let value = option.value {
      words += value.kind == .file ? " -r" : " -x"
      if value.kind != .file, let offered = offer(value.kind) { words += " " + offered }
    }
    return line(condition, words, describing: option.help)
  }

  private func line(
    _ condition: String?, _ words: String, describing: String? = nil
  ) -> String {
    let when = condition.map { "-n '\($0)' " } ?? ""
    let what = describing.map { " -d " + quote($0) } ?? ""
    return "complete -c releases " + when + words + what
  }

  /// Returns the arguments of `complete` that offer values of a kind; nil if there are none to offer.
  private func offer(_ kind: ValueKind) -> String? {
    switch kind {
    case .text, .number: nil
    case .file: "-F"
    case .directory: "-a '(__fish_complete_directories)'"
    case .listed: "-k -a '(__releases_ids)'"
    case .commands: "-a '\(program.commandNames.joined(separator: " "))'"
    case .words(let words): "-a '\(words.joined(separator: " "))'"
    }
  }

  private func quote(_ text: String) -> String {
    let escaped = text.reduce(into: "") { escaped, character in
      if "\\'".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return "'\(escaped)'"
  }
}
