import Synchronization
import Testing

@testable import Simulation

@Suite("CPU time of scripts with few readings of the thread's clock [M7.6]") struct CPUMeterTests {
    /// A simulated thread: `work` advances the wall clock and its CPU clock, `wait` only the wall clock.
    final class Machine: Sendable {
        private let state = Mutex((wall: UInt64(1_000_000_000), cpu: UInt64(500), readings: 0))
        var wall: UInt64 { state.withLock { $0.wall } }
        var readings: Int { state.withLock { $0.readings } }

        func work(_ nanoseconds: UInt64) {
            state.withLock {
                $0.wall += nanoseconds
                $0.cpu += nanoseconds
            }
        }

        func wait(_ nanoseconds: UInt64) { state.withLock { $0.wall += nanoseconds } }

        var clock: SimulationClock {
            SimulationClock(
                now: { 0 }, monotonic: { self.wall },
                cpu: {
                    self.state.withLock {
                        $0.readings += 1
                        return $0.cpu
                    }
                })
        }
    }

    let machine = Machine()

    /// The CPU time of what `body` does.
    func measure(_ meter: inout CPUMeter, _ body: (inout CPUMeter) -> Void) -> UInt64 {
        let stretch = meter.begin(at: machine.wall)
        body(&meter)
        return meter.end(stretch, at: machine.wall)
    }

    @Test("a thousand short stretches read the clock once in a millisecond")
    func short() {
        var meter = CPUMeter(machine.clock)
        var sum: UInt64 = 0
        for _ in 0..<1000 { sum += measure(&meter) { _ in machine.work(4000) } }
        #expect(sum == 4_000_000)
        #expect(machine.readings == 4)
    }

    @Test("a long stretch is measured exactly, with and without waits inside it", arguments: [0, 30_000_000])
    func long(waits: UInt64) {
        var meter = CPUMeter(machine.clock)
        _ = measure(&meter) { _ in machine.work(10_000) }
        machine.work(200_000)
        #expect(
            measure(&meter) { _ in
                machine.work(2_000_000); machine.wait(waits); machine.work(1_000_000)
            } == 3_000_000)
    }

    @Test("a wait before a stretch makes it seem shorter, at most by the age of the last reading, and never longer")
    func waitBefore() {
        var meter = CPUMeter(machine.clock)
        _ = measure(&meter) { _ in machine.work(10_000) }
        machine.wait(900_000)
        #expect(measure(&meter) { _ in machine.work(2_000_000) } == 1_100_000)
        machine.wait(60_000_000)
        #expect(measure(&meter) { _ in machine.work(2_000_000) } == 2_000_000)
    }

    @Test("the time of a nested stretch is part of the outer one, however often the clock was read in between")
    func nested() {
        var meter = CPUMeter(machine.clock)
        var inner: UInt64 = 0
        let outer = measure(&meter) { meter in
            machine.work(300_000)
            inner = measure(&meter) { _ in
                machine.work(100_000); machine.wait(5_000_000)
            }
            machine.work(10_000)
        }
        #expect(inner == 100_000)
        #expect(outer == 410_000)
    }
}
