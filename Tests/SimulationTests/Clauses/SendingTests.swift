import JSONValues
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("send, broadcast, and which client receives what [2-lua-api 3 and 6, M9.4, M9.10]") struct SendingTests {
    struct Message: Sendable, CustomTestStringConvertible {
        let rule: String
        /// A Lua table.
        let table: String
        /// The message that arrives.
        let json: String

        init(_ rule: String, _ table: String, _ json: String) {
            self.rule = rule
            self.table = table
            self.json = json
        }

        var testDescription: String { rule }
    }

    static let messages = [
        Message("M9.4: a table with data", "{key = 'value'}", #"{"key":"value"}"#),
        Message("M9.4: nested sub-tables", "{a = {b = {1, {c = true}}}}", #"{"a":{"b":[1,{"c":true}]}}"#),
        Message(
            "3: numbers, texts, booleans", "{1.5, -0.25, 1e21, 'é\\n', true, false}",
            #"{"data":[1.5,-0.25,1e+21,"é\n",true,false]}"#),
        Message("4.3: an empty list", "array({})", #"{"data":[]}"#),
        Message("4.3: an empty table is no list", "{}", "{}"),
        Message("4.3: a list of a component", "object.components.list", #"{"data":[]}"#),
        Message("4.3: a list in an object stays one", "{data = {1}}", #"{"data":[1]}"#),
        Message("3: an empty table is an object", "{t = {}}", #"{"t":{}}"#),
        Message("4: array(t) makes it an array", "{t = array({})}", #"{"t":[]}"#),
        Message("4: a table of a component keeps its kind", "{t = object.components.list}", #"{"t":[]}"#),
        Message("4: whole number keys are text", "{[5] = 'five'}", #"{"5":"five"}"#),
        Message("4: a list with a hole is an object", "{[1] = 'a', [3] = 'c'}", #"{"1":"a","3":"c"}"#),
        Message("3: a json component itself", "object.components.bag", #"{"gold":0,"slots":[]}"#),
        Message("5: an event's data", "object.events.note.data", #"{"flag":false,"more":{},"text":"hi"}"#),
        Message("6: a path", "map.path(0, 0, 2, 0)", #"{"data":[{"x":1,"y":0},{"x":2,"y":0}]}"#),
    ]

    @Test(
        "send and broadcast give a table's own JSON, a list as the `data` of an object [1-protocol 4.3]",
        arguments: messages)
    func tables(_ example: Message) throws {
        let map = try ScriptWorld.map()
        map.script(
            "object.events.add('note', nil, {text = 'hi'}) object.send(\(example.table)) map.broadcast(\(example.table))"
        )
        let expected = Sorted(try JSON(parsing: example.json))
        #expect(map.players[1]?.direct.map(Sorted.init) == [expected, expected])
        #expect(map.players[2]?.direct.map(Sorted.init) == [expected])
        #expect(map.errors == [])
    }

    @Test("1-protocol 4.1: the snapshot is the first message, also when a spawn hook greets", arguments: [60, 10])
    func greeting(sendRate: Int) throws {
        let map = try TestMap([
            "game.yaml": "tick_rate: 60\nsend_rate: \(sendRate)\n",
            "spawn/players.lua": "object.send({n = 1}) map.broadcast({n = 2})",
        ])
        let first = map.join(1)
        map.advance(0.2)
        let second = map.join(2)
        map.advance(0.2)
        #expect(first.kinds.filter { $0 != .delta } == [.snapshot, .direct, .direct, .direct])
        #expect(second.kinds.filter { $0 != .delta } == [.snapshot, .direct, .direct])
        #expect(second.kinds.first == .snapshot)
        #expect(first.direct.map(\.text) == [#"{"n":1}"#, #"{"n":2}"#, #"{"n":2}"#])
    }

    @Test(
        "a removed player gets the messages sent before its removal, not those after it; others get all that are for them"
    )
    func gone() throws {
        let map = try ScriptWorld.map()
        map.script("objects.players_2.send({n = 1}) objects.players_2.remove() map.broadcast({n = 2})")
        #expect(map.players[2]?.direct.map(\.text) == [#"{"n":1}"#])
        #expect(map.players[1]?.direct.map(\.text) == [#"{"n":2}"#])
        #expect(map.errors == [])
    }

    /// Cases: a component, private or not, on an entity, and which players see it.
    @Test(
        "M9.10: a private component goes to its owner only, a public one to all",
        arguments: [
            ("players_1", "open", [1, 2]), ("players_1", "secret", [1]), ("players_2", "secret", [2]),
            ("enemys_1", "open", [1, 2]), ("enemys_1", "secret", []), ("objects_4", "secret", []),
        ] as [(String, String, [Int])])
    func privacy(key: String, component: String, viewers: [Int]) throws {
        let map = try TestMap(
            [
                "components/open.lua": "--@type number\n--@default 1\n",
                "components/secret.lua": "--@type json\n--@default {\"n\":1}\n--@private\n",
            ], records: ScriptWorld.records)
        map.join(1)
        map.join(2)
        func seen(_ player: Int) -> JSON? { map.players[player]?.world[key]?["components"]?.object?[component] }
        for player in [1, 2] { #expect((seen(player) != nil) == viewers.contains(player), "in the snapshot") }
        map.script("objects.\(key).components.open = 2 objects.\(key).components.secret.n = 2")
        for player in [1, 2] {
            let expected: JSON? = component == "open" ? .number(2) : .object(["n": .number(2)])
            #expect(seen(player) == (viewers.contains(player) ? expected : nil), "in a delta")
        }
        map.script("objects.\(key).components.secret = nil objects.\(key).components.secret = {n = {3}}")
        for player in [1, 2] where component == "secret" {
            let expected = JSON.object(["n": .array([.number(3)])])
            #expect(seen(player) == (viewers.contains(player) ? expected : nil), "replaced")
        }
        #expect(map.expectAgreement(key) == 2)
    }

    static let methods = [
        ScriptCase("a colon works too: position", "print(object:position())", prints: ["5,5,0"]),
        ScriptCase("a colon works too: distance", "print(object:distance(objects.players_2))", prints: ["1"]),
        ScriptCase("a colon works too: distance of oneself", "print(object:distance(object))", prints: ["0"]),
        ScriptCase("a colon works too: remove", "objects.enemys_1:remove() print(objects.enemys_1)", prints: ["nil"]),
        ScriptCase("a colon works too: send", "object:send({n = 1})"),
        ScriptCase("a colon works too: send of nothing", "object:send()", error: "send takes a table, got nil"),
        ScriptCase(
            "a colon works too: objects.add", "print(objects:add('objects', {x = 1, y = 1}).position())",
            prints: ["1,1,0"]),
        ScriptCase("a colon works too: objects.remove", "print(objects:remove('enemys_1'))", prints: ["true"]),
        ScriptCase("a colon works too: objects.near", "print(#objects:near(5, 5, 0))", prints: ["1"]),
        ScriptCase(
            "a colon works too: objects.count", "print(objects:count(), objects:count('players'))", prints: ["6\t2"]),
        ScriptCase(
            "a colon works too: events.add and remove",
            "object.events:add('move', 'to', {x = 1}) print(object.events.move.action) object.events:remove('move') print(object.events.move.action)",
            prints: ["to", "nil"]),
        ScriptCase(
            "a colon works too: a group's functions",
            "local e = object.events.move e:resetTime(2) e:resetTimeout() e:remove() print(e:timeout())",
            prints: ["0.25"]),
        ScriptCase(
            "a colon works too: map's functions",
            "map:broadcast({n = 1}) print(map:walkable(4, 0), #map:path(0, 0, 2, 0), type(map:random()))",
            prints: ["false\t2\tnumber"]),
    ]

    @Test("functions are called with a dot, a colon works too", arguments: methods)
    func colons(_ example: ScriptCase) throws { try example.check() }
}
