import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("side, action and prefab, assigned by scripts again and again") struct TextFieldTests {
    private static let texts = ["walk", "stand", "left", "", "žluť", "a text of more than fifteen bytes"]

    private static func lua(_ text: String) -> String {
        "'" + text.utf8.map { "\\" + String(Int($0) + 1000).dropFirst() }.joined() + "'"
    }

    @Test("each field has the last text that was not refused, and no use and no byte is lost", arguments: 0..<8)
    func history(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let map = try TestMap([
            "events/testing/index.lua": "return", "components/title.lua": "--@type string\n--@default \"walk\"\n",
            "spawn/players.lua": "for i = 1, 4 do objects.add('objects', {x = 1, y = 1}) end",
        ])
        map.join(1)
        let world = map.simulation.world
        let keys = world.entities.compactMap(world.key).map(\.description)
        var model: [String: String] = [:]
        for step in 0..<400 {
            let key = try #require(keys.randomElement(using: &random))
            let field = try #require([SystemField.side, .action, .prefab].randomElement(using: &random))
            let text = try #require(Self.texts.randomElement(using: &random))
            let slot = Int(try #require(map.entity(key)).slot)
            let before = world.text(field, slot: slot)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                map.script("objects.\(key).\(field.name) = 'a\\0b'")
                #expect(map.errors.last?.contains("can't contain the character NUL") == true)
            case 1:
                map.script("objects.\(key).\(field.name) = ('x'):rep(70000)")
                #expect(map.errors.last?.contains("65536") == true, "\(map.errors.last ?? "")")
            case 2:
                map.script("objects.\(key).components.title = \(Self.lua(text))")
            default:
                let errors = map.errors.count
                map.script("objects.\(key).\(field.name) = \(Self.lua(text))")
                #expect(map.errors.count == errors, "step \(step)")
                model["\(key) \(field)"] = text
            }
            #expect(world.text(field, slot: slot) == model["\(key) \(field)"] ?? before)
        }
        // An event that failed is kept, and weighs something, until another one of its group runs.
        map.script("object.side = 'walk'")
        #expect(world.strings.liveUses == world.textUses)
        let weight = world.entities.reduce(0) { sum, handle in
            sum + (world.record(of: handle)?.weight ?? 0)
        }
        #expect(world.weight.total == weight)
    }

    @Test("action = 'remove' stays refused, also when the text is in use elsewhere")
    func remove() throws {
        let map = try TestMap(["events/testing/index.lua": "return"])
        map.join(1)
        map.script("object.side = 'remove' object.prefab = 'remove'")
        for _ in 0..<3 { map.script("object.action = 'remove'") }
        #expect(map.simulation.log.errorCount == 3, "\(map.errors)")
        map.script("object.side = 'remove' print(object.side, object.action)")
        #expect(map.prints == ["remove\t"])
    }

    @Test("a formula can't assign a text that scripts have assigned before")
    func formula() throws {
        let map = try TestMap([
            "events/testing/index.lua": "return", "events/a/index.lua": "return",
            "events/a/timeout.lua": "pcall(function() object.side = 'left' end) return 3",
        ])
        map.join(1)
        map.script("object.side = 'left' object.side = 'right' object.events.a.timeout() print(object.side)")
        #expect(map.prints == ["right"])
    }

    @Test("texts that no entity has any more are kept up to a bound")
    func bound() throws {
        // The script needs more than the usual 50 ms on a slow machine.
        let map = try TestMap(["events/testing/index.lua": "return", "game.yaml": "event_time_limit_ms: 10000\n"])
        map.join(1)
        map.script("for i = 1, 5000 do object.side = 'side ' .. i end")
        let strings = map.simulation.world.strings
        #expect(strings.capacity <= 1024)
        #expect((0..<strings.capacity).count { strings.entries[$0].flags != 0 } == 256)
        #expect(map.errors == [])
        map.script("object.side = 'side 5000' print(object.side)")
        #expect(map.prints == ["side 5000"])
        #expect(strings.liveUses == map.simulation.world.textUses)
    }
}
