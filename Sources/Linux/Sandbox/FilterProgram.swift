internal import CLinux
internal import Glibc

/// Assembles instructions of the kernel's packet filter, see "Filters" in seccomp(2).
struct FilterProgram {
  /// The offsets in `struct seccomp_data`.
  static let number: UInt32 = 0
  static let architecture: UInt32 = 4
  private static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }

  /// The actions SECCOMP_RET_…: permit the call, end the process, and fail with an error number.
  static let allow: UInt32 = 0x7FFF_0000
  static let kill: UInt32 = 0x8000_0000
  static func fail(_ code: Int32) -> UInt32 { 0x0005_0000 | UInt32(code) }

  /// The operations BPF_LD, BPF_JEQ, BPF_JSET and BPF_RET; see linux/bpf_common.h.
  private static let loadWord: UInt16 = 0x20
  private static let jumpIfEqual: UInt16 = 0x15
  private static let jumpIfAnyBit: UInt16 = 0x45
  private static let result: UInt16 = 0x06

  private(set) var instructions: [sock_filter] = []

  /// Loads a word of `struct seccomp_data` into the accumulator.
  mutating func load(_ offset: UInt32) { add(Self.loadWord, offset) }
  /// Ends the program with an action for all remaining calls.
  mutating func finish(_ action: UInt32) { add(Self.result, action) }

  /// Takes an action when the accumulator has this value.
  mutating func when(equal number: Int32, _ action: UInt32) {
    add(Self.jumpIfEqual, UInt32(number), ifFalse: 1)
    add(Self.result, action)
  }

  /// Takes an action unless the accumulator has this value.
  mutating func unless(equal number: UInt32, _ action: UInt32) {
    add(Self.jumpIfEqual, number, ifTrue: 1)
    add(Self.result, action)
  }

  /// Takes an action when one of these bits of the accumulator is set.
  mutating func when(anyOf bits: UInt32, _ action: UInt32) {
    add(Self.jumpIfAnyBit, bits, ifFalse: 1)
    add(Self.result, action)
  }

  /// Permits a call when one of these bits of an argument is set; otherwise it fails with EPERM.
  mutating func permit(_ number: Int32, whereArgument argument: UInt32, has bits: UInt32) {
    check(number, argument, Self.jumpIfAnyBit, bits, allows: true)
  }

  /// Permits a call when none of these bits of an argument is set; otherwise it fails with EPERM.
  mutating func permit(_ number: Int32, whereArgument argument: UInt32, lacks bits: UInt32) {
    check(number, argument, Self.jumpIfAnyBit, bits, allows: false)
  }

  /// Permits a call when an argument has this value; otherwise it fails with EPERM.
  mutating func permit(_ number: Int32, whereArgument argument: UInt32, equals value: UInt32) {
    check(number, argument, Self.jumpIfEqual, value, allows: true)
  }

  /// Adds five instructions that check the low 32 bits of an argument.
  private mutating func check(
    _ number: Int32, _ argument: UInt32, _ jump: UInt16, _ value: UInt32, allows: Bool
  ) {
    add(Self.jumpIfEqual, UInt32(number), ifFalse: 4)
    add(Self.loadWord, Self.argument(argument))
    add(jump, value, ifTrue: allows ? 0 : 1, ifFalse: allows ? 1 : 0)
    add(Self.result, Self.allow)
    add(Self.result, Self.fail(EPERM))
  }

  private mutating func add(
    _ code: UInt16, _ value: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0
  ) {
    instructions.append(sock_filter(code: code, jt: ifTrue, jf: ifFalse, k: value))
  }
}
