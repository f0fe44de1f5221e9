import AttackFiles
import Foundation
import LuaSandbox
import Testing

/// Runs the scripts of Tests/Attacks. Scripts with the same limits share a VM, each with an environment of its own.
@Suite("Attacks (M8.4: limits are real, can't be caught, and leave the VM usable)") struct AttackTests {
    /// The test fails at this many times the allowed time, which is twice the limit plus 2 ms.
    ///
    /// The factor allows for code without optimization, a sanitizer and a busy machine. `PERIGEE_STOP_TIMES=1` prints
    /// the times, for a run in release mode.
    static let slack = 10.0
    static let prints = ProcessInfo.processInfo.environment["PERIGEE_STOP_TIMES"] != nil

    private struct Limits: Hashable {
        var memoryMiB: Int
        var sourceBytes: Int
    }

    @Test(
        "each ends as its header says, in time, and a second script in the same VM works afterwards",
        arguments: [".", "with-lib"])
    func attacks(folder: String) throws {
        let attacks = try Attack.all(in: Attack.folder.appending(path: folder))
        #expect(attacks.count >= (folder == "." ? 150 : 20))
        var benches: [Limits: Bench] = [:]
        for attack in attacks {
            let limits = Limits(memoryMiB: attack.memoryMiB, sourceBytes: attack.sourceBytes)
            let bench = try benches[limits] ?? Bench(memory: attack.memoryMiB << 20, source: attack.sourceBytes)
            if benches.updateValue(bench, forKey: limits) == nil {
                try bench.run(Attack.lib, name: Attack.libName, in: bench.sandbox.sharedEnvironment)
            }
            try run(attack, in: bench)
            let environment = try bench.sandbox.makeEnvironment()
            #expect(
                try bench.run(Attack.after, name: "after.lua", in: environment) == .string(Attack.expectedAfter),
                "after \(attack.name)")
            bench.sandbox.release(environment)
        }
    }

    private func run(_ attack: Attack, in bench: Bench) throws {
        let sandbox = bench.sandbox
        sandbox.resetPeak()
        let environment = try sandbox.makeEnvironment()
        defer { sandbox.release(environment) }
        var outcome = Attack.Outcome.value
        var text = ""
        let begin = Self.cpuMs()
        do throws(ScriptError) {
            let function = try sandbox.compile(
                attack.source, name: attack.name, environment: environment, limit: .milliseconds(attack.limitMs))
            defer { sandbox.release(function) }
            text = Self.show(try sandbox.call(function, limit: .milliseconds(attack.limitMs)))
        } catch {
            text = error.message
            switch error.kind {
            case .time: outcome = .time
            case .memory: outcome = .memory
            case .runtime: outcome = .runtime
            case .syntax: outcome = .syntax
            case .stopped: Issue.record("\(attack.name): nobody asked to stop")
            }
            if error.kind != .syntax {
                let files = [attack.name, Attack.libName]
                #expect(files.contains(error.file) || error.line == 0, "\(attack.name): \(error)")
            }
        }
        let taken = Self.cpuMs() - begin
        if Self.prints {
            print("\(attack.name) \(attack.outcome) limit \(attack.limitMs) ms, took \(taken) ms, \(text.prefix(100))")
        }
        let told: Comment = "\(attack.name): \(outcome) \(text.prefix(300))"
        #expect(outcome == attack.outcome, told)
        if attack.outcome == .value {
            #expect(text == attack.text, told)
        } else if !attack.text.isEmpty {
            #expect(text.contains(attack.text), told)
        }
        #expect(taken <= Self.slack * (2 * Double(attack.limitMs) + 2), "\(attack.name) took \(taken) ms of CPU time")
        #expect(sandbox.peakBytes <= sandbox.memoryLimitBytes, "\(attack.name): \(sandbox.peakBytes) bytes")
    }

    private static func show(_ value: LuaValue) -> String {
        switch value {
        case .nil: "nil"
        case .bool(let flag): "\(flag)"
        case .number(let number): number == number.rounded() ? String(Int64(number)) : "\(number)"
        case .string(let text): text
        default: "\(value)"
        }
    }

    private static func cpuMs() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}
