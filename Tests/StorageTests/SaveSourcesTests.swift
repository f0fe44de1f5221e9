import Synchronization
import Testing

@testable import Storage

/// A clock whose sleeps all end at once, or end only by cancellation.
private final class StillClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let endsSleeps: Bool
    /// How often `sleep` was called.
    let sleeps = Mutex(0)

    init(endsSleeps: Bool) { self.endsSleeps = endsSleeps }

    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        sleeps.withLock { $0 += 1 }
        if endsSleeps { return }
        let (stream, _) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
        throw CancellationError()
    }
}

@Suite("Maps are asked for their changes [design 10]", .timeLimit(.minutes(5))) struct SaveSourcesTests {
    /// Records which maps were asked; those that call `wait` don't answer until `release`.
    final class Maps: Sendable {
        private let state = Mutex((asked: [Int](), waiting: [CheckedContinuation<Void, Never>]()))
        var asked: [Int] { state.withLock { $0.asked } }

        func answer(_ id: Int) { state.withLock { $0.asked.append(id) } }

        func wait(_ id: Int) async {
            await withCheckedContinuation { continuation in
                state.withLock {
                    $0.asked.append(id)
                    $0.waiting.append(continuation)
                }
            }
        }

        func release() {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            waiting.forEach { $0.resume() }
        }
    }

    @Test("`ask` waits for all maps while they answer in time")
    func answers() async {
        let maps = Maps()
        let sources = SaveSources { (1...3).map { id in .init(id: id) { _ in maps.answer(id) } } }
        await sources.ask(StillClock(endsSleeps: false))
        #expect(maps.asked.sorted() == [1, 2, 3])
        await sources.ask(StillClock(endsSleeps: false))
        #expect(maps.asked.sorted() == [1, 1, 2, 2, 3, 3])
    }

    @Test("`ask` does not wait for a busy map, and asks it again only after it has answered")
    func busy() async {
        let maps = Maps()
        let sources = SaveSources {
            [.init(id: 1) { _ in await maps.wait(1) }, .init(id: 2) { _ in maps.answer(2) }]
        }
        await sources.ask(StillClock(endsSleeps: true))
        while Set(maps.asked) != [1, 2] { await Task.yield() }
        for _ in 0..<10 { await sources.ask(StillClock(endsSleeps: true)) }
        #expect(maps.asked.count { $0 == 1 } == 1)
        maps.release()
        while maps.asked.count(where: { $0 == 1 }) == 1 { await sources.ask(StillClock(endsSleeps: true)) }
        #expect(maps.asked.count { $0 == 1 } == 2)
        maps.release()
    }

    @Test("after a loss each map is asked once for everything, a busy map as soon as it has answered")
    func everything() async {
        let maps = Maps()
        let asked = Mutex<[Int: [Bool]]>([:])
        let sources = SaveSources {
            (1...2).map { id in
                .init(id: id) { everything in
                    asked.withLock { $0[id, default: []].append(everything) }
                    if id == 1, !everything { await maps.wait(1) }
                }
            }
        }
        await sources.ask(StillClock(endsSleeps: true))
        while Set(maps.asked) != [1] { await Task.yield() }
        sources.needEverything()
        await sources.ask(StillClock(endsSleeps: true))
        while asked.withLock({ $0[2]?.count }) != 2 { await Task.yield() }
        #expect(asked.withLock { $0 } == [1: [false], 2: [false, true]])
        maps.release()
        while asked.withLock({ $0[1]?.count }) != 2 { await sources.ask(StillClock(endsSleeps: true)) }
        #expect(asked.withLock { $0[1] } == [false, true])
    }

    @Test("without a map there is nothing to wait for")
    func none() async {
        let asked = Mutex(0)
        let clock = StillClock(endsSleeps: false)
        await SaveSources {
            asked.withLock { $0 += 1 }
            return []
        }.ask(clock)
        #expect(asked.withLock { $0 } == 1)
        #expect(clock.sleeps.withLock { $0 } == 0)
    }
}
