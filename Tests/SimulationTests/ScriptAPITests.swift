import GameFolder
import GameRules
import ScriptCheck
import SimulationTestKit
import Testing
import World

@testable import LuaSandbox
@testable import Simulation

/// `perigee check` and `perigee stubs` use the table `ScriptAPI`; it must describe what the running server has.
@Suite("The table of the API and the running server (2-lua-api)") struct ScriptAPITests {
    private struct Shape: Hashable, CustomStringConvertible {
        var name: String
        var isFunction: Bool
        var isWritable: Bool
        var minimum: Int
        var description: String { "\(name)\(isFunction ? "(\(minimum))" : isWritable ? " writable" : "")" }

        init(_ member: HostClass.Member) {
            let method = HostClass.Member.method("", id: 0).kind
            let column = HostClass.Member.column("", 0).kind
            let writable = HostClass.Member.property("", id: 0, writable: true).flags
            name = member.name
            isFunction = member.kind == method
            isWritable = member.kind == column || member.flags & writable != 0
            minimum = Int(member.minimum)
        }

        init(_ member: APIMember) {
            name = member.name
            isFunction = member.function != nil
            isWritable = member.isWritable
            minimum = member.function?.minimum ?? 0
        }
    }

    @Test("every class has the same members in both, equally writable and with as many arguments")
    func members() {
        let classes: [(HostClass, ScriptAPI.Class)] = [
            (.entity(), ScriptAPI.entity), (.events(), ScriptAPI.events), (.group(), ScriptAPI.eventGroup),
            (.objects(), ScriptAPI.objects), (.map(), ScriptAPI.map), (.socket(), ScriptAPI.socket),
            (.broadcast(), ScriptAPI.broadcast), (.target(), ScriptAPI.target), (.sockets(), ScriptAPI.sockets),
            (.io(), ScriptAPI.io),
        ]
        #expect(classes.count == ScriptAPI.classes.count)
        for (host, table) in classes {
            let running = Set(host.members.map { Shape($0) })
            let described = Set(table.members.map { Shape($0) })
            #expect(running == described, "\(table.name)")
        }
    }

    /// Runs one script of each kind and returns what they print, by the script's folder.
    private func run(_ code: String) throws -> [String: [String]] {
        let map = try TestMap([
            "lib/probe.lua": code, "components/hp.lua": "--@type number\n--@default 5\n" + code,
            "events/a/index.lua": code + " object.components.hp = 1", "events/a/timeout.lua": code + " return 1",
            "spawn/players.lua": code, "leave/players.lua": code,
        ])
        let player = map.join(1)
        try QueueTests.add(map, "a")
        map.tick()
        // In two parts: the log keeps a limited number of lines.
        var lines = map.simulation.log.lines
        map.tick([.leave(player.id)])
        lines += map.simulation.log.lines.filter { $0.script?.hasPrefix("leave/") == true }
        #expect(map.errors == [])
        return Dictionary(grouping: lines.filter { $0.script != nil }) {
            $0.script?.split(separator: "/").first.map(String.init) ?? ""
        }.mapValues { lines in lines.map(\.text) }
    }

    @Test("M8.3, M8.5: every script has exactly these globals and library functions")
    func globals() throws {
        let stock = Set(ScriptAPI.absentGlobals.keys)
        let candidates = ScriptAPI.commonGlobals.union(stock)
        var names = candidates.sorted()
        for (library, members) in ScriptAPI.libraries { names += members.map { "\(library).\($0)" } }
        for (library, members) in ScriptAPI.absentMembers { names += members.map { "\(library).\($0)" } }
        let probe = names.map { "if \($0) ~= nil then print('\($0)') end" }.joined(separator: "\n")
        var expected = ScriptAPI.commonGlobals
        for (library, members) in ScriptAPI.libraries { expected.formUnion(members.map { "\(library).\($0)" }) }
        let seen = try run(probe)
        #expect(Set(seen.keys) == ["lib", "components", "events", "spawn", "leave"])
        for (folder, lines) in seen { #expect(Set(lines) == expected, "\(folder)") }
    }

    @Test("the server has nothing that the table does not name")
    func nothingElse() throws {
        let probe = """
            for name in pairs(_G) do print(name) end
            for _, library in ipairs({ \(ScriptAPI.libraries.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")) }) do
              for name in pairs(_G[library]) do print(library .. "." .. name) end
            end
            """
        var expected = ScriptAPI.commonGlobals.union(ScriptAPI.environmentGlobals.map(\.name))
        for (library, members) in ScriptAPI.libraries { expected.formUnion(members.map { "\(library).\($0)" }) }
        for lines in try run(probe).values {
            #expect(lines.count > 80)
            #expect(Set(lines).subtracting(expected) == [])
        }
    }

    @Test("M8.6: each kind of script has exactly the globals that the table gives it")
    func environments() throws {
        let names = ScriptAPI.environmentGlobals.map(\.name)
        let seen = try run(names.map { "if \($0) ~= nil then print('\($0)') end" }.joined(separator: "\n"))
        let roles: [(String, [GameScript.Role])] = [
            ("lib", [.lib("x")]), ("components", [.component("hp")]),
            ("events", [.event(group: "a", name: "index"), .timeout(group: "a")]),
            ("spawn", [.spawn(kind: .players, .all)]), ("leave", [.leave(kind: .players, .all)]),
        ]
        for (folder, roles) in roles {
            let expected = roles.flatMap { ScriptAPI.environment(of: $0.kind) }
            #expect(Set(seen[folder] ?? []) == Set(expected), "\(folder)")
        }
    }

    @Test("the files of sockets/ have exactly the globals that the table gives them, and io")
    func socketEnvironments() throws {
        let names = ScriptAPI.environmentGlobals.map(\.name) + ["io"]
        let code = names.map { "if \($0) ~= nil then print('\($0)') end" }.joined(separator: "\n")
        let map = try TestMap([
            "sockets/connect.lua": code, "sockets/go.lua": code, "sockets/disconnect.lua": code, "lib/a.lua": code,
        ])
        let socket = map.connect()
        map.emit(socket, "go", "1", acknowledgement: 1)
        map.disconnect(socket)
        for role in [GameScript.Role.socket("connect"), .socket("go"), .socket("disconnect"), .lib("a")] {
            let script = try #require(map.simulation.game.script(role))
            let seen = map.simulation.log.lines.filter { $0.script == script.path }.map(\.text)
            #expect(Set(seen) == Set(ScriptAPI.environment(of: role.kind) + ["io"]), "\(script.path)")
        }
        #expect(map.errors == [])
    }

    @Test("fields that are read hold values of the described type")
    func types() throws {
        let map = try ScriptWorld.map()
        var script = ""
        var expected: [String] = []
        for (owner, path) in [(ScriptAPI.entity, "object"), (ScriptAPI.map, "map"), (ScriptAPI.event, "event")] {
            for member in owner.members where member.function == nil && !member.type.hasSuffix("?") {
                script += "print('\(path).\(member.name)', type(\(path).\(member.name)))\n"
                let type =
                    switch member.type {
                    case "integer": "number"
                    case "EntityType": "string"
                    case "Components", "Events": "table"
                    default: member.type
                    }
                expected.append("\(path).\(member.name)\t\(type)")
            }
        }
        map.script(script)
        #expect(map.prints == expected)
    }

    @Test("a function of a lib sees no object of the script that calls it")
    func libFunctions() throws {
        let map = try ScriptWorld.map(["lib/probe.lua": "function probe() return type(object), type(data) end"])
        map.script("print(probe())")
        #expect(map.prints == ["nil\tnil"])
    }
}
