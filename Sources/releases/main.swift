internal import Glibc
internal import Linux
internal import ReleasesCLI

exit(Program.run(ProcessFacts.arguments(), variables: ProcessFacts.environment()))
