import Testing

@testable import ScriptTest

@Suite("expect") struct ExpectationTests {
    static let cases = [
        LuaCase("is compares numbers", "expect(1 + 1).is(2)"),
        LuaCase("is names both values", "expect(1).is(2)", fails: "tests/one.lua:2: expected 2, got 1"),
        LuaCase("is compares texts by their bytes", #"expect("1").is(1)"#, fails: #"expected 1, got "1""#),
        LuaCase("is looks into tables", "expect({ 1, { x = 'a' } }).is({ 1, { x = 'a' } })"),
        LuaCase(
            "is says where tables differ", "expect({ a = { 1, 2 } }).is({ a = { 1, 3 } })",
            fails: "expected {a = {1, 3}}\n  got {a = {1, 2}}\n  differs in a.2"),
        LuaCase("is finds what is too much", "expect({ a = 1, b = 2 }).is({ a = 1 })", fails: "differs in b"),
        LuaCase("is finds what is missing", "expect({}).is({ a = 1 })", fails: "differs in a"),
        LuaCase("is takes NaN for itself", "expect(0 / 0).is(0 / 0)"),
        LuaCase("isNot is the contrary", "expect(1).isNot(2)"),
        LuaCase("isNot fails for equals", "expect({ 1 }).isNot({ 1 })", fails: "expected anything but {1}, got {1}"),
        LuaCase("never turns a matcher round", "expect('abc').never.matches('^b')"),
        LuaCase("never twice is none", "expect(1).never.never.is(1)"),
        LuaCase("never fails", "expect(nil).never.isNil()", fails: "expected anything but nil, got nil"),
        LuaCase("near has a tolerance", "expect(1.05).near(1, 0.1)"),
        LuaCase("near without one takes a thousandth", "expect(1.01).near(1)", fails: "expected 1 ± 0.001, got 1.01"),
        LuaCase("near fails for what is no number", "expect('1').near(1)", fails: #"expected 1 ± 0.001, got "1""#),
        LuaCase(
            "near needs a number", "expect(1).near('1')", fails: #"tests/one.lua:2: near compares numbers, got "1""#),
        LuaCase("exists", "expect(false).exists()"),
        LuaCase("exists fails for nil", "expect(nil).exists()", fails: "expected something, got nil"),
        LuaCase("isNil", "expect(nil).isNil()"),
        LuaCase("isNil fails", "expect(0).isNil()", fails: "expected nil, got 0"),
        LuaCase("matches takes a pattern", "expect('players_7').matches('^%a+_%d$')"),
        LuaCase("matches fails", "expect('a').matches('%d')", fails: #"expected text that matches "%d", got "a""#),
        LuaCase("contains finds a part of a text", "expect('a+b').contains('+')"),
        LuaCase("contains finds an element", "expect({ 1, 2, 3 }).contains(2)"),
        LuaCase("contains finds a table by some fields", "expect({ { a = 1, b = 2 } }).contains({ b = 2 })"),
        LuaCase("contains fails", "expect({ 1 }).contains(2)", fails: "expected something that contains 2, got {1}"),
        LuaCase("has asks for some fields", "expect({ a = { 1 }, b = 2 }).has({ a = { 1 } })"),
        LuaCase("has fails", "expect({ a = 1 }).has({ a = 2 })", fails: "expected something with {a = 2}"),
        LuaCase("has fails for what is no table", "expect(3).has({ a = 2 })", fails: "got 3"),
        LuaCase("raises takes a part of the message", "expect(function() error('no [way') end).raises('no [way')"),
        LuaCase("raises takes a pattern", "expect(function() error('x12') end).raises('x%d+$')"),
        LuaCase("raises takes any error", "expect(function() local a; a.b = 1 end).raises()"),
        LuaCase(
            "raises fails without error", "expect(function() end).raises('a')", fails: #"expected an error with "a""#),
        LuaCase("raises fails for another", "expect(function() error('b') end).raises('zz')", fails: "got the error"),
        LuaCase("never raises", "expect(function() end).never.raises()"),
        LuaCase(
            "a failing expectation is no error to be expected", "expect(function() expect(1).is(2) end).raises()",
            fails: "expected 2, got 1"),
        LuaCase("raises needs a function", "expect(3).raises()", fails: "raises needs expect(function()"),
        LuaCase("isAbove", "expect(2).isAbove(1)"),
        LuaCase("isAbove fails for equals", "expect(2).isAbove(2)", fails: "expected more than 2, got 2"),
        LuaCase("isBelow", "expect(1).isBelow(2)"),
        LuaCase("isBelow fails for equals", "expect(2).isBelow(2)", fails: "expected less than 2, got 2"),
        LuaCase("isAtLeast", "expect(2).isAtLeast(2)"),
        LuaCase("isAtLeast fails", "expect(1).isAtLeast(2)", fails: "expected at least 2, got 1"),
        LuaCase("isAtMost", "expect(2).isAtMost(2)"),
        LuaCase("isAtMost fails", "expect(3).isAtMost(2)", fails: "expected at most 2, got 3"),
        LuaCase("a colon does as well", "expect(1):is(1)\nexpect(1):never():is(2)", fails: "attempt to call"),
        LuaCase("a matcher with a colon", "expect(1):is(1)\nexpect(2).never:is(1)"),
        LuaCase(
            "an unknown matcher is named", "expect(1).equals(1)", fails: "expect(…) has no 'equals'; it has contains,"),
        LuaCase("an entity is one value", "local s = world.entity('objects_1')\nexpect(s).is(objects.objects_1)"),
        LuaCase(
            "an entity is shown by its key", "expect(world.entity('objects_1')).is(3)",
            fails: "expected 3, got objects_1"),
        LuaCase(
            "an entity that was removed exists no more",
            "local s = world.entity('objects_1')\nexpect(s).exists()\ns.remove()\nexpect(s).never.exists()"),
        LuaCase(
            "a json component compares like a table",
            "local a = world.join('a')\nexpect(a.components.bag).is({ slots = {} })"),
        LuaCase(
            "components compare like a table",
            "local a = world.join('a')\nexpect(a.components).is({ hp = 5, bag = { slots = {} } })"),
        LuaCase(
            "components of a removed entity are an error that names it",
            "local s = world.entity('objects_1')\nlocal c = s.components\ns.remove()\nexpect(c).is({})",
            fails: "entity objects_1 was removed"),
        LuaCase(
            "components are shown", "expect(world.join('a').components).is({ hp = 4, bag = {} })",
            fails: "got {bag = {slots = {}}, hp = 5}"),
        LuaCase(
            "a failing expectation ends its test", "expect(1).is(2)\nerror('not reached')", fails: "expected 2, got 1"),
        LuaCase("a table in itself can be shown to a depth", "local t = {}\nt.t = t\nexpect(t).is(1)", fails: "{…}"),
    ]

    @Test("compares, and says what it expected and what it got", arguments: cases)
    func holds(_ testCase: LuaCase) throws {
        let result = try #require(try ScratchGame.result(of: testCase.body))
        if let failure = testCase.failure {
            #expect(result.text.contains(failure), "\(result.text)")
            #expect(result.failures.count == 1, "\(result.text)")
        } else {
            #expect(result.text == "")
        }
    }
}
