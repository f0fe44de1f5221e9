import Foundation
import LuaSandbox
import StockLua
import Testing

/// Compares our VM with Debian's `lua5.1`, which scripts/bootstrap installs for the tests.
@Suite("Stock results (M8.3: the language is Lua 5.1)") struct DifferentialTests {
    static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil
        ? [1, 2] : (0..<50).map { _ in .random(in: 3 ... .max) }

    @Test("2500 generated cases have the same results as in lua5.1, messages and positions included", arguments: seeds)
    func cases(seed: UInt64) throws {
        var cases = DifferentialCases(seed: seed)
        let script = cases.script(count: 2500)
        let stock = try StockLua.run(script)
        let bench = try Bench(source: 8 << 20)
        try bench.run(script, name: "program.lua", limit: .seconds(60))
        let ours = bench.log.printed.joined(separator: "\n").split(separator: "\n")
        #expect(stock.count >= 2500)
        #expect(ours.count == stock.count)
        var differences = 0
        for (mine, theirs) in zip(ours, stock) where mine != theirs {
            differences += 1
            if differences <= 20 { Issue.record("seed \(seed)\nours:  \(mine)\nstock: \(theirs)") }
        }
        #expect(differences == 0)
    }
}
