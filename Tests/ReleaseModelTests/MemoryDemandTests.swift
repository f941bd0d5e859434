import ReleaseModel
import Testing
import Text

/// Whether a second instance fits the memory of the host.
@Suite struct MemoryDemandTests {
  @Test func `an instance starts if the host has as much memory as it needs`() {
    #expect(MemoryDemand(available: 100, needed: 100, isMeasured: true).problem == nil)
    #expect(MemoryDemand(available: 101, needed: 100, isMeasured: false).problem == nil)
    #expect(MemoryDemand(available: 0, needed: 0, isMeasured: true).problem == nil)
  }

  @Test func `the problem says how much is needed, why, and how much there is`() {
    let (needed, available) = (Int64(300 << 20), Int64(120 << 20))
    let measured = MemoryDemand(available: available, needed: needed, isMeasured: true)
    #expect(
      measured.problem == """
        a second instance needs 300.0 MiB of memory, as much as the live instance uses, and the host \
        has 120.0 MiB
        """)
    let given = MemoryDemand(available: available, needed: needed, isMeasured: false)
    #expect(given.problem?.text.contains("set by service.memory") == true)
  }
}
