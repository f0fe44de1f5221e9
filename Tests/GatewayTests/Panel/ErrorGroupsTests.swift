import OperatorAPI
import Simulation
import Testing

@testable import AdminPanel

@Suite("Groups of errors [M7.3]") struct ErrorGroupsTests {
    static func error(
        _ message: String = "events/a/b.lua:3: no field", script: String? = "events/a/b.lua", line: Int? = 3,
        kind: String = "runtime", entity: String? = nil, time: Double = 10, version: String? = "v1",
        ran: String? = "events/a/b.lua"
    ) -> MapDiagnostics.ErrorEntry {
        .init(
            time: time, tick: 1, script: script, line: line, kind: kind, message: message, traceback: nil,
            entity: entity, version: version, ran: ran)
    }

    private func note(_ error: MapDiagnostics.ErrorEntry, map: Int = 1, in groups: inout ErrorGroups) {
        groups.note(error, id: ErrorGroups.id(of: error), map: map)
    }

    @Test(
        "numbers and entities of a message don't make another error; names do",
        arguments: [
            ("enemys_7 is 3.5 tiles away", "@ is # tiles away"), ("x is -12, not 1e5", "x is #, not #"),
            ("skill1 of players_12", "skill1 of @"), ("3-2", "#-#"), ("žluť 0x1F", "žluť #"),
            ("attempt to index field 'target' (a nil value)", "attempt to index field 'target' (a nil value)"),
        ])
    func patterns(message: String, pattern: String) {
        #expect(MessagePattern.of(message) == pattern)
        #expect(MessagePattern.of("a.lua:7: " + message, at: "a.lua:7: ") == pattern)
    }

    @Test("nine sheep with one bug are one entry with a count, first and last time, and the entities")
    func nineSheep() throws {
        var groups = ErrorGroups()
        for sheep in 1...9 {
            note(
                Self.error(
                    "events/a/b.lua:3: animals_\(sheep) has \(sheep * 2) legs", entity: "animals_\(sheep)",
                    time: Double(sheep)), map: sheep % 2, in: &groups)
        }
        let group = try #require(groups.all.first)
        #expect(groups.all.count == 1)
        #expect(group.count == 9 && group.firstSeen == 1 && group.lastSeen == 9)
        #expect(group.entities == (1...9).map { "animals_\($0)" } && !group.hasMoreEntities)
        #expect(group.maps.map(\.map) == [0, 1] && group.maps.map(\.count) == [4, 5])
        #expect(group.message.hasSuffix("animals_9 has 18 legs"))
        note(Self.error("events/a/b.lua:3: other"), in: &groups)
        note(Self.error(line: 4), in: &groups)
        note(Self.error(kind: "time_limit"), in: &groups)
        #expect(groups.all.count == 4, "another message, line or kind is another error")
    }

    @Test("groups are bounded in number and bytes; what was not seen for longest goes, mended ones first")
    func bounds() {
        var groups = ErrorGroups()
        for line in 1...ErrorGroups.maxGroups { note(Self.error(line: line, time: Double(line)), in: &groups) }
        let mended = ErrorGroups.id(of: Self.error(line: 5))
        groups.markMended(
            by: [1: ScriptStates(versions: ["events/a/b.lua": "v2"], runs: ["events/a/b.lua": 20])], at: 1)
        note(Self.error(line: 5, time: 900), in: &groups)
        for line in 6...ErrorGroups.maxGroups where line != 77 {
            note(Self.error(line: line, time: 1000 + Double(line)), in: &groups)
        }
        note(Self.error(line: 9_999, time: 2000), in: &groups)
        #expect(groups.all.count == ErrorGroups.maxGroups)
        #expect(!groups.all.contains { $0.line == 1 }, "mended and oldest")
        #expect(groups.all.contains { $0.id == mended })
        for entity in 1...50 {
            let huge = String(repeating: "x", count: 4000)
            var error = Self.error("events/a/b.lua:3: \(huge)", entity: "animals_\(entity)", time: 3000)
            error.traceback = huge
            note(error, map: entity * 2, in: &groups)
        }
        let latest = groups.all[0]
        #expect(latest.count == 50 && latest.entities.count == ErrorGroups.maxEntities && latest.hasMoreEntities)
        #expect(latest.message.utf8.count <= ErrorGroups.maxMessage + 3)
        #expect((latest.traceback?.utf8.count ?? 0) <= ErrorGroups.maxTraceback + 3)
        for map in 100...200 { note(Self.error(time: 4000), map: map, in: &groups) }
        #expect(groups.all[0].maps.count <= ErrorGroups.maxMaps)
    }

