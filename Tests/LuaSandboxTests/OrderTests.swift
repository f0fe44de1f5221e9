import LuaSandbox
import Testing

@Suite("The same calls give the same results in every VM, for recordings") struct OrderTests {
    /// A script with a table whose keys stock Lua hashes by address; it returns the order in which a loop visits them.
    static let source = """
        local t = {}
        for i = 1, 300 do
          t[{}] = 3 * i
          t[function() return i end] = 3 * i + 1
          t[coroutine.create(function() return i end)] = 3 * i + 2
          if i % 3 == 0 then t[next(t)] = nil end
          if i % 50 == 0 then junk = string.rep("x", i * 100) .. i end
        end
        local order = {}
        for _, value in pairs(t) do order[#order + 1] = value end
        return table.concat(order, " ")
        """

    static func order() throws -> LuaValue {
        let sandbox = try LuaSandbox()
        let environment = try sandbox.makeEnvironment()
        let script = try sandbox.compile(source, name: "order.lua", environment: environment)
        return try sandbox.call(script, limit: .seconds(10))
    }

    @Test("a loop visits keys that are tables, functions and coroutines in the same order")
    func keys() throws {
        let first = try Self.order()
        // Allocate between the VMs, so that their addresses differ.
        var blocks: [[UInt8]] = []
        for round in 1...20 {
            blocks.append([UInt8](repeating: 1, count: round * 1_000))
            #expect(try Self.order() == first)
        }
        #expect(blocks.count == 20)
        let others = try (0..<3).map { _ in try LuaSandbox() }
        #expect(try Self.order() == first)
        #expect(others.count == 3)
    }

    @Test("the used memory is the same too, so that garbage is collected at the same places")
    func memory() throws {
        func used() throws -> [Int] {
            let sandbox = try LuaSandbox()
            let environment = try sandbox.makeEnvironment()
            let script = try sandbox.compile(Self.source, name: "order.lua", environment: environment)
            return try (0..<5).map { _ in
                try sandbox.call(script, limit: .seconds(10))
                return sandbox.usedBytes
            }
        }
        let first = try used()
        for _ in 0..<5 { #expect(try used() == first) }
    }

    @Test("os.time and os.date use the host's time, os.clock asks the host")
    func time() throws {
        let sandbox = try LuaSandbox { call in
            if call.operation == .clock { call.returnValue(12.5) }
        }
        let environment = try sandbox.makeEnvironment()
        func run(_ source: String) throws -> LuaValue {
            try sandbox.call(try sandbox.compile(source, name: "t.lua", environment: environment), limit: .seconds(1))
        }
        sandbox.time = 1_000_000_000.75
        sandbox.usesHostClock = true
        #expect(try run("return os.time()") == .number(1_000_000_000))
        #expect(try run("return os.time(nil)") == .number(1_000_000_000))
        #expect(try run("return os.date('!%Y-%m-%d %H:%M:%S')") == .string("2001-09-09 01:46:40"))
        #expect(try run("return os.date('!*t').year") == .number(2001))
        #expect(try run("return os.date('!%S', 5)") == .string("05"))
        #expect(try run("return os.date() == os.date('%c', 1000000000)") == .bool(true))
        #expect(try run("return os.clock()") == .number(12.5))
        sandbox.time = nil
        sandbox.usesHostClock = false
        #expect(try run("return os.time() > 1500000000") == .bool(true))
        #expect(try run("return os.clock() < 10000") == .bool(true))
    }
}
