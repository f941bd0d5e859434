/// The completion script for bash 4.4 and later. It does not need the package bash-completion.
struct BashCompletion {
  let program: ProgramDeclaration

  var script: String {
    [offers, beginning, joiningWords, readingWords, offering].joined(separator: "\n") + "\n"
  }
}

// MARK: - The script

extension BashCompletion {
  /// The functions that add matching words, IDs and files to the reply.
  private var offers: String {
    """
    # shellcheck shell=bash
    # Completion of releases \(program.version) for bash; made by: releases completion bash

    # Offers the IDs of the releases in the store, newest first. Output of the program is never evaluated.
    _releases_ids() {
      local id about ids=() described=()
      compopt -o nosort 2>/dev/null
      while IFS=$'\\t' read -r id about; do
        [[ $id == "$current"* && $id != *[!0-9A-Za-z._-]* ]] || continue
        ids+=("$prefix$id")
        described+=("$prefix$id${about:+  ($about)}")
      done < <("$program" list --quiet --describe "${store[@]}" 2>/dev/null </dev/null)
      # The shell only lists the words now, and inserts nothing beyond what they have in common.
      if [[ ${#ids[@]} -gt 1 && ${COMP_TYPE:-9} == @(63|33) ]]; then
        COMPREPLY+=("${described[@]}")
      else
        COMPREPLY+=("${ids[@]}")
      fi
    }

    _releases_words() {
      local word
      for word in "$@"; do
        [[ $word == "$current"* ]] && COMPREPLY+=("$prefix$word")
      done
    }

    _releases_directories() {
      local directory
      compopt -o filenames 2>/dev/null
      while IFS= read -r directory; do
        COMPREPLY+=("$prefix$directory")
      done < <(compgen -d -- "$current")
    }

    _releases_files() {
      local file
      compopt -o filenames 2>/dev/null
      while IFS= read -r file; do
        COMPREPLY+=("$prefix$file")
      done < <(compgen -f -- "$current")
    }

    # Removes quotes and expands ~/ like the shell, without evaluating anything.
    _releases_unquoted() {
      local text=${1//[\\\\\\'\\"]/}
      [[ $text == \\~/* ]] && text=$HOME/${text:2}
      printf '%s' "$text"
    }

    """
  }

  /// The beginning of the function that the shell calls: its variables.
  private var beginning: String {
    """
    _releases() {
      local program words=() word i current prefix="" option="" command="" ended="" position=0
      local store=()
      COMPREPLY=()
      program=$(_releases_unquoted "${COMP_WORDS[0]}")

    """
  }

  /// The part that collects the words that were typed.
  private var joiningWords: String {
    """
      # The shell breaks --name=value into three words; this joins them again.
      for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == "="* && ${#words[@]} -gt 0 && ${words[-1]} == --* ]]; then
          words[-1]+=$word
        elif [[ $i -gt 1 && ${COMP_WORDS[i - 1]} == "=" && ${words[-1]} == --*= ]]; then
          words[-1]+=$word
        else
          words+=("$word")
        fi
      done
      current=${words[-1]}
      unset 'words[-1]'

    """
  }

  /// The part that finds the command, the number of its operands and the store in these words.
  private var readingWords: String {
    let bundle =
      "^-[\(program.shortFlags)]*([\(program.shortValueOptions)])(.*)$"
    return """
        for word in "${words[@]}"; do
          if [[ $option ]]; then
            [[ $option == @(\(storeSpellings)) ]] && store=(--store "$(_releases_unquoted "$word")")
            option=""
          elif [[ $ended || $word == - || $word != -* ]]; then
            if [[ $command ]]; then ((++position)); else command=$word; fi
          elif [[ $word == -- ]]; then
            ended=1
          elif [[ $word == --store=* ]]; then
            store=(--store "$(_releases_unquoted "${word#*=}")")
          elif [[ $word =~ \(bundle) ]]; then
            if [[ ${BASH_REMATCH[2]} ]]; then
              store=(--store "$(_releases_unquoted "${BASH_REMATCH[2]}")")
            else
              option=-${BASH_REMATCH[1]}
            fi
          else
            case $word in
              \(valueOptions)) option=$word ;;
            esac
          fi
        done

      """
  }

  /// The part that offers what fits at the cursor.
  private var offering: String {
    """
      if [[ ! $ended && ! $option && $current == --*=* ]]; then
        option=${current%%=*}
        [[ $COMP_WORDBREAKS == *=* ]] || prefix=$option=
        current=${current#*=}
      fi

      if [[ $option ]]; then
        case $option in
    \(optionCases)
        esac
      elif [[ ! $ended && $current == -* ]]; then
        _releases_words \(longOptions(program.globalOptions))
        case $command in
    \(commandOptionCases)
        esac
      elif [[ ! $command ]]; then
        _releases_words \(program.commandNames.joined(separator: " "))
      else
        case $command:$position in
    \(operandCases)
        esac
      fi
    }

    complete -F _releases releases
    """
  }
}

// MARK: - Declarations

extension BashCompletion {
  private var storeSpellings: String { program.storeSpellings.joined(separator: "|") }

  private var valueOptions: String {
    program.allOptions.filter { $0.value != nil }.flatMap(\.spellings)
      .joined(separator: " | ")
  }

  private func longOptions(_ options: [Option]) -> String {
    options.map(\.long).joined(separator: " ")
  }

  private var optionCases: String {
    cases(
      program.allOptions.compactMap { option in
        option.value.flatMap { offer($0.kind) }
          .map { (option.spellings.joined(separator: " | "), $0) }
      })
  }

  private var commandOptionCases: String {
    cases(
      program.visibleCommands.filter { !$0.options.isEmpty }
        .map { ($0.name, "_releases_words " + longOptions($0.options)) })
  }

  private var operandCases: String {
    cases(
      program.visibleCommands.flatMap { command in
        command.operands.enumerated().compactMap { position, operand in
          let place = operand.arity == .any ? "*" : "\(position)"
          return offer(operand.value.kind).map { ("\(command.name):\(place)", $0) }
        }
      })
  }

  /// Returns the command that offers values of a kind; nil if there are none to offer.
  private func offer(_ kind: ValueKind) -> String? {
    switch kind {
    case .text, .number: nil
    case .file: "_releases_files"
    case .directory: "_releases_directories"
    case .listed: "_releases_ids"
    case .commands: "_releases_words " + program.commandNames.joined(separator: " ")
    case .words(let words): "_releases_words " + words.joined(separator: " ")
    }
  }

  private func cases(_ cases: [(pattern: String, action: String)]) -> String {
    cases.map { "      \($0.pattern)) \($0.action) ;;" }.joined(separator: "\n")
  }
}
