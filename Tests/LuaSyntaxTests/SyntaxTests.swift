import Foundation
import StockLua
import Testing

@testable import LuaSyntax

/// The parser accepts and refuses the same texts as Lua 5.1: a script that passes `perigee check` compiles.
@Suite("Syntax (M8.2: the language is Lua 5.1)") struct SyntaxTests {
    /// The Lua files in a folder of the repository, at any depth, except compiled ones, which no game folder may have.
    static func scripts(_ folder: String) throws -> [[UInt8]] {
        let folder = Paths.root.appending(path: folder)
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        return try files.filter { $0.hasSuffix(".lua") }.map { Array(try Data(contentsOf: folder.appending(path: $0))) }
            .filter { $0.first != 0x1B }
    }

    /// Compares with stock Lua, messages and lines included.
    private func compare(_ sources: [[UInt8]]) throws {
        let stock = try StockLua.compile(sources)
        var differences = 0
        for (source, theirs) in zip(sources, stock) {
            var ours: String?
            do throws(LuaSyntaxError) {
                _ = try LuaParser.parse(source)
            } catch {
                ours = "\(error.position.line): \(error.message)"
            }
            if Self.comparable(ours) == Self.comparable(theirs) { continue }
            differences += 1
            if differences <= 10 {
                let text = String(decoding: source.prefix(400), as: UTF8.self)
                Issue.record("ours: \(ours ?? "fine")\nstock: \(theirs ?? "fine")\n\(text)")
            }
        }
        #expect(differences == 0, "of \(sources.count)")
    }

    /// A message without the parts that may differ from stock Lua's: the text after "near", which we shorten, and the
    /// line, when that text is a token that began on an earlier line.
    private static func comparable(_ message: String?) -> String? {
        guard let message else { return nil }
        guard let near = message.range(of: " near ") else { return message }
        let head = message[..<near.lowerBound]
        let isMultiline = message[near.upperBound...].hasPrefix("'[") || head.contains("unfinished string")
        return isMultiline ? String(head.drop { $0 != " " }) : String(head)
    }

    @Test("the bundled game and the attack scripts are accepted or refused as by lua5.1", arguments: ["lua", "Tests"])
    func ownScripts(folder: String) throws {
        let sources = try Self.scripts(folder)
        #expect(sources.count >= 49)
        try compare(sources)
    }

    @Test("mutated scripts are accepted or refused as by lua5.1, for the same reason at the same line")
    func mutants() throws {
        let isLong = ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] != nil
        var numbers = Numbers(state: isLong ? .random(in: 0 ... .max) : 11)
        let originals = try (Self.scripts("lua") + Self.scripts("Tests/Fuzz")).filter { !$0.isEmpty }
        let pieces = [
            "end", "(", ")", "{", "}", "[[", "]]", "[=[", "--[[", "--", "\"", "'", "\\", "\n", "...", "..", "=", "==",
            "local ", "function ", "if ", "then ", "else ", "elseif ", "for ", "in ", "do ", "while ", "repeat ",
            "until ", "return ", "break ", "nil", "not ", "and ", "or ", "1e", "0x", ".5", "3.", ":", ";", ",", "#",
            "^", "~=", "~", "\\300", "\\065", "é", "\r", "\r\n", "arg", "x",
        ]
        var mutants: [[UInt8]] = []
        for _ in 0..<(isLong ? 30_000 : 3000) {
            var text = originals[Int.random(in: 0..<originals.count, using: &numbers)]
            for _ in 0...Int.random(in: 0...2, using: &numbers) {
                let start = Int.random(in: 0...text.count, using: &numbers)
                let end = min(text.count, start + Int.random(in: 0...8, using: &numbers))
                switch Int.random(in: 0...3, using: &numbers) {
                case 0: text.removeSubrange(start..<end)
                case 1:
                    let other = originals[Int.random(in: 0..<originals.count, using: &numbers)]
                    let from = Int.random(in: 0..<other.count, using: &numbers)
                    text.replaceSubrange(start..<end, with: other[from..<min(other.count, from + 20)])
                case 2: text.insert(UInt8.random(in: 1...127, using: &numbers), at: start)
                default:
                    let piece = pieces[Int.random(in: 0..<pieces.count, using: &numbers)]
                    text.insert(contentsOf: piece.utf8, at: start)
                }
            }
            // Compiled Lua is refused before it reaches the parser.
            if text.first != 0x1B { mutants.append(text) }
        }
        try compare(mutants)
    }

    static let corners: [String] = [
        "", ";", "return", "return;", "return 1, 2;", "break", "while true do break end", "return 1 x = 2",
        "do break end", "while true do local f = function() break end end", "f", "f()", "(f)()", "(f) = 1", "(f()) ",
        "f() = 1", "a.b, c = 1", "a.b:c = 1", "a, f() = 1", "f\n()", "f\n\"x\"", "f\n{}", "a.b\n(1)", "x = f\n(g)()",
        "local function f(...) return ... end", "function f() return ... end", "return ...", "local a <const> = 1",
        "goto x", "::x::", "x = 1 // 2", "x = 1 & 2", "x = a ~ b", "x = 0x", "x = 0xA", "x = 0x1p4", "x = 0x.8",
        "x = 1..2",
        "x = 1 ..2", "x = 1.", "x = .5", "x = 1e", "x = 1e+", "x = 1e5", "x = 1E-5", "x = 3x", "x = 08", "x = 1.2.3",
        "x = 0x1e+1", "x = '\\400'", "x = '\\255'", "x = '\\q'", "x = '\\", "x = '\\\n'", "x = '\n'", "x = [[a]]",
        "x = [==[a]]]==]", "x = [=a", "x = [=[a", "x = [[ [[ ]]", "x = [=[ [[ ]=]", "--[[ [[ ]]",
        "--[==[ ]] ]==] x = 1",
        "--[=x\ny = 1", "x = {1, 2; 3, a = 4, [5] = 6,}", "x = {,}", "x = {1 2}", "x = {a = }", "x = {[1] 2}",
        "for i = 1 do end", "for i = 1, 2, 3, 4 do end", "for i, j = 1, 2 do end", "for i in x do end",
        "for in x do end",
        "for a.b = 1, 2 do end", "repeat local a until a", "repeat break until x", "if x then elseif y then else end",
        "if x then else elseif y then end", "if x end", "local", "local 1", "local function a.b() end",
        "function a:b.c() end",
        "function a.b:c(self, ...) end", "function (x) end", "f = function x() end", "function f(a,) end",
        "function f(..., a) end", "function f(a a) end", "x = not not -#-y", "x = a < b < c", "x = 2^-3^2", "x =",
        "= 1",
        "a.1 = 2", "a.end = 2", "a['end'] = 2", "a:b", "a:b()", "a:b{}", "a:b'c'", "a:b.c()", "'x':rep(3)",
        "('x'):rep(3)",
        "{}.x = 1", "é = 1", "x = 'é'", "@", "x = \u{7F}", "#!/usr/bin/lua\nx = 1",
        "x\r=\r1\r\n\n\ry(", "end", "until x", "do end end", "function f()\n\n", "if x then\nfoo(\n", "x = {\n1,\n",
        "arg = 1 function f(...) local arg = arg end", "local a local a = a", "return return", "x = }", "f(1,)",
        "f(,1)",
        "return function() end, {}", "x = function() return end", "x, y = 1", "x y = 1", "x = y z = 1", "local x y = 1",
    ]

    @Test("corners of the grammar")
    func grammar() throws { try compare(Self.corners.map { Array($0.utf8) }) }

    @Test("the compiler's limits: levels, locals, upvalues, registers")
    func limits() throws {
        func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        var sources: [String] = []
        for count in [
            1, 60, 61, 98, 99, 100, 190, 195, 196, 197, 198, 199, 200, 201, 202, 247, 248, 249, 250, 251, 300,
        ] {
            let list = repeated("1,", count - 1) + "1"
            sources += [
                repeated("local a ", count), "function f(...) \(repeated("local a ", count)) end",
                "local " + repeated("a,", count - 1) + "a", "local a = " + list, "return " + list, "f(\(list))",
                "a:f(\(list))", "local f f(\(list))", "x = {\(list)}", "x, y = " + list,
                repeated("a,", count - 1) + "a = 1", "x = " + repeated("(", count) + "1" + repeated(")", count),
                repeated("do ", count) + repeated("end ", count), "x = " + repeated("{", count) + repeated("}", count),
                repeated("x = function() ", count) + repeated("end ", count), "x = " + repeated("- ", count) + "1",
                "x = " + repeated("a .. ", count) + "a", "x = " + repeated("a + ", count) + "a",
                "x = " + repeated("a ^ ", count) + "a", "x = " + repeated("f(", count) + repeated(")", count),
                "x = " + repeated("f(a, ", count) + "1" + repeated(")", count),
                "x = a" + repeated("[a", count)
                    + repeated("]", count), "x = a" + repeated(".b", count), "a" + repeated("()", count),
                repeated("if x then ", count) + repeated("end ", count),
                "if x then " + repeated("elseif x then ", count) + "end",
                repeated("if x then else ", count) + repeated("end ", count),
                repeated("for i = 1, 2 do ", count) + repeated("end ", count),
                "function f(" + repeated("a,", count - 1) + "a) end",
                "return function() " + repeated("for i in x do ", count)
                    + repeated("end ", count) + "end",
                (0..<min(count, 190)).map { "local a\($0) " }.joined() + "function f() return "
                    + (0..<min(count, 190)).map { "a\($0)" }.joined(separator: "+") + " end",
            ]
        }
        // In stock Lua the test's program runs one call level deeper than a script in the VM: hence `firstLevel: 2`.
        let stock = try StockLua.compile(sources.map { Array($0.utf8) })
        for (source, theirs) in zip(sources, stock) {
            var ours: String?
            do throws(LuaSyntaxError) {
                _ = try LuaParser.parse(Array(source.utf8), firstLevel: 2)
            } catch {
                ours = "\(error.position.line): \(error.message)"
            }
            #expect(Self.comparable(ours) == Self.comparable(theirs), "\(source.prefix(60)) … \(source.count)")
        }
    }

    @Test("garbage does not crash the parser and does not take long")
    func garbage() {
        var numbers = Numbers(state: 3)
        for length in [0, 1, 10, 1000, 100_000] {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            _ = try? LuaParser.parse(bytes)
        }
        for text in [
            "(", "{", "[", "a.b.c", "a()", "a+", "not ", "f{", "function()", "if x then elseif ", "\"\\", "[[", "--[[",
        ] {
            _ = try? LuaParser.parse(Array(("x = " + String(repeating: text, count: 20_000)).utf8))
        }
    }

    @Test("an error has its line and column, counted in characters")
    func columns() {
        let cases: [(String, Int, Int)] = [
            ("x = = 1", 1, 5), ("\n\n  if x the", 3, 8), ("x = 'žluť' y", 1, 13), ("\tx = 1 1", 1, 8), ("f(", 1, 3),
            ("if x then\nfoo()\n", 3, 1),
        ]
        for (text, line, column) in cases {
            do throws(LuaSyntaxError) {
                _ = try LuaParser.parse(Array(text.utf8))
                Issue.record("\(text) is no Lua")
            } catch {
                #expect(error.position == SourcePosition(line: line, column: column), "\(text): \(error)")
            }
        }
    }
}
