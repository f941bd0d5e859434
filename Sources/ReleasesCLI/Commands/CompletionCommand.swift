internal import CommandLineKit
internal import Linux
internal import ReleaseModel

extension Command {
  static let completion = Command(
    name: "completion",
    summary: "print the completions for a shell",
    group: .assist,
    details: [
      """
      Prints a script that teaches the shell the commands, their options, and the ids of the \
      releases in the store. It fits the version of releases that printed it.
      """
    ],
    operands: [Operand(.words(of: Shell.self), help: "the shell")],
    examples: [
      ("source <(releases completion bash)", "in ~/.bashrc"),
      ("releases completion zsh > ~/.zfunc/_releases", "where ~/.zfunc is in $fpath"),
      ("releases completion fish | source", "in ~/.config/fish/config.fish"),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      guard let shell = invocation.operands.first.flatMap(Shell.init) else {
        throw ReleasesError(.usage, "completion needs the name of a shell")
      }
      return CommandResult(text: shell.completions(for: context.commands.program))
    })
}
