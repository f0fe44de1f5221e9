/// Makes up scripts that compile and mostly run. Expressions are made for the type that they should have. The scripts
/// use every way to leave or enter C code in the middle: metamethods, callbacks, iterators, coroutines and host calls.
struct ScriptGrammar {
    var choices: Choices
    /// How many more statements and function bodies may be made in this script.
    private var room = 0
    private var depth = 0
    private var isLib = false

    init(_ choices: Choices) { self.choices = choices }

    private static let maxDepth = 5

    // MARK: Whole scripts

    /// A lib: tables with metatables, functions, and statements of its own.
    mutating func lib(_ number: Int) -> String {
        start(room: 26, isLib: true)
        var text = "left = 60\nfunction fuel() left = left - 1 return left > 0 end\nfunction refuel() left = 60 end\n"
        text += "local a, b, c, d = 1, 'text', {1, 2, 3}, nil\nlocal K, n = {}, 2\nT3 = {1, 2, 3, list = {3, 1, 2}}\n"
        text += "function f1(p, q) \(body()) return \(any()) end\n"
        text += "function f2(p, q) T1[p] = q \(body()) return T2 end\n"
        text += "function f3(p, q) return p(q, \(any())) end\n"
        text += "M1 = \(metatable())\nM2 = \(metatable())\nM1.__index = \(choices.once(in: 2) ? "M2" : function())\n"
        text += "T1 = setmetatable(\(constantTable()), \(choices.once(in: 3) ? "M1" : metatable()))\n"
        text += "T2 = setmetatable(\(constantTable()), \(choices.once(in: 3) ? "M2" : metatable()))\n"
        text += "T3.inner = setmetatable({}, M1)\n"
        for _ in 0..<choices.below(3) { text += "pcall(function() \(statement()) end)\n" }
        return text
    }

    /// A script that runs for an entity.
    mutating func script() -> String {
        start(room: 22, isLib: false)
        var text = "refuel()\nlocal a, b, c, d = 1, 'text', {1, 2, 3}, object\nK = K or {}\nn = (n or 0) + 1\n"
        for _ in 0..<(2 + choices.below(7)) { text += statement() + "\n" }
        return text
    }

    /// A timeout formula.
    mutating func timeout() -> String {
        start(room: 8, isLib: false)
        return "refuel()\nlocal a, b, c, d = 1, 'text', {1, 2, 3}, object\nK = K or {}\n\(statement())\nreturn "
            + (choices.once(in: 4) ? any() : "0.1")
    }

    private mutating func start(room: Int, isLib: Bool) {
        (self.room, depth, self.isLib) = (room, 0, isLib)
    }

    // MARK: Statements

    private mutating func body() -> String {
        guard room > 0, depth < Self.maxDepth else { return "" }
        return statement() + (choices.once(in: 2) ? " " + statement() : "")
    }

    mutating func statement() -> String {
        guard room > 0, depth < Self.maxDepth else { return "a = 2" }
        room -= 1
        depth += 1
        defer { depth -= 1 }
        let text = rawStatement()
        switch choices.below(8) {
        case 0, 1, 2, 3, 4: return "pcall(function() \(text) end)"
        case 5: return "coroutine.wrap(function(...) \(text) end)(\(any()))"
        default: return text + ";"
        }
    }

