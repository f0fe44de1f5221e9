import AttackFiles
import Foundation
import LuaSandbox
import Simulation
import Testing

/// The scripts of Tests/Attacks in the places that a game has for scripts.
@Suite("Attacks on a map (M8.4: limits are real, can't be caught, and do not affect other scripts)")
struct ServerAttackTests {
    /// As in the sandbox's `AttackTests`: the test fails at ten times the allowed time, twice the limit plus 2 ms.
    static let slack = 10.0
    /// The longest source that a game compiles, in bytes.
    static let maxSourceBytes = 64 << 10

    @Test(
        "as an event, a trigger and a timeout formula: each ends as its header says, and the map goes on",
        arguments: [".", "with-lib"])
    func scripts(folder: String) throws {
        for attack in try Attack.all(in: Attack.folder.appending(path: folder)) {
            for (role, group) in [(AttackedMap.Role.event, "attack"), (.trigger, "set"), (.timeout, "formula")] {
                let map = try AttackedMap(attack, as: role)
                try map.run(group)
                check(attack, as: role, on: map)
                #expect(try map.isWell(), "\(attack.name) as \(role): \(map.simulation.log.errors.suffix(3))")
            }
        }
    }

    @Test("as a lib: each ends as its header says, and the other lib and the map go on")
    func libs() throws {
        for attack in try Attack.all(in: Attack.folder) {
            let map = try AttackedMap(attack, as: .lib)
            check(attack, as: .lib, on: map)
            #expect(try map.isWell(), "\(attack.name) as a lib: \(map.simulation.log.errors.suffix(3))")
        }
    }

    /// How an attack ends: as its header says, except for two attacks that end differently as libs.
    private static func expectation(of attack: Attack, as role: AttackedMap.Role) -> (Attack.Outcome, String) {
        switch (role, attack.name) {
        // The `_G` of a lib is a view of the libs' globals, and a lib may give those a metatable.
        case (.lib, "isolation-metatable-globals-set.lua"): (.value, "")
        // The `__index` of a lib's metatable becomes a view, whose own `__index` is a C function.
        case (.lib, "crash-setmetatable-cycle.lua"): (.runtime, "C stack overflow")
        default: (attack.outcome, attack.text)
        }
    }

    private func check(_ attack: Attack, as role: AttackedMap.Role, on map: AttackedMap) {
        let path = AttackedMap.path(attack, as: role)
        guard let ended = map.watcher[path] else {
            Issue.record("\(path) was not run")
            return
        }
        let outcome = ended.error.map { Attack.Outcome(rawValue: $0.kind.rawValue) } ?? .value
        let told: Comment = "\(path): \(ended.error.map { "\($0.kind) \($0.message)" } ?? "no error")"
        if attack.source.count > Self.maxSourceBytes {
            #expect(outcome == .syntax && ended.error?.message.contains("at most 65536 are allowed") == true, told)
            return
        }
        let (expected, text) = Self.expectation(of: attack, as: role)
        #expect(outcome == expected, told)
        if let message = ended.error?.message, !text.isEmpty { #expect(message.contains(text), told) }
        if outcome == .value, role == .trigger, attack.text != "nil" {
            let shown = map.simulation.log.errors.filter { $0.kind == "returned" }.map(\.message)
            #expect(shown == ["\(path) returned \(attack.text)"])
        }
        guard expected == .time else { return }
        #expect(
            ended.cpuMs <= Self.slack * (2 * Double(attack.limitMs) + 2), "\(path) took \(ended.cpuMs) ms of CPU time")
    }
}
