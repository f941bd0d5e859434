internal import Glibc
internal import Linux
internal import ReleasesCLI

exit(Program.run(Array(CommandLine.arguments.dropFirst()), variables: ProcessFacts.environment()))
