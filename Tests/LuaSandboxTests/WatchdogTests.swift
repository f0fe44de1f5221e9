import Foundation
import LuaSandbox
import Testing

@Suite("The watchdog of each thread (M8.4.2, design 4: limits strike wherever the script runs)") struct WatchdogTests {
    /// Runs `body` on a thread of its own and waits for its end.
    static func onThread(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            Thread {
                body()
                continuation.resume()
            }.start()
        }
    }

    @Test("a limit strikes on a thread that blocks every signal, as libdispatch's threads do")
    func blockedSignals() async {
        await Self.onThread {
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_BLOCK, &all, nil)
            let bench = try? Bench()
            #expect(bench?.failure("while true do end", limit: .milliseconds(5))?.kind == .time)
        }
    }

    @Test("limits strike when one VM is used on many threads, one after another")
    func manyThreads() async throws {
        let bench = try Bench()
        nonisolated(unsafe) let shared = bench  // one thread at a time
        for _ in 0..<20 {
            await Self.onThread {
                #expect(shared.failure("while true do end", limit: .milliseconds(2))?.kind == .time)
                #expect((try? shared.run("return 1")) == .number(1))
            }
        }
    }

    /// The number of the process's timers.
    private static func timers() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/timers", encoding: .utf8)
        return text.split(separator: "\n").count { $0.hasPrefix("ID:") }
    }

    @Test(
        "a thread's timer is removed at the thread's end",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/timers"), "needs /proc/self/timers"))
    func timersEnd() async throws {
        for _ in 0..<500 {
            await Self.onThread { _ = try? Bench().run("return 1") }
        }
        // Other tests run at the same time, on as many threads as the machine has cores and on some more.
        let count = try Self.timers()
        #expect(count > 0 && count < 400)
    }

    @Test(
        "a VM called by another VM's host function has its own limit, and the outer script goes on", arguments: [1, 20])
    func otherMachine(innerMilliseconds: Int) throws {
        let (outer, inner) = (try Bench(), try Bench())
        var kinds: [ScriptError.Kind?] = []
        outer.log.handle = { call in
            kinds.append(inner.failure("while true do end", limit: .milliseconds(innerMilliseconds))?.kind)
            call.returnNil()
        }
        try outer.sandbox.setFunction("other", id: 1, in: outer.environment)
        #expect(try outer.run("other() other() return 'went on'") == .string("went on"))
        #expect(outer.failure("other() while true do end", limit: .milliseconds(60))?.kind == .time)
        #expect(kinds == [.time, .time, .time])
    }

    @Test("the outer limit strikes while the inner VM runs, and ends the outer script when the host function returns")
    func outerLimit() throws {
        let (outer, inner) = (try Bench(), try Bench())
        var reached = false
        outer.log.handle = { call in
            if call.memberID == 2 {
                reached = true
            } else {
                _ = inner.failure("while true do end", limit: .milliseconds(30))
            }
            call.returnNil()
        }
        try outer.sandbox.setFunction("other", id: 1, in: outer.environment)
        try outer.sandbox.setFunction("reach", id: 2, in: outer.environment)
        #expect(outer.failure("pcall(other) reach()", limit: .milliseconds(5))?.kind == .time)
        #expect(!reached)
    }

    @Test("a short limit is kept while the timer ticks for a long one")
    func mixedLimits() throws {
        let bench = try Bench()
        bench.log.handle = { $0.returnValue(Self.cpuMilliseconds()) }
        try bench.sandbox.setFunction("cpu", id: 1, in: bench.environment)
        var taken: [Double] = []
        for _ in 0..<21 {
            // Long enough for the timer to fire once; after that its period is 20 ms.
            try bench.run("local till = cpu() + 25 while cpu() < till do end", limit: .seconds(100))
            let start = Self.cpuMilliseconds()
            #expect(bench.failure("while true do end", limit: .milliseconds(1))?.kind == .time)
            taken.append(Self.cpuMilliseconds() - start)
        }
        // This is CPU time of this thread, so other work of the machine is not in it.
        #expect(taken.sorted()[10] < 6, "\(taken)")
    }

    /// CPU time of this thread in milliseconds.
    private static func cpuMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    @Test("the time of earlier calls, and waiting for a core, never count for a call", arguments: [1.0, 4])
    func innocent(calls: Double) throws {
        let bench = try Bench()
        bench.log.handle = { $0.returnValue(Self.cpuMilliseconds()) }
        try bench.sandbox.setFunction("cpu", id: 1, in: bench.environment)
        let spin = try bench.sandbox.compile(
            "local till = cpu() + time while cpu() < till do end return true", name: "spin.lua",
            environment: bench.environment)
        let time = try bench.sandbox.name("time")
        func run(_ milliseconds: Double) throws {
            bench.sandbox.bind(time, milliseconds)
            let start = Self.cpuMilliseconds()
            do throws(ScriptError) {
                #expect(try bench.sandbox.call(spin, limit: .milliseconds(10)) == .bool(true))
            } catch {
                // Time for which a hypervisor takes the core away counts as CPU time. Then the thread's clock itself
                // shows more than the limit.
                #expect(error.kind == .time && Self.cpuMilliseconds() - start >= 10, "\(error)")
            }
        }
        for round in 0..<40 {
            // The timer fires once in a limit. These calls shift the moment at which it fires in the next call.
            for _ in 0..<(round % 8) { try run(calls * 0.7) }
            try run(6)
        }
    }

    @Test("a stop that another thread asks for ends a script that may run for an hour")
    func stopElsewhere() async throws {
        let bench = try Bench()
        let handle = bench.sandbox.stopHandle
        bench.log.handle = { call in
            Thread { handle.requestStop() }.start()
            call.returnNil()
        }
        try bench.sandbox.setFunction("started", id: 1, in: bench.environment)
        #expect(bench.failure("started() while true do end", limit: .seconds(3600))?.kind == .stopped)
        #expect(bench.failure("return 1")?.kind == .stopped)
    }
}
