import Foundation
import TestSupport
import Testing

/// The terminal of root, who runs a command for the store of another user.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct RootTerminalTests {
  private let store: TestStore
  private let archive: String

  init() throws {
    store = try TestStore()
    archive = try store.packRelease("1")
    try store.changeOwner(to: ForeignUser.owner)
  }

  private func type(_ steps: String...) throws -> String {
    let run = try Program.run(
      ["/usr/bin/python3", Repository.fixture("typist.py")] + steps,
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SECRET": "x", "LC_SECRET": "x"])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    return run.output
  }

  /// The line that a person types.
  private var line: String { "\(store.directory)/releases --store \(store.path) unpack \(archive)" }

  private func writeHook(_ script: String) throws {
    try store.write("hook.py", script)
    try store.write(
      "releases.yaml", "hooks: {prepare: {run: [/usr/bin/python3, \(store.path)/hook.py]}}\n")
    try store.changeOwner(to: ForeignUser.owner)
  }

  @Test func `a hook of another user reaches neither the terminal nor a descriptor of root`() throws
  {
    try writeHook(
      """
      import fcntl, os, termios
      found = []
      try:
          os.open("/dev/tty", os.O_RDWR)
          found.append("has /dev/tty")
      except OSError as error:
          found.append("no /dev/tty")
      for number in range(10):
          try:
              fcntl.ioctl(number, termios.TIOCSTI, b"x")
              found.append("typed into %d" % number)
          except OSError:
              pass
          try:
              os.fstat(number)
              found.append("descriptor %d %s" % (number, os.isatty(number)))
          except OSError:
              pass
      found.append("leads session %s" % (os.getsid(0) == os.getpid()))
      found.append("leads group %s" % (os.getpgid(0) == os.getpid()))
      found.append("groups %d %s" % (os.getuid(), sorted(set(os.getgroups() + [os.getgid()]))))
      try:
          os.open("/proc/%d/fd/0" % os.getppid(), os.O_RDWR)
          found.append("opened root's terminal")
      except OSError:
          pass
      # Python sets LC_CTYPE for itself.
      found.append(" ".join(sorted(set(os.environ) - {"LC_CTYPE"})))
      open(os.environ["RELEASES_STORE"] + "/found", "w").write("\\n".join(found) + "\\n")
      """)
    let shown = try type("WAIT:ready> ", "\(line); echo ended=$?\\n", "WAIT:ended=0", "exit\\n")
    #expect(
      try store.read("found").split(separator: "\n").map(String.init) == [
        "no /dev/tty", "descriptor 0 False", "descriptor 1 False", "descriptor 2 False",
        "leads session True", "leads group True",
        "groups \(ForeignUser.owner) [\(ForeignUser.owner)]",
        "HOME LOGNAME PATH RELEASES_EVENT RELEASES_ID RELEASES_PATH RELEASES_PREVIOUS "
          + "RELEASES_REF RELEASES_STORE SHELL USER",
      ], "\(shown)")
  }

  @Test func `the interrupt key ends the command and its hook`() throws {
    try writeHook(
      """
      import os, time
      open(os.environ["RELEASES_STORE"] + "/pid", "w").write(str(os.getpid()))
      time.sleep(600)
      """)
    let shown = try type(
      "WAIT:ready> ", "\(line)\\n", "FILE:\(store.path)/pid", "\\x03",
      "echo status=$?\\n", "WAIT:status=130", "exit\\n")
    #expect(shown.contains("status=130"))
    let pid = try #require(Int32(try store.read("pid")))
    #expect(kill(pid, 0) == -1, "the hook has ended")
  }

  @Test func `a suspended command continues with its hook`() throws {
    try writeHook(
      """
      import os, time
      place = os.environ["RELEASES_STORE"]
      open(place + "/pid", "w").write(str(os.getpid()))
      while not os.path.exists(place + "/go"):
          time.sleep(0.05)
      """)
    let shown = try type(
      "WAIT:ready> ", "\(line)\\n",
      "FILE:\(store.path)/pid", "\\x1a", "WAIT:Stopped", "touch \(store.path)/go\\n",
      "fg; echo ended=$?\\n", "WAIT:ended=0", "exit\\n")
    #expect(shown.contains("ended=0"))
    #expect(try store.entry(of: try #require(try store.ids().first))["state"] as? String == "ready")
  }
}
