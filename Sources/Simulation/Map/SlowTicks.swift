/// The slowest ticks of the last hour, with what ran in them.
///
/// It keeps the ten slowest of each five minutes, so a tick that was slow long ago makes room for those after it.
struct SlowTicks {
    private static let perSlot = 10
    private static let slotCount = 12
    /// Five minutes, in nanoseconds.
    private static let length: UInt64 = 300_000_000_000
    /// The most ticks that ``slowest(at:)`` returns.
    static let most = 20

    private struct Slot {
        var number: UInt64
        var ticks: [SlowTick] = []
    }

    private var slots: [Slot] = []

    /// Whether a tick that took so many milliseconds is among the slowest of its five minutes; `time` is now, in
    /// nanoseconds by a clock that never steps.
    ///
    /// - Complexity: O(1); nothing is allocated.
    func admits(_ milliseconds: Double, at time: UInt64) -> Bool {
        guard let slot = slots.last, slot.number == time / Self.length, slot.ticks.count >= Self.perSlot else {
            return true
        }
        return milliseconds > slot.ticks[slot.ticks.count - 1].ms
    }

    /// Adds a tick that is admitted.
    mutating func insert(_ tick: SlowTick, at time: UInt64) {
        let number = time / Self.length
        if slots.last?.number != number {
            slots.append(Slot(number: number))
            if slots.count > Self.slotCount { slots.removeFirst() }
        }
        let index = slots.count - 1
        let place = slots[index].ticks.firstIndex { $0.ms < tick.ms } ?? slots[index].ticks.count
        slots[index].ticks.insert(tick, at: place)
        if slots[index].ticks.count > Self.perSlot { slots[index].ticks.removeLast() }
    }

    /// The slowest ticks of the last hour, the slowest first.
    func slowest(at time: UInt64) -> [SlowTick] {
        let now = time / Self.length
        let recent = slots.filter { now - min($0.number, now) < UInt64(Self.slotCount) }
        return Array(recent.flatMap(\.ticks).sorted { ($0.ms, $1.tick) > ($1.ms, $0.tick) }.prefix(Self.most))
    }
}

extension MapSimulation {
    /// How many scripts of a slow tick are named.
    private static let maxSlowScripts = 8

    /// Notes the last tick if it is among the slowest. Call it between ticks, as ``logOverrun()``.
    package func noteSlowTick() {
        let time = surroundings.clock.monotonic()
        let ms = Double(work.wallNanoseconds) / 1e6
        guard slowTicks.admits(ms, at: time) else { return }
        let scripts = host.scripts.mostExpensive(ofTick: tickNumber, count: Self.maxSlowScripts).map { script in
            SlowTick.Script(script: script.path, runs: script.runs, cpuMs: Double(script.nanoseconds) / 1e6)
        }
        slowTicks.insert(
            SlowTick(
                time: now, tick: UInt64(tickNumber), ms: ms, cpuMs: Double(work.cpuNanoseconds) / 1e6,
                inputs: work.inputs, events: work.events, messages: work.messages, scripts: scripts), at: time)
    }

    /// The slowest ticks of the last hour, the slowest first.
    package var slowestTicks: [SlowTick] { slowTicks.slowest(at: surroundings.clock.monotonic()) }
}
