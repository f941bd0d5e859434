internal import CLinux
internal import Glibc

/// A condition on an argument of a system call: the masked argument has a value.
struct ArgumentTest {
  /// The number of the argument, starting at 0.
  let index: UInt32
  let mask: UInt64
  let value: UInt64

  /// The argument is a 32-bit number with this value; the kernel ignores the upper half.
  static func number(_ index: UInt32, is value: Int32) -> ArgumentTest {
    ArgumentTest(index: index, mask: 0xFFFF_FFFF, value: UInt64(UInt32(bitPattern: value)))
  }

  /// The argument is a 32-bit number that has no bits but these.
  static func number(_ index: UInt32, hasOnly bits: UInt32) -> ArgumentTest {
    ArgumentTest(index: index, mask: UInt64(~bits), value: 0)
  }

  /// The argument is a null pointer.
  static func isNull(_ index: UInt32) -> ArgumentTest {
    ArgumentTest(index: index, mask: .max, value: 0)
  }

  /// A word of an argument that is tested.
  struct Word {
    /// The offset in `struct seccomp_data`.
    let offset: UInt32
    let mask: UInt32
    let value: UInt32
  }

  /// The words to test. The kernel stores an argument as two words, the lower one first.
  var words: [Word] {
    let offset = FilterProgram.arguments + 8 * index
    let lower = Word(
      offset: offset, mask: UInt32(truncatingIfNeeded: mask),
      value: UInt32(truncatingIfNeeded: value))
    let upper = Word(offset: offset + 4, mask: UInt32(mask >> 32), value: UInt32(value >> 32))
    return [lower, upper].filter { $0.mask != 0 }
  }
}

/// Assembles instructions of the kernel's packet filter, see "Filters" in seccomp(2).
struct FilterProgram {
  /// The offsets in `struct seccomp_data`.
  static let number: UInt32 = 0
  static let architecture: UInt32 = 4
  /// The offset of the first argument; each argument has eight bytes.
  static let arguments: UInt32 = 16

  /// The actions SECCOMP_RET_…: permit the call, end the process, and fail with an error number.
  static let allow: UInt32 = 0x7FFF_0000
  static let kill: UInt32 = 0x8000_0000
  static func fail(_ code: Int32) -> UInt32 { 0x0005_0000 | UInt32(code) }

  /// The operations BPF_LD, BPF_AND, BPF_JEQ, BPF_JSET and BPF_RET; see linux/bpf_common.h.
  private static let loadWord: UInt16 = 0x20
  private static let and: UInt16 = 0x54
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

  /// Permits a call when all tests of one of the alternatives are met; otherwise it fails with EPERM.
  /// The accumulator must contain the number of the call.
  ///
  /// - Parameters:
  ///   - number: the number of the call.
  ///   - alternatives: the tests of the arguments; at most 30 together.
  mutating func permit(_ number: Int32, whenAny alternatives: [[ArgumentTest]]) {
    var block = FilterProgram()
    for tests in alternatives { block.allow(whenAll: tests) }
    block.finish(Self.fail(EPERM))
    add(Self.jumpIfEqual, UInt32(number), ifFalse: UInt8(block.instructions.count))
    instructions += block.instructions
  }

  /// Permits the call when all tests are met, and continues otherwise.
  private mutating func allow(whenAll tests: [ArgumentTest]) {
    let words = tests.flatMap(\.words)
    // A test takes three instructions, and the action follows the last one.
    for (index, word) in words.enumerated() {
      let rest = UInt8((words.count - index - 1) * 3 + 1)
      add(Self.loadWord, word.offset)
      add(Self.and, word.mask)
      add(Self.jumpIfEqual, word.value, ifFalse: rest)
    }
    add(Self.result, Self.allow)
  }

  private mutating func add(
    _ code: UInt16, _ value: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0
  ) {
    instructions.append(sock_filter(code: code, jt: ifTrue, jf: ifFalse, k: value))
  }
}
