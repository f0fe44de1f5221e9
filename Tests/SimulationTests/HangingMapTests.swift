import Dispatch
import GameFolder
import NIOCore
import NIOPosix
import SimulationTestKit
import Synchronization
import Testing
import World

@testable import Simulation

@Suite("A map whose thread hangs is noticed, and does not delay the server's stop [design 10]", .timeLimit(.minutes(5)))
struct HangingMapTests {
    @Test("a map is late when its tick has not ended at its due time plus the time allowed for its scripts")
    func heartbeat() {
        let heartbeat = MapHeartbeat()
        #expect(heartbeat.lateness(at: 1000) == 0, "nothing is due before it begins")
        heartbeat.expect(at: 500)
        #expect(heartbeat.lateness(at: 400) == 0)
        #expect(heartbeat.lateness(at: 700) == 200)
        heartbeat.expect(at: 800)
        #expect(heartbeat.lateness(at: 700) == 0)
        heartbeat.allow(50)
        #expect(heartbeat.lateness(at: 840) == 0, "a tick may take as long as its scripts")
        #expect(heartbeat.lateness(at: 870) == 20)
        heartbeat.allow(0)
        heartbeat.sleep()
        #expect(heartbeat.lateness(at: 9000) == 0, "a map that sleeps is never late")
        heartbeat.wake(at: 9000)
        #expect(heartbeat.lateness(at: 9010) == 10)
        heartbeat.wake(at: 9005)
        #expect(heartbeat.lateness(at: 9010) == 10, "the first thing that came in has waited longest")
    }

    @Test("a waiting input makes a hanging map late, and the stop does not wait for that map")
    func stop() async throws {
        let time = TestTime()
        time.advance(1_000_000_000)
        try await GameMapsTests.run(GameMapsTests.files, monotonic: { time.nanoseconds }) { running in
            let (field, cave) = (try #require(running.maps[1]), try #require(running.maps[2]))
            let hang = DispatchSemaphore(value: 0)
            let loops = Array(running.group.makeIterator())
            for loop in loops { await Self.hang(loop, until: hang) }
            #expect(cave.lateness == .zero && field.lateness == .zero)
            cave.post(.reload(1))
            time.advance(7_000_000_000)
            #expect(cave.lateness == .milliseconds(7000 - 150), "its scripts may take 150 ms in a tick")
            #expect(field.lateness == .zero, "it sleeps")
            #expect(await running.maps.stop(patience: .milliseconds(1)) == [1, 2], "they are left as they are")
            for _ in loops { hang.signal() }
        }
    }

    @Test("a reload names the maps that hang and does not wait for them; they take part again when they tick")
    func reload() async throws {
        let time = TestTime()
        time.advance(1_000_000_000)
        try await GameMapsTests.run(GameMapsTests.files, monotonic: { time.nanoseconds }) { running in
            let hang = DispatchSemaphore(value: 0)
            let loops = Array(running.group.makeIterator())
            for loop in loops { await Self.hang(loop, until: hang) }
            let cave = try #require(running.maps[2])
            cave.post(.reload(1))
            running.maps[1]?.post(.reload(1))
            time.advance(7_000_000_000)
            let report = try await running.change(["events/say/index.lua": "print('v2')"])
            #expect(report.problems.map(\.message).filter { $0.contains("does not tick") }.count == 2)
            for _ in loops { hang.signal() }
            let again = try await running.change(["events/say/index.lua": "print('v3')"])
            #expect(again.problems == [])
        }
    }

    @Test("maps that do not hang are all stopped")
    func noneLeft() async throws {
        try await GameMapsTests.run(GameMapsTests.files) { running in
            #expect(await running.maps.stop() == [])
        }
    }

    @Test("maps have their full time to stop even when a failed start has cancelled the task that stops them")
    func cancelled() async throws {
        try await GameMapsTests.run(GameMapsTests.files) { running in
            let maps = running.maps
            let stop = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await maps.stop()
            }
            #expect(await stop.value == [])
        }
    }

    /// Blocks a loop's thread until `end` is signalled; returns as soon as the thread is blocked.
    static func hang(_ loop: any EventLoop, until end: DispatchSemaphore) async {
        await withCheckedContinuation { (isHeld: CheckedContinuation<Void, Never>) in
            loop.execute {
                isHeld.resume()
                end.wait()
            }
        }
    }
}
