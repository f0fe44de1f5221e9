import Foundation
import Testing

@testable import LuaSyntax

@Suite("Right Lua beside a mistake") struct RightLuaTests {
    /// Right Lua that looks like another language somewhere.
    static let lines = [
        "f(a:b(1), 2)", "print(s:upper() .. x)", "print(x, s:upper())", "local t = {s:upper(), 1}",
        "local t = {1, s:len(), n = s:rep(2)}", "local t = {s:rep\"a\", t:m{1}, s:upper()}", "f({a, b:c()})",
        "local t = {x = 1; s:len(); 3}", "f(1, ('a'):rep(3), o.list:get(2))", "local y = o:near(1):first().x",
        "if x == 1 then t = {1, 2} end", "if f{a = 1} then g() end", "if f {a = 1} then g() end",
        "if f(x){1, 2} then g() end", "if a[1]{2} or t{3}.x == 4 then g() end", "if f\"a\"{1} then g() end",
        "if #{1, 2} == 2 and next({}) == nil then g{1} end", "if not a then f{1} elseif b{2} then g{3} else h{4} end",
        "if f(function() return {1} end) then g() end", "if f{\n  a = 1,\n}\nthen g() end",
        "for _, v in pairs{1, 2} do f{v} end", "for _, v in ipairs({1, 2}) do f({v}) end",
        "for i = 1, #list do t[i] = {i} end", "while next{} do f{} end", "while f(x) do do g{1} end end",
        "repeat local t = {1} until f{t}", "function f(a) return {a} end", "function o.p:q(...) return {...}, {} end",
        "local f = function() end", "f(function(a) if a then return {a} end end)", "do local t = {} end",
        "local t = {a = 1, [\"b\"] = 2, [3] = {4}}", "local t = {[1] = 2, [f(x)] = 3}", "t[\"a\"][b[1]] = {c = {}}",
        "local n =\n  #list", "local t = {\n  #a,\n  #b }", "f(a,\n  #b)", "local n = 1 +\n  #list",
        "for i = 1, 2 do f(i) end--", "if a then f() else--\ng() end", "local t = {\n  a,\n  b--\n}", "f(a,\nb--\n)",
        "local x = y--", "local t = [[\nx--\n]]", "local let, var, const, int = 1, 2, 3, 4", "x = let y = var",
        "local t = {let, var = 1, class = const}", "class \"A\"", "import \"x\"", "class{name = 'A'}",
        "import {a, b}", "foreach(t, f)", "f(continue)", "f(\n  continue\n)", "local t = {\n  continue,\n}",
        "continue = 1", "continue{1}", "case(1)", "local raise = error raise('a')", "unless(a)", "t.def(x).let = var",
        "if a then f() else if b then g() end end", "if a then\n  f()\nelse if b then\n  g()\nend end",
        "if a then\n  f()\nelse\n  if b then g() end\nend", "if a then\n  f()\nelse if b then\n  g()\nend\nend",
        "a, b = b, -a", "x = a - -b", "x = a <= b == (c >= d)", "s = 'a != b && c++' .. \"// it's\"",
        "--[[ if (a) { x += 1 } ]] f()", "f() -- let x = {a: 1}", "s = [[ if (a) {\n x++ ]]", "x = a .. ... == b",
        "local ok, e = pcall(function() error({code = 1}) end)", "t = {f = function(x) return x:y() end, 2}",
    ]

    /// Mistakes that no other language explains.
    private static let mistakes = [
        "x = = 1", "goto out", "local 1 = 2", "f(", "f(1 2)", "x = {1, 2", "if a then", "x = 1 2", ")",
    ]

    private func mistake(_ source: String) -> (message: String, line: Int)? {
        do {
            _ = try LuaParser.parse(Array(source.utf8))
            return nil
        } catch {
            return (error.message, error.position.line)
        }
    }

    private func advice(_ source: String) throws -> String? {
        let line = try #require(mistake(source), "\(source)").line
        return ForeignSyntax.advice(source: Array(source.utf8), line: line)
    }

    @Test("right lines are right", arguments: lines)
    func right(line: String) {
        #expect(mistake(line)?.message == nil)
    }

    @Test("a mistake that no other language explains gets no advice from right Lua before it", arguments: lines)
    func none(line: String) throws {
        for mistake in Self.mistakes {
            for source in [
                "\(line) \(mistake)", "\(line)\n\(mistake)", "\(line)\n\n\(mistake)\nf()", "\(mistake) \(line)",
                "function g()\n  \(line.replacing("\n", with: "\n  "))\n  \(mistake)\nend",
                "if a then \(line) \(mistake)",
            ] where self.mistake(source) != nil {
                #expect(try advice(source) == nil, "\(source)")
            }
        }
    }

    @Test("a mistake of another language keeps its own advice behind right Lua", arguments: lines)
    func own(line: String) throws {
        for (mistake, own) in [
            ("x += 1", "Lua has no +=; write x = x + …"), ("if x != 1 then end", "Lua writes ~= for !="),
            ("y = {q: 1}", "fields are written {name = value} in Lua"),
            ("if (x) {\n  y = 1\n}", "Lua has no braces around blocks; write if … then … end"),
        ] {
            #expect(try advice("\(line)\n\(mistake)") == own, "\(line)\n\(mistake)")
            // Behind a comment it is a part of the comment.
            if line.contains("--") { continue }
            #expect(try advice("\(line) \(mistake)") == own, "\(line) \(mistake)")
        }
    }

    @Test("a mistake at the end of any line of Meadow gets no advice from the lines around it")
    func meadow() throws {
        let folder = Paths.root.appending(path: "lua")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in files where file.pathExtension == "lua" {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
            for index in lines.indices {
                var changed = lines
                changed[index] += " @"
                let source = changed.joined(separator: "\n")
                // In a comment or a text it is no mistake.
                guard let line = mistake(source)?.line, line == index + 1 else { continue }
                count += 1
                #expect(
                    ForeignSyntax.advice(source: Array(source.utf8), line: line) == nil,
                    "\(file.lastPathComponent):\(line): \(lines[index])")
            }
        }
        #expect(count > 500)
    }
}
