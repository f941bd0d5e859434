internal import CommandLineKit
internal import ReleaseModel
internal import Text

extension Command {
  static let completion = Command(
    name: "completion",
    summary: "Print shell completions",
    group: .other,
    details: [
      """
      Prints a script that makes the shell complete commands, options, and the IDs of the releases \
      in the store, which it lists with ref, state and age. The script matches the version of releases that printed it.
      """
    ],
    operands: [Operand(.words(of: Shell.self), help: "Shell to print the completions for")],
    examples: [
      ("source <(releases completion bash)", "Load the completions in ~/.bashrc"),
      (
        "releases completion zsh > ~/.zfunc/_releases",
        "Install the completions for zsh; ~/.zfunc must be in $fpath"
      ),
      (
        "releases completion fish | source", "Load the completions in ~/.config/fish/config.fish"
      ),
    ],
    run: { (invocation, context) throws(ReleasesError) in
      guard let shell = invocation.operands.first.flatMap(Shell.init) else {
        throw ReleasesError(.usage, "completion needs the name of a shell")
      }
      return CommandResult(text: shell.completions(for: context.commands.program))
    })
}