    private mutating func rawStatement() -> String {
        switch choices.below(38) {
        case 0: return "\(choices.one(of: ["a", "b", "c", "d", "g", "T1[a]"])) = \(any())"
        case 1: return "local t = \(table()) t[\(any())] = \(any())"
        case 2: return "K[\(number())] = \(any())"
        case 3: return "object.components.num = \(number())"
        case 4: return "object.components.txt = \(string())"
        case 5: return "object.components.\(choices.one(of: ["bag", "list"])) = \(table())"
        case 6: return "object.components.\(choices.one(of: ["bag", "list"]))[\(any())] = \(any())"
        case 7: return "\(entity()).\(choices.one(of: ["x", "y", "z", "sort"])) = \(number())"
        case 8: return "\(entity()).\(choices.one(of: ["side", "action", "prefab"])) = \(string())"
        case 9: return "table.insert(\(table()), \(choices.once(in: 2) ? "\(number()), " : "")\(any()))"
        case 10: return "table.remove(\(table())\(choices.once(in: 2) ? ", \(number())" : ""))"
        case 11: return "table.sort(\(table())\(choices.once(in: 3) ? "" : ", \(comparator())"))"
        case 12: return "table.foreach\(choices.one(of: ["", "i"]))(\(table()), \(function()))"
        case 13:
            return
                "for k, v in \(choices.one(of: ["pairs", "ipairs"]))(\(table())) do \(body()) if not fuel() then break end end"
        case 14: return "for k, v in next, \(table()) do \(body()) if not fuel() then break end end"
        case 15: return "for k, v in \(function()), \(any()) do \(body()) if not fuel() then break end end"
        case 16: return "for i = 1, \(1 + choices.below(6)) do \(body()) end"
        case 17:
            return "for w in string.gmatch(\(string()), \(pattern())) do \(body()) if not fuel() then break end end"
        case 18:
            return
                "for i = 1, \(choices.one(of: ["3", "9", "30"])) do local o = objects.add(\(kind()), {x = \(choices.below(12)), y = 3, prefab = \(string()), side = 'side' .. i, action = n .. 'a' .. i, components = {num = \(number()), txt = \(string()) .. i, bag = \(table())}}) K[i] = o \(body()) end"
        case 19:
            return
                "for k, o in pairs(objects) do if o ~= object then \(choices.one(of: ["o.remove()", "objects[k] = nil", "objects.remove(k)", "K[k] = o.components.bag", "o.components.num = 1"])) end \(body()) end"
        case 20:
            return
                "\(entity()).events.add(\(choices.one(of: ["'go'", "'act'", string()])), \(choices.one(of: ["'index'", "'two'", "nil"])), \(table()))"
        case 21: return "\(choices.one(of: ["map.broadcast", "object.send"]))(\(table()))"
        case 22: return "print(\(any()), \(any()))"
        case 23:
            return choices.one(of: ["error", "assert"]) + "(\(choices.one(of: ["nil", "false", any()])), \(any()))"
        case 24:
            return
                "setfenv(\(choices.one(of: ["1", function()])), \(choices.one(of: ["setmetatable({}, {__index = _G})", table()])))"
        case 25: return "K.co = coroutine.create(\(function())) coroutine.resume(K.co, \(any()))"
        case 26: return "if K.co then K.v = {coroutine.resume(K.co, \(any()))} end"
        case 27:
            return
                "\(choices.one(of: ["object.remove()", "object.save()", "object.events.go.data = \(table())", "object.events.go.action = \(string())", "object.events.act.resetTime(\(number()))", "map.event(2, object.key, 'go', 'index', \(table()))"]))"
        case 28: return "local s = {} for i = 1, \(50 * choices.below(20)) do s[i] = {i} end"
        case 29:
            return "K[\(number())] = string.rep(\(string()), \(choices.one(of: ["1000", "100000", "700000"])))"
        case 30, 31: return keep()
        case 32:
            return "local r = \(kept()) \(body()) r.\(choices.one(of: ["x", "num", "inner", "data", "k"])) = \(any())"
        case 33:
            return
                "local e = objects.enemys_1 \(body()) e.components.\(choices.one(of: ["num", "txt", "bag"])) = \(any())"
        case 34: return "object.map_id = \(number())"
        case 35: return "\(kept())(\(any()))"
        case 36: return "K[1] = nil K[2] = nil T1[1] = \(any())"
        default: return "local _ = \(any())"
        }
    }

    /// Keeps a value for later ticks, when the object behind it may be gone.
    private mutating func keep() -> String {
        let value = choices.one(of: [
            "object", "object.components", "object.components.bag", "object.components.bag.inner", "object.events",
            "object.events.go", "objects.enemys_1", "objects.enemys_1.components.list", "object.remove",
            "object.distance",
            "string.gmatch(\(string()), \(pattern()))", "coroutine.wrap(\(function()))", "coroutine.running()",
            "object.events.act.timeout", "objects.near(5, 5, 9)[1]", "next(objects)", "data.t", "T1", "getfenv(1)",
        ])
        return "K.\(choices.one(of: ["r", "s"])) = \(value)"
    }

    private mutating func kept() -> String { choices.one(of: ["K.r", "K.s", "K[1]"]) }

    // MARK: Functions

    private mutating func function() -> String {
        if room <= 0 || depth >= Self.maxDepth || choices.once(in: 5) {
            return choices.one(of: [
                "tostring", "f1", "f2", "f3", "string.rep", "table.concat", "coroutine.yield", "pcall", "print", "next",
                "rawset", "setmetatable", "error", "type", "table.sort", "string.gsub", "copy", "keys", "pairs", "T1",
                "coroutine.wrap(f1)",
            ])
        }
        return "function(p, q) if not fuel() then return end \(body()) return \(any()) end"
    }

    private mutating func comparator() -> String {
        choices.once(in: 3)
            ? function()
            : "function(p, q) \(body()) return tostring(p) \(choices.one(of: ["<", "<=", ">"])) tostring(q) end"
    }

    private static let metamethods = [
        "__index", "__newindex", "__concat", "__len", "__eq", "__lt", "__le", "__call", "__tostring", "__pairs",
        "__ipairs", "__next", "__add", "__unm", "__metatable", "__mode", "__gc",
    ]

