/// Generates Lua statements of the form `T(function, arguments…)` that must give the same results in our VM as in
/// stock Lua 5.1.5. The same seed gives the same statements.
struct DifferentialCases {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A script that runs `count` cases and prints a line for each: its number, and the results of `pcall`, without
    /// addresses.
    mutating func script(count: Int) -> String {
        var lines = [Self.prelude]
        for _ in 0..<count { lines.append("T(\(next()))") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let prelude = """
        local function show(...)
          local t = {}
          for i = 1, select('#', ...) do
            local v = select(i, ...)
            if type(v) == 'number' then t[i] = string.format('%.17g', v)
            elseif type(v) == 'string' then t[i] = string.format('%q', v)
            elseif type(v) == 'boolean' then t[i] = tostring(v)
            else t[i] = type(v) end
          end
          return table.concat(t, ' ')
        end
        local n = 0
        local function T(f, ...) n = n + 1 print(n, show(pcall(f, ...))) end
        """

    // MARK: Choosing

    private mutating func random() -> UInt64 {  // SplitMix64
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(random() % UInt64(range.count))
    }
    private mutating func pick<T>(_ list: [T]) -> T { list[number(0...list.count - 1)] }
    private mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }
    private mutating func list(_ count: ClosedRange<Int>, _ element: (inout Self) -> String) -> String {
        var parts: [String] = []
        for _ in 0..<number(count) { parts.append(element(&self)) }
        return parts.joined(separator: ",")
    }

    // MARK: Parts

    private static let atoms = [
        "a", "b", "x", ".", "%a", "%d", "%w", "%s", "%p", "%u", "%l", "%x", "%z", "%c", "%A", "%D", "%W", "[abc]",
        "[^abc]", "[a-f]", "[%w_]", "[]]", "[^]]", "[a-]", "[%a%d]", "%.", "%%", "(", ")", "()", "%1", "%2", "%b()",
        "%bxy", "%f[%w]", "%f[^%w]", "$", "^", "-", "[a", "%", "\\0", "[%z]", "(a)", "(.)", "(%w+)", "(a*)", "é",
        "[\\128-\\255]", "[z-a]", "[%]]", "[a%-z]", "%g", "%b", "%f", "[", "[^", "%0", "%9",
    ]
    private static let repetitions = ["", "", "", "", "*", "+", "-", "?"]
    private static let subjects = [
        "", "a", "abc", "hello world", "aaaa", "aab(b(c)d)e", "x1y2z3", "THE (quick) fox", "foo_bar.baz%", "\\0a\\0b",
        "  lead trail  ", "a,b,,c", "xaxbycyd", "áéí", "aaaaab", "abababababababababab", "(((a)b)c", "1e10 0x1F",
        "key = value", "%d %s", "a\\nb\\r\\n", "\\\"quoted\\\"", "\\255\\254",
    ]
    private static let numbers = [
        "0", "1", "-1", "2", "3", "1.5", "-2.7", "1e10", "-1e10", "1e15", "0.1", "1/3", "1e300", "2^53", "100", "255",
        "256", "-0", "7", "1e-320", "0.5", "-0.5", "2^31", "-2^31", "2^31-1", "123456789012", "1e100",
    ]
    private static let numerals = [
        "0x10", "1e5", " 12 ", "12a", "", "  ", "0x", "1e", ".5", "5.", "inf", "nan", "0x1p4", "z", "ff", "-7", "1 2",
        "-",
        "+3", "- 3", "1e+", "1e-5", "0x1.8", "infinity", "-inf", "1e400", "1e-400", "00012", "1_0", "\\t9\\n", "0xg",
        "-0x10",
        "-ff", "FFFFFFFFFFFFFFFFFF", "9007199254740993", "0.1e1", "1\\0", "1 \\0 2", "7fffffff", ".", "..1", "1..",
        "0b1",
        "123456789012345678901234567890", "4.9e-324", "2.2250738585072011e-308", "8.5", "zz", "١",
    ]
    private static let replacements = ["", "X", "%0", "%1", "%2", "%%", "<%0>", "%", "%x", "%0%0", "%9", "a%1b", "\\0"]

    private mutating func value() -> String { pick(Self.numbers) }
    private func quoted(_ text: String) -> String { "'\(text)'" }
    private mutating func subject() -> String { quoted(pick(Self.subjects)) }
    private mutating func optional(_ argument: String) -> String { chance(40) ? ",\(argument)" : "" }

    private mutating func pattern() -> String {
        var text = chance(15) ? "^" : ""
        for _ in 0..<number(0...5) { text += pick(Self.atoms) + pick(Self.repetitions) }
        return quoted(chance(15) ? text + "$" : text)
    }

    private mutating func table() -> String {
        "{"
            + list(0...8) { cases in
                cases.chance(70) ? cases.value() : cases.pick(["'a'", "'x'", "'12'", "nil", "true", "{}"])
            } + "}"
    }

    // MARK: Cases

    private mutating func next() -> String {
        switch number(1...100) {
        case ...22: return "string.find,\(subject()),\(pattern())\(optional("\(number(-5...8))"))\(optional("true"))"
        case ...35: return "string.match,\(subject()),\(pattern())\(optional("\(number(-5...8))"))"
        case ...49: return substitution()
        case ...55:
            return """
                function() local t = {} for a, b in string.gmatch(\(subject()),\(pattern())) do \
                t[#t+1] = tostring(a)..':'..tostring(b) if #t > 50 then break end end return table.concat(t,';') end
                """
        case ...66: return format()
        case ...72: return plain()
        case ...79: return numeral()
        case ...87: return library()
        case ...93: return sorting()
        default: return operators()
        }
    }

    private mutating func substitution() -> String {
        let text = quoted(pick(Self.replacements))
        let replacement = pick([
            text, text, "{a='1',b=2,x=false,hello=true}",
            "function(...) return select('#',...)==1 and (...) or nil end", "function(a,b) return b end", "5", "1.5",
            "{}", "nil", "function() return {} end", "function() error('in',0) end",
        ])
        return "string.gsub,\(subject()),\(pattern()),\(replacement)\(optional(value()))"
    }

    private mutating func format() -> String {
        let flags = pick(["", "", "-", "+", " ", "#", "0", "-0", "+-"])
        let width = pick(["", "5", "20", "99", "100"]) + pick(["", ".0", ".3", ".10", ".99", ".100"])
        let kind = pick(["d", "i", "x", "X", "o", "u", "e", "E", "f", "g", "G", "c", "s", "q", "%", "k", "a", "z", ""])
        let argument = pick([value(), subject(), value(), "nil", "{}", "true", "'12'", "'0x10'", "print"])
        let tail = chance(30) ? "%s" : ""
        // Tables and functions are not printed: stock Lua shows their addresses, which differ from run to run, and our
        // VM shows none. Lua 5.1 knows neither %a, which is from C99, nor %p.
        if kind == "s" || !tail.isEmpty, argument == "{}" || argument == "print" { return "string.format,'%d',{}" }
        return "string.format,'\(flags.isEmpty && kind == "%" ? "%%" : "%\(flags)\(width)\(kind)")\(tail)',\(argument)"
            + (tail.isEmpty ? "" : ",\(subject())")
    }

    private mutating func plain() -> String {
        let function = pick(["sub", "byte", "rep", "sub", "upper", "lower", "reverse", "len", "char"])
        if function == "char" { return "string.char,\(list(0...5) { "\($0.number(-2...300))" })".trimmed() }
        let positions = ["0", "1", "-1", "2", "3", "-3", "100", "-100", "1.9", "'2'", "nil"]
        if function == "rep" { return "string.rep,\(subject()),\(pick(positions))" }
        return "string.\(function),\(subject())\(optional(pick(positions)))\(optional(pick(positions)))"
    }

    private mutating func numeral() -> String {
        let text = chance(90) ? quoted(pick(Self.numerals)) : pick(["{}", "nil", "5", "true"])
        if chance(30) { return "function() return \(text) \(pick(["+", "*", "%", "^", ".."])) \(value()) end" }
        return "tonumber,\(text)\(optional("\(pick([16, 2, 36, 10, 8, 1, 37, 0, 3]))"))"
    }

    private mutating func library() -> String {
        let t = table()
        return pick([
            "table.concat,\(t),\(pick(["''", "','", "'--'", "5", "nil"]))",
            "table.concat,\(t),',',\(number(0...3)),\(number(0...4))", "unpack,\(t)",
            "unpack,\(t),\(number(-1...2)),\(number(0...5))",
            "table.remove,\(t),\(pick(["nil", "1", "2", "0", "9", "-1"]))",
            "table.maxn,\(t)", "table.getn,\(t)", "select,\(pick(["'#'", "1", "2", "-1", "0", "9", "-9"])),\(value())",
            "table.insert,\(t)", "table.insert,\(t),1,2,3", "next,\(t)", "ipairs,\(pick([t, "nil", "5", "'s'"]))",
            "rawget,\(t),1", "setmetatable,\(t),nil", "setmetatable,\(t),5", "setmetatable,5,{}", "getmetatable",
            "math.floor,\(value())", "math.ceil,\(value())", "math.fmod,\(value()),\(value())",
            "math.modf,\(value())", "math.frexp,\(value())", "math.ldexp,\(value()),\(number(-5...5))", "math.max",
            "math.max,\(value()),\(value()),\(value())", "math.min,\(value()),'x'", "math.abs,\(value())",
            "math.random,0", "math.random,2,1", "math.random,1,2,3", "math.log10,\(value())", "tostring",
            "tostring,\(value())", "type", "pairs,nil", "next", "next,5", "next,{},'nokey'", "assert,false",
            "assert,nil,'m'", "assert,1,2", "assert", "rawset,{},nil,1", "rawset,{}", "rawequal,1", "setfenv",
            "getfenv,100", "getfenv,-1", "coroutine.create,print", "coroutine.resume,5", "coroutine.wrap",
            "coroutine.status,5", "coroutine.yield", "table.sort,{1,'x',2}", "table.sort,{3,1},5",
            "table.foreach,{},5", "table.foreachi,{1,2},function(i,v) return v == 2 and i or nil end",
            "table.setn,{},1",
            "xpcall,print", "pcall", "error", "error,'m',0", "error,nil", "error,5", "unpack", "unpack,nil",
            "string.rep", "string.rep,'x'", "('x').bad", "string.gmatch,'x'", "string.len,5", "string.len,nil",
            "os.time,{}", "os.time,{year=2000,month=13,day=40,hour=12}",
            "os.date,'!%Y-%m-%d %H:%M:%S',\(number(0...2_000_000_000))",
        ])
    }

    private mutating func sorting() -> String {
        if chance(40) {
            let position = pick(["1", "2", "-2", "0", "5", "9", "'3'", "1.7"])
            return """
                function() local t={\(list(0...6) { "\($0.number(0...9))" })} table.insert(t,\(position),'n') \
                local r=table.remove(t,\(pick(["1", "2", "0", "-1", "nil", "9"]))) local o={} for i=-3,12 do \
                o[#o+1]=tostring(t[i]) end return r,#t,table.concat(o,',') end
                """
        }
        let comparator = pick([
            "", "", ",function(a,b) c=c+1 return a>b end", ",function(a,b) c=c+1 return a%5<b%5 end",
            ",function(a,b) c=c+1 return true end", ",function(a,b) c=c+1 return a<=b end",
            ",function(a,b) c=c+1 return c%2==0 end",
        ])
        return """
            function() local c=0 local t={\(list(0...30) { "\($0.number(0...12))" })} local ok,m=pcall(table.sort,t\(comparator)) \
            return c,ok,m,table.concat(t,',') end
            """
    }

    private mutating func operators() -> String {
        let a = chance(60) ? value() : pick(["'10'", "'x'", "nil", "{}", "true", "''"])
        let b = chance(60) ? value() : pick(["'10'", "'x'", "nil", "{}", "false", "''", "'a'"])
        let expression = pick([
            "a + b", "a - b", "a * b", "a / b", "a % b", "a ^ b", "-a", "#a", "a .. b", "a < b", "a <= b", "a == b",
            "a > b", "not a", "a and b", "a or b", "a.x", "a()", "a[b]", "a:m()", "t.x.y", "t.x()", "g.y", "t[nil]",
        ])
        return pick([
            "function() local a, b, t = \(a), \(b), {} return \(expression) end",
            "function() local t = {} t[\(a)] = \(b) return t[\(a)], #t end",
            "function() local n = 0 for i = \(a), \(b), \(pick(["1", "-1", "0.5", "1e9", "'2'", "nil"])) do n = n + 1 if n > 20 then break end end return n end",
            "coroutine.wrap(function(...) local x = coroutine.yield(select('#', ...)) error(x, 0) end),\(a),\(b)",
            "function() local m = setmetatable({}, {__index = function(_, k) return k end, __call = function(_, x) return x end, __concat = function() return 'c' end, __eq = function() return true end, __lt = function() return \(a) end, __unm = function() return 1 end}) return m[\(value())], m(\(b)), m .. 1, m < m, m <= m, -m end",
        ])
    }
}

extension String {
    /// The text without a comma at its end.
    fileprivate func trimmed() -> String { hasSuffix(",") ? String(dropLast()) : self }
}
