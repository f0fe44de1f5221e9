import Testing

@testable import Simulation

@Suite("Ticks begin at whole multiples of the interval [absolute deadlines]") struct TickScheduleTests {
    private static let second: UInt64 = 1_000_000_000

    /// Runs ticks until a time.
    ///
    /// - Parameters:
    ///   - schedule: Plans the ticks.
    ///   - rate: Ticks a second.
    ///   - start: The time at which the schedule began.
    ///   - end: The time, in nanoseconds since the start.
    ///   - lateness: How much later than due a tick begins, and how long it takes, by its number from 1.
    /// - Returns: When the ticks were due, since the start.
    private func ticks(
        _ schedule: inout TickSchedule, rate: Int, from start: UInt64, until end: UInt64,
        lateness: (Int) -> UInt64 = { _ in 0 }
    ) -> [UInt64] {
        var now = start
        var all: [UInt64] = []
        while true {
            schedule.advance(rate: rate, at: now)
            guard schedule.due <= start + end else { return all }
            all.append(schedule.due - start)
            now = max(now, schedule.due) + lateness(all.count)
        }
    }

    @Test(
        "over a minute there are exactly rate × 60 ticks, the last one to the nanosecond",
        arguments: [1, 7, 30, 60, 144])
    func exact(rate: Int) {
        let start = 12_345_678_901 as UInt64
        var schedule = TickSchedule(rate: rate, from: start)
        let all = ticks(&schedule, rate: rate, from: start, until: 60 * Self.second)
        #expect(all.count == rate * 60)
        #expect(all.last == 60 * Self.second)
        for (index, time) in all.enumerated() {
            #expect(time == UInt64(index + 1) * Self.second / UInt64(rate), "no rounding adds up")
        }
        #expect(schedule.missed == 0)
    }

    @Test("late ticks do not shift the later ones")
    func late() {
        var schedule = TickSchedule(rate: 60, from: 5)
        let all = ticks(&schedule, rate: 60, from: 5, until: 60 * Self.second) { tick in
            // Up to 15 ms of 16.7.
            UInt64(tick * 7_919_317 % 15_000_000)
        }
        #expect(all.count == 3600 && all.last == 60 * Self.second && schedule.missed == 0)
    }

    @Test("a tick that is late for less than its interval runs at once; the ones whose interval has passed are skipped")
    func missed() {
        var schedule = TickSchedule(rate: 10, from: 0)
        schedule.advance(rate: 10, at: 0)
        #expect(schedule.due == 100_000_000)
        schedule.advance(rate: 10, at: 250_000_000)
        #expect(schedule.due == 200_000_000 && schedule.missed == 0, "it runs at once, 50 ms late")
        schedule.advance(rate: 10, at: 260_000_000)
        #expect(schedule.due == 300_000_000, "and the next one in time")
        schedule.advance(rate: 10, at: 299_999_999)
        #expect(schedule.due == 400_000_000)
        schedule.advance(rate: 10, at: 5_730_000_000)
        #expect(schedule.due == 5_700_000_000 && schedule.missed == 52)
        schedule.advance(rate: 10, at: 5_730_000_000)
        #expect(schedule.due == 5_800_000_000 && schedule.missed == 52)
    }

    @Test("at 60 Hz, ticks of 20 ms run back to back, and each sixth interval is skipped")
    func overload() {
        var schedule = TickSchedule(rate: 60, from: 0)
        let all = ticks(&schedule, rate: 60, from: 0, until: 60 * Self.second) { _ in 20_000_000 }
        #expect(all.count == 3000 && schedule.missed == 600, "\(all.count), \(schedule.missed)")
    }

    @Test("intervals are skipped exactly where the rounded times are", arguments: [3, 7, 60, 239])
    func boundaries(rate: Int) {
        for number in 1...UInt64(3 * rate) {
            let time = number * Self.second / UInt64(rate)
            var before = TickSchedule(rate: rate, from: 0)
            before.advance(rate: rate, at: time - 1)
            #expect(before.due <= max(time - 1, Self.second / UInt64(rate)))
            #expect(before.missed == (number > 1 ? number - 2 : 0))
            var at = TickSchedule(rate: rate, from: 0)
            at.advance(rate: rate, at: time)
            #expect(at.due == time && at.missed == number - 1)
        }
    }

    @Test("a changed rate counts from the last tick")
    func rate() {
        var schedule = TickSchedule(rate: 10, from: 0)
        schedule.advance(rate: 10, at: 0)
        schedule.advance(rate: 20, at: 100_000_000)
        #expect(schedule.due == 150_000_000)
    }

    @Test("an input ends a sleep, but no tick follows another one earlier than an interval")
    func wake() {
        var schedule = TickSchedule(rate: 10, from: 0)
        schedule.advance(rate: 10, at: 0)
        #expect(schedule.sleep(until: nil) == nil)
        schedule.wake(at: 30_000_000)
        #expect(schedule.due == 100_000_000 && !schedule.isAsleep)
        schedule.advance(rate: 10, at: 100_000_000)
        #expect(schedule.sleep(until: nil) == nil)
        schedule.wake(at: 3_210_000_000)
        #expect(schedule.due == 3_210_000_000)
        schedule.advance(rate: 10, at: 3_211_000_000)
        #expect(schedule.due == 3_310_000_000 && schedule.missed == 0, "a sleep skips no ticks")
    }

    @Test("a late alarm shifts nothing: a map without players whose events are due at each tick keeps its rate")
    func alarm() {
        var schedule = TickSchedule(rate: 60, from: 0)
        var now: UInt64 = 0
        for tick in 1...3600 as ClosedRange<UInt64> {
            schedule.advance(rate: 60, at: now)
            let alarm = schedule.sleep(until: now)
            #expect(alarm == tick * Self.second / 60)
            now = (alarm ?? 0) + 400_000
            schedule.wake(at: now)
        }
        #expect(schedule.sleep(until: 70 * Self.second) == 70 * Self.second)
        schedule.wake(at: 70 * Self.second + 400_000)
        schedule.advance(rate: 60, at: 70 * Self.second + 400_000)
        #expect(schedule.due == 70 * Self.second + 16_666_666)
    }
}