    /// A metamethod's function: does something to the VM, then returns a value that fits its operation.
    private mutating func metamethod(_ name: String) -> String {
        let result: String
        switch name {
        case "__mode": return choices.one(of: ["'k'", "'v'", "'kv'"])
        case "__metatable": return choices.one(of: ["false", "'locked'", "{}"])
        case "__index", "__newindex":
            if choices.once(in: 4) { return choices.one(of: ["T3", "{}", "string", "K"]) }
            result = choices.one(of: [string(), string(), string(), number(), any(), "rawget(p, q)"])
        case "__concat", "__tostring": result = string()
        case "__len", "__add", "__unm": result = number()
        case "__pairs", "__ipairs": result = "next, \(choices.one(of: ["p", "T3", "{1, 2}"])), nil"
        case "__next": result = "next({1, 2, 3}, q)"
        default: result = any()
        }
        return "function(p, q, r) if not fuel() then return 'x' end \(body()) return \(result) end"
    }

    private mutating func metatable() -> String {
        var fields: [String] = []
        if !choices.once(in: 3) { fields.append("__index = \(metamethod("__index"))") }
        for _ in 0...choices.below(3) {
            let name = choices.one(of: Self.metamethods)
            fields.append("\(name) = \(metamethod(name))")
        }
        return "{\(fields.joined(separator: ", "))}"
    }

    // MARK: Expressions

    mutating func any() -> String {
        guard depth < Self.maxDepth else { return atom() }
        depth += 1
        defer { depth -= 1 }
        switch choices.below(14) {
        case 0, 1, 2: return atom()
        case 3: return string()
        case 4: return number()
        case 5: return table()
        case 6: return function()
        case 7: return operation()
        case 8: return "\(choices.one(of: ["f1", "f2", "f3", "T1", "T2"]))(\(any()), \(any()))"
        case 9: return "\(parenthesized(table()))[\(any())]"
        case 10: return "pcall(\(function()), \(any()), \(any()))"
        case 11: return "\(choices.one(of: ["#", "-", "not "]))(\(operand()))"
        case 12:
            return
                "\(choices.one(of: ["unpack", "next", "getmetatable", "tostring", "type", "copy", "keys", "array", "rawget", "pairs", "tonumber"]))(\(table()), \(number()))"
        default:
            return choices.one(of: [
                "coroutine.wrap(\(function()))(\(any()))", "coroutine.yield(\(any()))",
                "xpcall(\(function()), \(function()))", "setmetatable(\(table()), \(metatable()))",
                "rawequal(\(any()), \(any()))", "debug.traceback(\(string()))",
            ])
        }
    }

    private mutating func operation() -> String {
        let shared = choices.one(of: ["T1", "T2", "T3.inner"])
        switch choices.below(6) {
        case 0: return "(\(shared) .. \(string()))"
        case 1: return "(\(string()) .. \(shared))"
        case 2: return "(\(shared) \(choices.one(of: ["==", "<", "<="])) \(choices.one(of: ["T1", "T2", operand()])))"
        case 3: return "(\(choices.one(of: [shared, number()])) \(choices.one(of: ["+", "-", "*"])) \(number()))"
        default: return "(\(operand()) \(choices.one(of: ["..", "==", "~=", "and", "or"])) \(operand()))"
        }
    }

    private func parenthesized(_ text: String) -> String { "(\(text))" }

    private mutating func operand() -> String { choices.one(of: [atom(), string(), number(), table()]) }

    private mutating func atom() -> String {
        choices.one(of: [
            "a", "b", "c", "d", "p", "q", "k", "v", "nil", "true", "1", "'x'", "T1", "T2", "T3", "K", "M1", "object",
            "K[1]", "K[2]", "K.r", "K.s", "value", "old", "data", "event", "T1.x", "T3.list", "objects", "map", "g",
            "_G", "0/0",
        ])
    }

    private mutating func entity() -> String {
        isLib
            ? choices.one(of: ["p", "K[1]", "d"])
            : choices.one(of: ["object", "object", "objects.enemys_1", "K[1]", "d"])
    }

    private mutating func kind() -> String { choices.one(of: ["'enemys'", "'animals'", "'objects'", "'players'"]) }

    private mutating func number() -> String {
        switch choices.below(12) {
        case 0, 1, 2, 3: return "\(choices.below(8))"
        case 4: return choices.one(of: ["-1", "100", "5000", "1e9", "0/0", "1/0", "-2^31", "2^53", "0.5", "70000"])
        case 5 where depth < Self.maxDepth: return "#(\(table()))"
        case 6 where depth < Self.maxDepth: return "#(\(string()))"
        case 7: return "math.random(9)"
        case 8:
            return choices.one(of: [
                "object.components.num", "object.events.act.timeout()", "object.events.act.time", "os.time()",
                "os.clock()",
                "table.maxn(T3)", "table.getn(T1)", "microtime()", "objects.count()", "map.random()",
                "tonumber('z', 36)",
                "object.distance(objects.enemys_1)",
            ])
        default: return choices.one(of: ["n", "a", "3", "20", "k"])
        }
    }

