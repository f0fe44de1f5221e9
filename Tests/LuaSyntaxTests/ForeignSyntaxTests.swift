import StockLua
import Testing

@testable import LuaSyntax

@Suite("Habits from other languages") struct ForeignSyntaxTests {
    /// What the compiler says about a script, with advice.
    private func message(_ source: String) -> String? {
        let bytes = Array(source.utf8)
        do {
            _ = try LuaParser.parse(bytes)
            return nil
        } catch {
            return ForeignSyntax.advised(error.message, source: bytes, line: error.position.line)
        }
    }

    @Test(
        "a construct of another language is followed by what Lua has",
        arguments: [
            ("x += 1", "Lua has no +=; write x = x + …"),
            ("object.components.hp -= 2", "Lua has no -=; write object.components.hp = object.components.hp - …"),
            ("x *= 2", "Lua has no *=; write x = x * …"), ("x ..= 'a'", "Lua has no ..=; write x = x .. …"),
            ("list[i] += 1", "Lua has no +=; write x = x + …"),
            ("x++", "Lua has no ++; write x = x + 1"), ("a.b++\nlocal y = 1", "Lua has no ++; write a.b = a.b + 1"),
            ("x--\ny = 1", "-- begins a comment in Lua; write x = x - 1"),
            ("for i = 1, 3 do\n  n--;\nend", "-- begins a comment in Lua; write n = n - 1"),
            ("if a != b then end", "Lua writes ~= for !="), ("if a !== b then end", "Lua writes ~= for !="),
            ("if !a then end", "Lua writes not for !"), ("if a && b then end", "Lua writes and for &&"),
            ("if a || b then end", "Lua writes or for ||"), ("if a === b then end", "Lua writes == for ==="),
            ("if a <> b then end", "Lua writes ~= for <>"), ("x = a & b", "Lua has no operators on bits"),
            ("let x = 1", "Lua has no let; write local"), ("var x = 1", "Lua has no var; write local"),
            ("const x = 1", "Lua has no const; write local"), ("int x = 1", "Lua names no types; write local"),
            ("x := 1", "Lua has no :=; write local x = …"),
            (
                "for i = 1, 3 do\n  if a then\n    continue\n  end\nend",
                "Lua has no continue; put the rest of the loop's body into if … then … end"
            ),
            (
                "for i = 1, 3 do\n  continue;\nend",
                "Lua has no continue; put the rest of the loop's body into if … then … end"
            ),
            ("f = (x) => x", "Lua has no =>; write function(…) … end"),
            ("f = x => { return x }", "Lua has no =>; write function(…) … end"),
            ("object->x = 1", "Lua has no ->; write . for a field, : for a method"),
            ("x = a ? b : c", "Lua has no ? :; write condition and a or b"),
            ("x = a?.b", "Lua has no ?.; write a and a.b"),
            ("x = 1 // one", "comments begin with -- in Lua"), ("// it's one\nx = 1", "comments begin with -- in Lua"),
            ("/* one */ x = 1", "comments are written --[[ … ]] in Lua"),
            ("# one\nx = 1", "comments begin with -- in Lua"),
            ("if (a) {\n  f()\n}", "Lua has no braces around blocks; write if … then … end"),
            ("while (a) {\n  f()\n}", "Lua has no braces around blocks; write … do … end"),
            ("function f() {\n  g()\n}", "Lua has no braces around blocks; write function name() … end"),
            ("if a then\n  f()\nelse if b then\n  g()\nend", "else if in line 3 begins an if of its own; write elseif"),
            ("if a then\n  f()\nelif b then\n  g()\nend", "Lua writes elseif … then for elif"),
            ("x = [1, 2]", "lists are written {1, 2} in Lua"), ("f([1, 2])", "lists are written {1, 2} in Lua"),
            ("x = {a: 1}", "fields are written {name = value} in Lua"),
            ("x = {\"a\": 1}", "fields are written {name = value} in Lua"),
            ("x = `a`", "Lua has no `…`; join texts with .. instead"),
            ("def f(x):\n", "Lua has no def; write function name() … end"),
            ("import thing", "Lua has no import; what the files of lib/ assign to globals is there in every script"),
            ("x = {a: b}", "fields are written {name = value} in Lua"),
            ("f({x = 1, \"a\": g(1)})", "fields are written {name = value} in Lua"),
            ("x = {a: f(1), b: 2}", "fields are written {name = value} in Lua"),
            ("x = {[1, 2], [3, 4]}", "lists are written {1, 2} in Lua"),
            ("if a {\n  f()\n}", "Lua has no braces around blocks; write if … then … end"),
            ("if a == 1 { f() }", "Lua has no braces around blocks; write if … then … end"),
            ("if (a) { f() } else { g() }", "Lua has no braces around blocks; write if … then … end"),
            ("if a then f() else {\n  g()\n}", "Lua has no braces around blocks; write if … then … end"),
            (
                "if (a) {\n  b = 1\n  c = 2\n  d = 3\n}\nf()",
                "Lua has no braces around blocks; write if … then … end"
            ),
            ("for k, v in pairs(t) {\n  f(k)\n}", "Lua has no braces around blocks; write … do … end"),
            ("for (let i = 0; i < 3; i++) {\n}", "Lua has no let; write local"),
            ("f = function(a) {\n  g()\n}", "Lua has no braces around blocks; write function name() … end"),
            ("if a then\n  f()\n}", "blocks end with end in Lua"),
            ("function f(int a, int b) end", "Lua names no types; write local"),
            (
                "import {a} from 'b' x =",
                "Lua has no import; what the files of lib/ assign to globals is there in every script"
            ),
            ("foreach (x in list) f()", "Lua has no foreach; write for i, v in ipairs(list) do … end"),
            ("case 'a':\n  x = 1", "Lua has no case; write if … elseif … end"),
            (
                "function f()\n  if a then\n    g()\n  else if b then\n    h()\n  end\nend\n",
                "else if in line 4 begins an if of its own; write elseif"
            ),
            ("local t = {\n  a = 1,\n  # two words\n}", "comments begin with -- in Lua"),
        ])
    func constructs(source: String, advice: String) throws {
        let found = try #require(message(source))
        #expect(found.hasSuffix("; \(advice)"), "\(found)")
    }

