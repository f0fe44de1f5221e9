import LuaSandbox
import Testing

@Suite("Nested calls, and errors between Lua and Swift (design 3)") struct NestedTests {
    final class Canary {
        static nonisolated(unsafe) var alive = 0  // only one test of the suite uses it
        init() { Self.alive += 1 }
        deinit { Self.alive -= 1 }
    }

    @Test(
        "a trigger runs inside the assignment, in its own environment; afterwards the outer script has its own globals")
    func trigger() throws {
        let world = try FakeWorld()
        world.spawn()
        let sandbox = world.sandbox
        let object = try sandbox.name("object")
        let value = try sandbox.name("value")
        let script = try sandbox.compile(
            "local before = value if value > 1 then object.components.hp = value - 1 end assert(value == before) count = (count or 0) + 1 return count",
            name: "components/hp.lua", environment: world.environment)
        world.onTrigger = { world, call in
            sandbox.bind(object, call.reference(with: FakeWorld.entityClass))
            sandbox.bind(value, call.number(at: 1) ?? 0)
            do throws(ScriptError) { try sandbox.call(script, limit: .milliseconds(50)) } catch {
                world.log.append(error.message)
            }
        }
        try world.run(
            "value = 'outer' objects.players_0.components.hp = 4 assert(value == 'outer') assert(object == nil)")
        #expect(world.log == [])
        #expect(try world.run("return count") == .number(4))
        #expect(world.doubles[.hp]?[0] == 1)
    }

    @Test("the host gets a nested script's runtime error, and the outer script goes on")
    func nestedError() throws {
        let world = try FakeWorld()
        let script = try world.sandbox.compile(
            "local x = nil + 1", name: "components/hp.lua", environment: world.sandbox.makeEnvironment())
        var seen: ScriptError?
        world.onTrigger = { world, call in
            do throws(ScriptError) { try world.sandbox.call(script, limit: .seconds(1)) } catch { seen = error }
            call.returnValue("went on")
        }
        #expect(try world.run("return nested()") == .string("went on"))
        #expect(seen?.message == "components/hp.lua:1: attempt to perform arithmetic on a nil value")
        #expect(seen?.traceback.contains("spawn/players.lua:1: in main chunk") == true)
        #expect(try world.run("return coroutine.wrap(function() return nested() end)()") == .string("went on"))
    }

    @Test("a nested time limit ends the outer scripts too, whatever the host does", arguments: [false, true])
    func nestedTime(inCoroutine: Bool) throws {
        let world = try FakeWorld()
        let script = try world.sandbox.compile(
            "while true do end", name: "components/hp.lua", environment: world.sandbox.makeEnvironment())
        var nested = 0
        world.onTrigger = { world, call in
            do throws(ScriptError) { try world.sandbox.call(script, limit: .seconds(1000)) } catch {
                nested += error.kind == .time ? 1 : 0
            }
            call.returnValue("went on")
        }
        let outer =
            inCoroutine
            ? "coroutine.wrap(function() pcall(nested) while true do end end)()" : "pcall(nested) while true do end"
        let error = try #require(throws: ScriptError.self) { try world.run(outer, limit: .milliseconds(20)) }
        #expect(error.kind == .time)
        #expect(error.file == "components/hp.lua")
        #expect(nested == 1)
        #expect(try world.run("return 1") == .number(1))
    }

    @Test("a nested memory limit ends the outer scripts too")
    func nestedMemory() throws {
        let world = try FakeWorld(memory: 2 << 20)
        let script = try world.sandbox.compile(
            "local t = {} for i = 1, 1e9 do t[i] = i end", name: "components/hp.lua",
            environment: world.sandbox.makeEnvironment())
        world.onTrigger = { world, call in
            do throws(ScriptError) { try world.sandbox.call(script, limit: .seconds(1000)) } catch {
                world.log.append("\(error.kind)")
            }
        }
        let error = try #require(throws: ScriptError.self) { try world.run("pcall(nested) return 1") }
        #expect(error.kind == .memory)
        #expect(world.log == ["memory"])
        #expect(try world.run("return 1") == .number(1))
    }

    @Test("when a host function raises an error every deinit and defer of its Swift code runs")
    func noLeak() throws {
        let world = try FakeWorld()
        world.spawn()
        var defers = 0
        var exclusive = [1]
        func failing(_ call: HostCall) {
            let canary = Canary()
            defer { defers += 1 }
            withExtendedLifetime(canary) {
                exclusive.withUnsafeMutableBufferPointer { $0[0] += 1 }
                call.fail("text \(exclusive[0])")
            }
        }
        world.onTrigger = { _, call in failing(call) }
        try world.run("for i = 1, 2000 do pcall(nested) end")
        #expect(defers == 2000)
        #expect(Canary.alive == 0)
        #expect(exclusive == [2001])
        world.onTrigger = { world, call in
            let canary = Canary()
            defer { defers += 1 }
            do throws(ScriptError) {
                try world.run("while true do end", limit: .seconds(1000))
            } catch {
                withExtendedLifetime(canary) { call.fail(error.message) }
            }
        }
        for _ in 0..<20 {
            #expect(throws: ScriptError.self) { try world.run("pcall(nested)", limit: .milliseconds(2)) }
        }
        #expect(Canary.alive == 0)
        #expect(defers == 2020)
    }

    @Test("a value from the host that is too large for the VM is a memory error, not a crash")
    func largeResults() throws {
        let world = try FakeWorld(memory: 1 << 20)
        world.onTrigger = { _, call in call.returnValue(String(repeating: "x", count: 2 << 20)) }
        let error = try #require(throws: ScriptError.self) { try world.run("pcall(nested) return 1") }
        #expect(error.kind == .memory)
        #expect(try world.run("return 1") == .number(1))
    }

    @Test("a script that is released while it runs goes on to its end")
    func releaseWhileRunning() throws {
        let world = try FakeWorld()
        let environment = try world.sandbox.makeEnvironment()
        let script = try world.sandbox.compile(
            "nested() local t = {} for i = 1, 1000 do t[i] = {i} end x = 5 return x + #t", name: "a.lua",
            environment: environment)
        world.onTrigger = { world, _ in
            world.sandbox.release(script)
            world.sandbox.release(environment)
            try? _ = world.run("local t = {} for i = 1, 10000 do t[i] = {} end")
        }
        #expect(try world.sandbox.call(script, limit: .seconds(1)) == .number(1005))
        #expect(throws: ScriptError.self) { try world.sandbox.call(script, limit: .seconds(1)) }
    }

    @Test("endless nesting ends in an error")
    func endless() throws {
        let world = try FakeWorld()
        let script = try world.sandbox.compile(
            "nested()", name: "a.lua", environment: world.sandbox.makeEnvironment())
        var deepest: ScriptError?
        world.onTrigger = { world, call in
            do throws(ScriptError) { try world.sandbox.call(script, limit: .seconds(5)) } catch {
                if deepest == nil { deepest = error }
                call.fail("deep")
            }
        }
        #expect(throws: ScriptError.self) { try world.run("nested()") }
        #expect(deepest?.message.contains("C stack overflow") == true, "\(deepest?.message ?? "none")")
        #expect(try world.run("return 1") == .number(1))
    }
}

extension HostCall {
    /// The row of `self` as a proxy of another class.
    func reference(with classID: UInt16) -> HostReference {
        HostReference(classID: classID, slot: reference.slot, generation: reference.generation)
    }
}
