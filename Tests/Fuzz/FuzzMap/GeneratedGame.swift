import GameFolder
import GameRules
import JSONValues
import World

/// A small game: its scripts, and how it is played.
struct GeneratedGame {
    /// The source of each script by its path.
    var scripts: [String: String]
    /// The scripts after a change of the folder: some scripts and libs differ.
    var changed: [String: String]
    /// The arguments of `plr_hard_memory` in each stage: one of `collect` allocations collects, one of `fail` fails.
    var hardness: [(collect: UInt32, fail: UInt32)]
    var seed: UInt32

    static let stages = 4
    static let maxEntities = 60

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var grammar = ScriptGrammar(Choices(bytes))
        seed = UInt32(grammar.choices.below(256)) << 8 | UInt32(grammar.choices.below(256))
        hardness = (0..<Self.stages).map { _ in
            (
                grammar.choices.one(of: [0, 0, 1000, 100, 20, 3]),
                grammar.choices.one(of: [0, 0, 0, 10_000, 1000, 100])
            )
        }
        scripts = ["lib/a.lua": grammar.lib(1)]
        scripts["events/go/index.lua"] = grammar.script()
        scripts["events/go/two.lua"] = grammar.script()
        scripts["components/num.lua"] = grammar.script()
        scripts["components/bag.lua"] = grammar.script()
        scripts["events/act/index.lua"] = grammar.script()
        scripts["events/act/timeout.lua"] = grammar.timeout()
        scripts["components/txt.lua"] = grammar.script()
        scripts["spawn/enemys.lua"] = grammar.script()
        scripts["leave/enemys.lua"] = grammar.script()
        changed = scripts
        if grammar.choices.once(in: 2) { changed["lib/a.lua"] = grammar.lib(2) }
        changed["events/go/index.lua"] = grammar.script()
        if grammar.choices.once(in: 3) { changed["components/num.lua"] = nil }
    }

    /// The definitions of one version of the scripts.
    static func definition(_ scripts: [String: String]) -> GameDefinition {
        let all = EntityKindSet.all
        let schema = Schema(
            components: [
                .init(
                    name: "num", type: .number, defaultValue: .number(1), kinds: all,
                    hasTrigger: scripts["components/num.lua"] != nil),
                .init(name: "txt", type: .string, kinds: all, hasTrigger: scripts["components/txt.lua"] != nil),
                .init(
                    name: "bag", type: .json,
                    defaultValue: .object([
                        "x": .number(1), "inner": .object(["list": .array([.number(1), .string("two")])]),
                    ]),
                    kinds: all, hasTrigger: scripts["components/bag.lua"] != nil),
                .init(
                    name: "list", type: .json, defaultValue: .array([.number(3), .string("b"), .object([:])]),
                    isPrivate: true, kinds: all),
            ],
            groups: [
                .init(name: "go", events: [event("index"), event("two")]),
                .init(name: "act", order: 1, hasTimeoutFormula: true, events: [event("index")]),
            ])
        var configuration = GameConfiguration()
        configuration.tickRate = 20
        configuration.sendRate = 20
        configuration.memoryLimitBytes = 2 << 20
        configuration.eventTimeLimit = .milliseconds(20)
        configuration.timeoutTimeLimit = .milliseconds(10)
        configuration.worldLimitBytes = 2 << 20
        configuration.maxEntities = maxEntities
        return GameDefinition(
            configuration: configuration, schema: schema,
            scripts: scripts.map { GameScript(role: role($0), path: $0, source: Array($1.utf8)) },
            maps: [
                MapGeometry(id: 1, name: "one", width: 12, height: 12),
                MapGeometry(id: 2, name: "two", width: 12, height: 12),
            ])
    }

    private static func event(_ name: String) -> EventDefinition {
        EventDefinition(
            name: name, isPublic: true,
            parameters: [
                .init(name: "a", type: .any, defaultValue: .number(1)),
                .init(name: "t", type: .table, defaultValue: .object([:])),
            ])
    }

    private static func role(_ path: String) -> GameScript.Role {
        let parts = path.dropLast(4).split(separator: "/").map(String.init)
        switch parts[0] {
        case "lib": return .lib(parts[1])
        case "components": return .component(parts[1])
        case "spawn": return .spawn(kind: .enemys, .all)
        case "leave": return .leave(kind: .enemys, .all)
        default: return parts[2] == "timeout" ? .timeout(group: parts[1]) : .event(group: parts[1], name: parts[2])
        }
    }
}