    @Test(
        "a mistake that no other language explains gets no advice",
        arguments: [
            "x = ", "if a then", "x = 'abc", "f(", "local 1 = 2", "x = 1 2", "for i = 1 do end", "end", "x = {1, 2",
            "goto out", "local t = {let = 1, var = 2} t.let =", "new = 1 const = 2 x =", "x = #list y = ",
            "local s = '!= && || ++' x = ", "--[[ x += 1 ]] x = ", "-- x++\nx = ",
        ])
    func none(source: String) throws {
        let bytes = Array(source.utf8)
        let error = #expect(throws: LuaSyntaxError.self) { _ = try LuaParser.parse(bytes) }
        let found = try #require(error)
        #expect(ForeignSyntax.advice(source: bytes, line: found.position.line) == nil)
    }

    @Test("words of other languages are names in Lua")
    func names() {
        #expect(
            message("local let, var, const, continue = 1, 2, 3, 4 new = let class = {import = var} try(const)") == nil)
    }

    @Test(
        "a name of another language that a running script misses is followed by what Lua has",
        arguments: [
            (
                "a.lua:1: attempt to call method 'push' (a nil value)",
                "Lua has no .push; write table.insert(list, value)"
            ),
            ("a.lua:1: attempt to call field 'length' (a nil value)", "Lua has no .length; write #list"),
            (
                "a.lua:1: attempt to call method 'split' (a nil value)",
                "Lua has no .split; write split(text, separator)"
            ),
            ("a.lua:1: attempt to call method 'keys' (a nil value)", "Lua has no .keys; write keys(map)"),
            ("a.lua:1: attempt to call global 'len' (a nil value)", "Lua writes #list for len(list)"),
            ("a.lua:1: attempt to call global 'throw' (a nil value)", "Lua has no throw; write error(\"…\")"),
            ("a.lua:1: attempt to index global 'console' (a nil value)", "print(…) writes to the map's log"),
            ("a.lua:1: attempt to perform arithmetic on global 'null' (a nil value)", "Lua writes nil for null"),
            ("a.lua:1: attempt to call method 'fly' (a nil value)", nil),
            ("a.lua:1: attempt to index global 'objekt' (a nil value)", nil), ("push (a nil value)", nil), ("", nil),
        ] as [(String, String?)])
    func running(message: String, advice: String?) {
        #expect(ForeignNames.advised(message) == (advice.map { "\(message); \($0)" } ?? message))
    }

    @Test("advice is found at the end of a long script")
    func long() {
        let source = Array((String(repeating: "local a = {1, 2} -- one\n", count: 2500) + "x++\n").utf8)
        #expect(ForeignSyntax.advice(source: source, line: 2501) == "Lua has no ++; write x = x + 1")
    }
}
