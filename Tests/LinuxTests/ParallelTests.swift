import Synchronization
import Testing

@testable import Linux

struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7])
  func `each part runs once and the results are in order`(parts: Int) {
    let done = Counter()
    let results = Parallel.map(parts: parts) { part in
      done.value.add(1, ordering: .relaxed)
      return part * part
    }
    #expect(results == (0..<parts).map { $0 * $0 })
    #expect(done.value.load(ordering: .relaxed) == parts)
  }

  private final class Counter: Sendable { let value = Atomic(0) }
}
