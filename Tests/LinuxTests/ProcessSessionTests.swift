import Glibc
import Testing

@testable import Linux

/// Programs that this process starts are in a session of their own.
@Suite struct ProcessSessionTests {
  @Test func `a program leads its own session and has no terminal`() throws {
    let nothing = try Descriptor.open("/dev/null")
    let program = try CapturedProcess(
      "/bin/cat", ["cat", "/proc/self/stat"], environment: [:], input: nothing)
    let output = try program.result(within: 10).output
    let fields = String(decoding: output, as: UTF8.self).split(separator: " ")
    // The fields 1, 5, 6 and 7 of proc_pid_stat(5).
    #expect(fields[4] == fields[0] && fields[5] == fields[0] && fields[6] == "0")
  }
}
