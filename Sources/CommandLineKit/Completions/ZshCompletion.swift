internal import Text

/// The completion script for zsh.
struct ZshCompletion {
  let program: ProgramDeclaration

  var script: String {
    """
    #compdef releases
    # Completion of releases \(program.version) for zsh; made by: releases completion zsh

    # Offers the IDs of the releases in the store, newest first.
    _releases_ids() {
      local typed=${opt_args[--store]:-${opt_args[-s]:-$releases_store}}
      local -a store ids
      [[ -n $typed ]] && store=(--store ${${(Q)typed}/#\\~\\//$HOME/})
      ids=(${(f)"$($releases_program list --quiet --describe $store 2>/dev/null </dev/null)"})
      ids=("${(@)ids/$'\\t'/:}")
      _describe -V -t releases release ids
    }

    _releases_commands() {
      local -a commands=(
    \(commands)
      )
      _describe -t commands command commands
    }

    _releases() {
      local curcontext=$curcontext context state state_descr line
      local releases_program=${${(Q)words[1]}/#\\~\\//$HOME/} releases_store
      local -A opt_args
      local -a global=(
    \(globalSpecs)
      )
      # The second call handles options after the command, because this one would hide the operands.
      _arguments -A '-*' -s -S -C $global '1: :_releases_commands' '*:: :->rest' && return
      [[ $state == rest ]] || return
      releases_store=${opt_args[--store]:-$opt_args[-s]}
      case $line[1] in
    \(commandCases)
      esac
    }

    if [[ $funcstack[1] == _releases ]]; then
      _releases "$@"
    else
      compdef _releases releases
    fi

    """
  }
}

// MARK: - Declarations

extension ZshCompletion {
  private var commands: String {
    program.visibleCommands
      .map { "    " + "\($0.name):\(escape($0.summary))".shellQuoted }
      .joined(separator: "\n")
  }

  private var globalSpecs: String {
    program.globalOptions.map { "    " + spec($0) }.joined(separator: "\n")
  }

  private var commandCases: String {
    program.visibleCommands.map { command in
      let specs = command.options.map(spec) + command.operands.map(spec)
      let lines = (["_arguments -s -S $global"] + specs).joined(separator: " \\\n        ")
      return "    \(command.name))\n      \(lines)\n      ;;"
    }.joined(separator: "\n")
  }

  /// Returns the specification of an option, such as `{-s+,--store=}'[the store]:PATH:_directories'`,
  /// with the options that it excludes before it.
  private func spec(_ option: Option) -> String {
    let excluded = option.isRepeatable ? [] : option.spellings
    let others = option.excludes.map(\.long)
    let exclusions = excluded + others
    let before = exclusions.isEmpty ? "" : "(\(exclusions.joined(separator: " ")))".shellQuoted
    let isFlag = option.value == nil
    let names = [
      option.short.map { isFlag ? "-\($0)" : "-\($0)+" }, option.long + (isFlag ? "" : "="),
    ]
    .compactMap { $0 }
    let name = names.count == 1 ? names[0] : "{\(names.joined(separator: ","))}"
    var after = "[\(escape(option.help))]"
    if let value = option.value {
      after += ":\(escape(value.placeholder)):\(action(value.kind))"
    }
    return before + name + after.shellQuoted
  }

  private func spec(_ operand: Operand) -> String {
    let place =
      switch operand.arity {
      case .one: ":"
      case .optional: "::"
      case .any: "*:"
      }
    let spec = "\(place)\(escape(operand.value.placeholder)):\(action(operand.value.kind))"
    return spec.shellQuoted
  }

  /// Returns the action that offers values of a kind.
  private func action(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number: " "
    case .file: "_files"
    case .directory: "_directories"
    case .listed: "_releases_ids"
    case .commands: "_releases_commands"
    case .words(let words): "(\(words.joined(separator: " ")))"
    }
  }

  private func escape(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      if "\\:[]".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
  }
}