    private mutating func constantTable() -> String {
        choices.one(of: ["{}", "{1, 2, 3}", "{'a', 'b', x = T3, y = K}", "{x = 'x', y = f1, [f1] = 1, [T3] = 2}"])
    }

    private mutating func plainTable() -> String {
        var fields: [String] = []
        for _ in 0..<choices.below(5) {
            switch choices.below(3) {
            case 0: fields.append(any())
            case 1: fields.append("\(choices.one(of: ["x", "y", "list"])) = \(any())")
            default: fields.append("[\(choices.one(of: ["1", "2", "'k'", "T1 or 1", "1.5"]))] = \(any())")
            }
        }
        return "{\(fields.joined(separator: ", "))}"
    }

    private mutating func table() -> String {
        guard depth < Self.maxDepth else { return choices.one(of: ["T1", "T2", "T3", "c", "K"]) }
        depth += 1
        defer { depth -= 1 }
        switch choices.below(16) {
        case 0, 1: return "T1"
        case 2, 3: return "T2"
        case 4: return choices.one(of: ["T3", "T3.list", "T3.inner", "c", "K", "f2(1, 2)"])
        case 5, 6: return plainTable()
        case 7: return "setmetatable(\(plainTable()), \(choices.one(of: ["M1", "M2", metatable()])))"
        case 8, 9:
            return isLib
                ? "K"
                : choices.one(of: ["object.components.bag", "object.components.list", "object.components.bag.inner"])
        case 10:
            return choices.one(
                of: isLib
                    ? ["objects", "p"]
                    : ["objects", "object", "object.components", "object.events", "object.events.go", "data", "event"])
        case 11: return choices.one(of: ["getfenv(1)", "_G", "M1", "string", "keys(T1)", "split(b, 't')"])
        case 12: return "copy(\(table()))"
        case 13: return "{\(any()), \(any()), \(string()), \(number())}"
        case 14: return "split(\(string()), \(string()))"
        default:
            return choices.one(of: [
                "objects.near(5, 5, 9)", "map.path(1, 1, 9, 9)", "K.r", "K.s", "array({})", "{{1, {2}}, {x = {}}}",
                "K[1]", "p",
            ])
        }
    }

    private mutating func pattern() -> String {
        choices.one(of: [
            "'.'", "'%a+'", "'(%w)(%w*)'", "'%b()'", "'%f[%w]%w'", "'()x'", "'(.)%1'", "'x*'", "'^x'", "'[^%s]-,'",
            "''", "'(((.)))'", "'%'", "'(x'", string(),
        ])
    }

    private mutating func string() -> String {
        guard depth < Self.maxDepth else { return choices.one(of: ["'x'", "''", "b", "'a,b,c'"]) }
        depth += 1
        defer { depth -= 1 }
        switch choices.below(17) {
        case 0: return "'x'"
        case 1:
            return choices.one(of: [
                "''", "b", "'abc, def (ghi)'", "'\\0\\255'", "'\\195\\164'", "object.key", "'go'", "'index'",
            ])
        case 2, 3: return "string.rep(\(string()), \(number()))"
        case 4: return "table.concat(\(table()), \(string()), \(number()), \(number()))"
        case 5:
            return "table.concat(\(choices.one(of: ["T1", "T2", "T3.inner"])), \(string()), 1, \(1 + choices.below(9)))"
        case 6: return "table.concat(\(table())\(choices.once(in: 2) ? ", \(string())" : ""))"
        case 7: return "(\(operand()) .. \(operand()))"
        case 8: return "tostring(\(any()))"
        case 9:
            return
                "string.format(\(choices.one(of: ["'%s'", "'%q'", "'%5s%d'", "'%.3s'", "'%g%%'", "'%x%c'"])), \(any()), \(number()))"
        case 10, 11:
            return "string.gsub(\(string()), \(pattern()), \(choices.one(of: [function(), table(), string(), "'%1'"])))"
        case 12: return "string.find(\(string()), \(pattern()))"
        case 13: return "string.sub(\(string()), \(number()), \(number()))"
        case 14:
            return
                "string.\(choices.one(of: ["upper", "reverse", "lower", "match", "byte", "char"]))(\(string()), \(number()))"
        case 15:
            return choices.one(of: [
                "os.date()", "object.position()", "debug.traceback()", "coroutine.status(K.co)", "next(objects)",
                "object.login",
                "tostring(K.r)", "string.rep('ab', 20000)", "string.rep('a', 300) .. 'b'",
            ])
        default: return "string.match(\(string()), \(pattern()))"
        }
    }
}
