/// The words that a POSIX shell does not look up among the programs.
enum ShellWord {
  /// The reserved words (XCU 2.4), and the utilities that dash or another shell may have built in.
  static let all: Set<String> = [
    "if", "then", "else", "elif", "fi", "case", "esac", "for", "while", "until", "do", "done",
    "!", "{", "}", "[[", "function", "select", "time", "source", "let", "declare", "typeset",
    ".", ":", "[", "alias", "bg", "break", "cd", "chdir", "command", "continue", "echo", "eval",
    "exec",
    "exit", "export", "false", "fc", "fg", "getopts", "hash", "jobs", "kill", "local", "newgrp",
    "printf", "pwd", "read", "readonly", "return", "set", "shift", "test", "times", "trap", "true",
    "type", "ulimit", "umask", "unalias", "unset", "wait", "bind", "builtin", "caller", "compgen",
    "complete", "compopt", "coproc", "dirs", "disown", "enable", "help", "history", "logout",
    "mapfile", "popd", "pushd", "readarray", "shopt", "suspend",
  ]
}
