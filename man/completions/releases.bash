# shellcheck shell=bash
# Completion of releases 0.2.0 for bash; made by: releases completion bash

# Offers the IDs of the releases in the store, newest first. Output of the program is never evaluated.
_releases_ids() {
  local id about ids=() described=()
  compopt -o nosort 2>/dev/null
  while IFS=$'\t' read -r id about; do
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
  local text=${1//[\\\'\"]/}
  [[ $text == \~/* ]] && text=$HOME/${text:2}
  printf '%s' "$text"
}

_releases() {
  local program words=() word i current prefix="" option="" command="" ended="" position=0
  local store=()
  COMPREPLY=()
  program=$(_releases_unquoted "${COMP_WORDS[0]}")

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

  for word in "${words[@]}"; do
    if [[ $option ]]; then
      [[ $option == @(--store|-s) ]] && store=(--store "$(_releases_unquoted "$word")")
      option=""
    elif [[ $ended || $word == - || $word != -* ]]; then
      if [[ $command ]]; then ((++position)); else command=$word; fi
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ $word == --store=* ]]; then
      store=(--store "$(_releases_unquoted "${word#*=}")")
    elif [[ $word =~ ^-[qhVvnf]*([s])(.*)$ ]]; then
      if [[ ${BASH_REMATCH[2]} ]]; then
        store=(--store "$(_releases_unquoted "${BASH_REMATCH[2]}")")
      else
        option=-${BASH_REMATCH[1]}
      fi
    else
      case $word in
        --store | -s | --output | --limit | --lines | --textfile | --html | --archive | --timeout | --id | --ref | --sha256 | --signature | --size | --strip-components | --progress | --request | --wait | --to | --reason | --adopt | --keep | --keep-within | --allow | --name | --max-sessions | --max-upload) option=$word ;;
      esac
    fi
  done

  if [[ ! $ended && ! $option && $current == --*=* ]]; then
    option=${current%%=*}
    [[ $COMP_WORDBREAKS == *=* ]] || prefix=$option=
    current=${current#*=}
  fi

  if [[ $option ]]; then
    case $option in
      --store | -s) _releases_directories ;;
      --output) _releases_words text json github ;;
      --textfile) _releases_files ;;
      --html) _releases_files ;;
      --archive) _releases_files ;;
      --signature) _releases_files ;;
      --progress) _releases_words auto plain none ;;
      --to) _releases_ids ;;
    esac
  elif [[ ! $ended && $current == -* ]]; then
    _releases_words --store --json --output --quiet --help --version
    case $command in
      list) _releases_words --describe ;;
      status) _releases_words --watch ;;
      history) _releases_words --limit --verbose ;;
      logs) _releases_words --lines ;;
      verify) _releases_words --all --strict ;;
      metrics) _releases_words --textfile ;;
      report) _releases_words --html ;;
      diagnose) _releases_words --archive --timeout ;;
      deploy) _releases_words --id --ref --sha256 --signature --size --strip-components --progress --request --no-rollback --wait --dry-run ;;
      unpack) _releases_words --id --ref --sha256 --signature --size --strip-components --progress --wait --dry-run ;;
      prepare) _releases_words --wait --dry-run ;;
      activate) _releases_words --force --verify --no-rollback --request --wait --dry-run ;;
      rollback) _releases_words --to --force --verify --no-rollback --request --wait --dry-run ;;
      restart) _releases_words --wait --dry-run ;;
      abort) _releases_words --reason --wait --dry-run ;;
      wait) _releases_words --ref --request --timeout ;;
      pin) _releases_words --reason --wait --dry-run ;;
      unpin) _releases_words --wait --dry-run ;;
      mark) _releases_words --reason --wait --dry-run ;;
      freeze) _releases_words --reason --wait --dry-run ;;
      thaw) _releases_words --wait --dry-run ;;
      init) _releases_words --adopt --wait --dry-run ;;
      prune) _releases_words --keep --keep-within --no-hooks --wait --dry-run ;;
      remove) _releases_words --force --wait --dry-run ;;
      recover) _releases_words --boot --wait --dry-run ;;
      gate) _releases_words --allow --name --max-sessions --max-upload ;;
    esac
  elif [[ ! $command ]]; then
    _releases_words list show status history logs verify check metrics report diagnose deploy unpack prepare activate rollback restart abort wait pin unpin mark freeze thaw init prune remove recover help completion gate
  else
    case $command:$position in
      show:0) _releases_ids ;;
      logs:0) _releases_ids ;;
      verify:*) _releases_ids ;;
      deploy:0) _releases_files ;;
      unpack:0) _releases_files ;;
      prepare:0) _releases_ids ;;
      activate:0) _releases_ids ;;
      pin:0) _releases_ids ;;
      unpin:0) _releases_ids ;;
      mark:0) _releases_ids ;;
      mark:1) _releases_words good bad ;;
      remove:0) _releases_ids ;;
      help:0) _releases_words list show status history logs verify check metrics report diagnose deploy unpack prepare activate rollback restart abort wait pin unpin mark freeze thaw init prune remove recover help completion gate ;;
      completion:0) _releases_words bash zsh fish ;;
    esac
  fi
}

complete -F _releases releases