    private static let script = "events/a/b.lua"

    @Test(
        "an error is mended when another version has run 20 times without it on each map where it happened",
        arguments: [
            ("v1", 500, false, false), ("v2", 19, false, false), ("v2", 20, false, true), ("v2", 20, true, false),
        ])
    func mended(version: String, runs: Int, isFailing: Bool, isMended: Bool) {
        var groups = ErrorGroups()
        note(Self.error(), in: &groups)
        let states = ScriptStates(
            versions: [Self.script: version], runs: [Self.script: runs], failing: isFailing ? [Self.script] : [])
        groups.markMended(by: [1: states], at: 99)
        #expect(groups.all[0].mended == (isMended ? 99 : nil))
    }

    @Test("a map that has not run the newer version holds the mark back; one that does not run does not")
    func mendedOnMaps() {
        var groups = ErrorGroups()
        note(Self.error(), map: 1, in: &groups)
        note(Self.error(), map: 2, in: &groups)
        func states(_ runs: Int) -> ScriptStates {
            ScriptStates(versions: [Self.script: "v2"], runs: [Self.script: runs])
        }
        groups.markMended(by: [1: states(100), 2: states(3)], at: 99)
        #expect(groups.all[0].mended == nil)
        groups.markMended(by: [:], at: 99)
        #expect(groups.all[0].mended == nil, "no map runs, so nothing is known")
        groups.markMended(by: [1: states(100)], at: 99)
        #expect(groups.all[0].mended == 99)
        note(Self.error(time: 120, version: "v2"), map: 1, in: &groups)
        #expect(groups.all[0].mended == nil && groups.all[0].count == 3, "it is back")
        groups.markMended(by: [1: states(500)], at: 130)
        #expect(groups.all[0].mended == nil, "the version that runs has it")
    }

    @Test("an error in a lib is mended by another version of the lib and runs of the script that called it")
    func mendedLib() {
        var groups = ErrorGroups()
        note(Self.error(script: "lib/walk.lua", ran: Self.script), in: &groups)
        var states = ScriptStates(versions: ["lib/walk.lua": "v1", Self.script: "v9"], runs: [Self.script: 900])
        groups.markMended(by: [1: states], at: 99)
        #expect(groups.all[0].mended == nil)
        states.versions["lib/walk.lua"] = "v2"
        groups.markMended(by: [1: states], at: 99)
        #expect(groups.all[0].mended == 99)
    }

    @Test("an error of the console stays until it is cleared; one in a lib that it called is mended by another version")
    func console() {
        var groups = ErrorGroups()
        note(Self.error("console:1: no", script: "console", line: 1, version: nil, ran: "console"), in: &groups)
        note(Self.error(script: "lib/walk.lua", ran: "console"), in: &groups)
        note(Self.error(script: "events/gone.lua", ran: "events/gone.lua"), in: &groups)
        var states = ScriptStates(versions: ["lib/walk.lua": "v1"], runs: [Self.script: 900])
        groups.markMended(by: [1: states], at: 99)
        #expect(groups.all.filter { $0.mended != nil }.map(\.script) == ["events/gone.lua"])
        states.versions["lib/walk.lua"] = "v2"
        groups.markMended(by: [1: states], at: 99)
        #expect(groups.all.filter { $0.mended == nil }.map(\.script) == ["console"])
    }

    @Test("an error of loading is mended when the file has no mistake; one of no file stays until it is cleared")
    func mendedFile() {
        var groups = ErrorGroups()
        note(Self.error(kind: "syntax", version: "v1", ran: nil), in: &groups)
        note(Self.error("the VM can't be made", script: nil, line: nil, ran: nil), in: &groups)
        groups.markMended(by: [1: ScriptStates(versions: [Self.script: "v1"], failing: [Self.script])], at: 99)
        #expect(groups.all.allSatisfy { $0.mended == nil })
        groups.markMended(by: [1: ScriptStates(versions: [Self.script: "v1"])], at: 99)
        #expect(groups.all.filter { $0.mended != nil }.map(\.kind) == ["syntax"])
        #expect(groups.remove(where: { $0.mended != nil }) == 1)
        #expect(groups.remove(groups.all[0].id) != nil && groups.remove("nothing") == nil && groups.all.isEmpty)
    }
}
