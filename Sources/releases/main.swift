internal import Glibc
internal import ReleasesCLI

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
