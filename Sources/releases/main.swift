internal import Glibc
internal import Linux
internal import ReleasesCLI

// The target releases is the executable: it passes its arguments and environment to ``Program``, and
// exits with the status that it returns.
exit(Program.run(ProcessFacts.arguments(), variables: ProcessFacts.environment()))
