import Foundation

/// Compares PHP's LuaSandbox extension with ours; the two are measured alternately.
struct PHP {
    struct Failed: Error, CustomStringConvertible {
        var description = "php with the luasandbox extension does not run; scripts/bench --php installs it"
    }

    /// The path of the PHP script that does the measurements.
    let script: String

    func compare(_ table: inout Table) throws {
        let scene = try Scene()
        let calls = try scene.compile("")
        let emptyLoop = try scene.compile("for i = 1, 10000 do end")
        let callback = try scene.compile("local f = nothing for i = 1, 10000 do f() end")
        let field = try scene.compile("local o = object for i = 1, 10000 do local a = o.x end")
        var ours = [Double](repeating: .infinity, count: 3)
        var theirs = ours
        for _ in 0..<5 {
            let measured = try measure()
            for index in 0..<3 { theirs[index] = min(theirs[index], measured[index]) }
            for _ in 0..<20 {
                let empty = try time(emptyLoop, 10)
                ours[0] = min(ours[0], try time(calls, 10_000))
                ours[1] = min(ours[1], (try time(callback, 10) - empty) / 10_000)
                ours[2] = min(ours[2], (try time(field, 10) - empty) / 10_000)
            }
        }
        for (index, (what, target)) in [("call", 50.0), ("callback", 3), ("field read", 5)].enumerated() {
            table.speedup(
                "LuaSandbox / ours: \(what)", ours: ours[index], theirs: theirs[index], atLeast: target)
        }
    }

    private func time(_ way: Pair.Way, _ runs: UInt64) throws -> Double {
        let start = cpuNanoseconds()
        try way(runs)
        return Double(cpuNanoseconds() - start) / Double(runs)
    }

    private func measure() throws -> [Double] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["php", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let values = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
            Double($0)
        }
        guard process.terminationStatus == 0, values.count == 3 else { throw Failed() }
        return values
    }
}
