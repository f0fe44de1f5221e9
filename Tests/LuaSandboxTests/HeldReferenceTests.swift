import Testing

@testable import LuaSandbox

@Suite("Inside a call the host can list held objects and see that the time is over", .timeLimit(.minutes(5)))
struct HeldReferenceTests {
    static func sandbox(_ handler: @escaping LuaSandbox.Handler) throws -> LuaSandbox {
        let sandbox = try LuaSandbox(handler: handler)
        try sandbox.register(HostClass(id: 7, name: "thing", options: .dynamic))
        try sandbox.setFunction("thing", id: 1, in: sandbox.baseEnvironment)
        try sandbox.setFunction("look", id: 2, in: sandbox.baseEnvironment)
        return sandbox
    }

    static func run(_ source: String, in sandbox: LuaSandbox, limit: Duration = .seconds(20)) throws {
        let environment = try sandbox.makeEnvironment()
        let function = try sandbox.compile(source, name: "test.lua", environment: environment)
        defer { sandbox.release(function) }
        try sandbox.call(function, limit: limit)
    }

    @Test("objects that scripts hold are listed, and collected ones are not, also from inside a call")
    func held() throws {
        var made: UInt32 = 0
        var looks: [Set<UInt32>] = []
        var sandbox: LuaSandbox?
        let made100 = try Self.sandbox { call in
            if call.memberID == 1 {
                made += 1
                return call.returnValue(HostReference(classID: 7, slot: made))
            }
            guard let sandbox else { return }
            #expect(sandbox.collectAllGarbage())
            looks.append(Set((sandbox.referencesInUse(ofClass: 7) ?? []).map(\.slot)))
        }
        sandbox = made100
        try Self.run(
            "local kept = {} for i = 1, 100 do local t = thing() if i % 10 == 0 then kept[i] = t end end look() kept[50] = nil look()",
            in: made100)
        #expect(looks == [Set(stride(from: 10, through: 100, by: 10)), Set([10, 20, 30, 40, 60, 70, 80, 90, 100])])
        made100.collectGarbage()
        #expect(made100.referencesInUse(ofClass: 7) == [])
        #expect(made100.referencesInUse(ofClass: 200) == [])
        sandbox = nil
    }

    @Test("the host's time counts as the script's: the host sees that the limit is over, and the script ends")
    func over() throws {
        var rounds = 0
        let sandbox = try Self.sandbox { call in
            while !call.mustEnd { rounds += 1 }
            call.returnValue(1)
        }
        let error = #expect(throws: ScriptError.self) {
            try Self.run("pcall(thing) rounds = 1 while true do end", in: sandbox, limit: .milliseconds(5))
        }
        #expect(error?.kind == .time)
        #expect(rounds > 0)
    }

    @Test("a long result is cut, and a large table is not converted")
    func results() throws {
        var configuration = LuaSandbox.Configuration()
        configuration.maxResultBytes = 10
        let sandbox = try LuaSandbox(configuration: configuration)
        func result(_ source: String) throws -> LuaValue {
            let environment = try sandbox.makeEnvironment()
            return try sandbox.call(
                sandbox.compile(source, name: "test.lua", environment: environment), limit: .seconds(20))
        }
        #expect(try result("return ('x'):rep(1000)") == .string("xxxxxxxxxx"))
        #expect(try result("return {1, 2, 3, 4}") == .other)
        #expect(try result("return {true}") == .array([.bool(true)]))
        #expect(try result("return 5") == .number(5))
    }
}
