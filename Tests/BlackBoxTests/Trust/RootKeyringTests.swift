import Foundation
import TestSupport
import Testing

/// The keys of the session in which root runs a command for the store of another user.
@Suite(.enabled(if: User.isRoot, ForeignUser.comment)) struct RootKeyringTests {
  /// Calls of keyctl(2), which no program of the tests wraps.
  private static let calls = """
    import ctypes, os, platform
    libc = ctypes.CDLL(None)
    add_key, keyctl = (248, 250) if platform.machine() == "x86_64" else (217, 219)
    SESSION, JOIN, SEARCH = ctypes.c_long(-3), 1, 10
    """

  @Test func `a hook of another user can't use the keys of root's session`() throws {
    let store = try TestStore()
    let archive = try store.packRelease("1")
    try store.write(
      "hook.py",
      """
      \(Self.calls)
      found = libc.syscall(keyctl, SEARCH, SESSION, b"user", b"of root", 0)
      open(os.environ["RELEASES_STORE"] + "/found", "w").write("%d of %d" % (found, os.getuid()))
      """)
    try store.write(
      "releases.yaml", "hooks: {prepare: {run: [/usr/bin/python3, \(store.path)/hook.py]}}\n")
    try store.changeOwner(to: ForeignUser.owner)
    let session = """
      \(Self.calls)
      import sys
      libc.syscall(keyctl, JOIN, None)
      if libc.syscall(add_key, b"user", b"of root", b"x", ctypes.c_size_t(1), SESSION) < 0:
          sys.exit(77)
      os.execv(sys.argv[1], sys.argv[1:])
      """
    let run = try Program.run(
      [
        "/usr/bin/python3", "-c", session, Releases.binary, "--store", store.path, "unpack",
        archive,
      ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try store.read("found") == "-1 of \(ForeignUser.owner)")
  }
}
