import AttackFiles
import Foundation
import GameFolder
import GameRules
import JSONValues
import LuaSandbox
import Synchronization
import Testing
import World

@testable import Simulation

/// A map with one attack among its scripts: as an event, a component's trigger, a group's timeout formula, or a lib.
final class AttackedMap {
    /// The kind of script as which an attack is run.
    enum Role: String, CaseIterable {
        case event, trigger, timeout, lib
    }

    let simulation: MapSimulation
    let watcher: Outcomes
    private var now = 1000.0

    private static let player = EntityKey(.enemys, 1)

    /// Makes the map; an attack that is a lib runs at once.
    init(_ attack: Attack, as role: Role) throws {
        watcher = Outcomes(attack)
        var surroundings = MapSimulation.Surroundings(
            ids: Numbers(), clock: SimulationClock(now: { 1000 }, monotonic: { 0 }))
        surroundings.watcher = watcher
        surroundings.queuesBuiltInEvents = false
        simulation = try MapSimulation(
            game: Self.game(attack, role), mapID: 1, seed: 1, surroundings: surroundings, now: now)
        simulation.populate([EntityRecord(key: Self.player, mapID: 1, x: 5, y: 5)], now: now)
    }

    /// The name of an attack's script; errors show it.
    static func path(_ attack: Attack, as role: Role) -> String { "\(role.rawValue)/\(attack.name)" }

    private static func game(_ attack: Attack, _ role: Role) -> GameDefinition {
        func script(_ role: GameScript.Role, _ path: String, _ source: String) -> GameScript {
            GameScript(role: role, path: path, source: Array(source.utf8))
        }
        // Scripts can see the globals that a lib assigns, so an attack as a lib may make `secret` visible.
        let after = role == .lib ? Attack.after.replacing("tostring(secret)", with: "'nil'") : Attack.after
        var scripts = [
            script(.lib("a"), Attack.libName, Attack.lib),
            script(.event(group: "set", name: "index"), "set", "object.components.attacked = 1"),
            script(
                .event(group: "after", name: "index"), "after",
                "print((function() \(after) end)(), object.components.after)"),
        ]
        let place: GameScript.Role =
            switch role {
            case .event: .event(group: "attack", name: "index")
            case .trigger: .component("attacked")
            case .timeout: .timeout(group: "formula")
            case .lib: .lib("b")
            }
        scripts.append(GameScript(role: place, path: path(attack, as: role), source: attack.source))
        scripts.append(script(.event(group: "formula", name: "index"), "formula", "return"))
        let event = EventDefinition(name: "index", isPublic: true)
        let groups = ["attack", "set", "after", "formula"].map {
            EventGroupDefinition(name: $0, hasTimeoutFormula: $0 == "formula", events: [event])
        }
        let components = [
            ComponentDefinition(name: "attacked", type: .number, hasTrigger: true),
            ComponentDefinition(name: "after", type: .number, defaultValue: .number(5)),
        ]
        var configuration = GameConfiguration()
        configuration.memoryLimitBytes = attack.memoryMiB << 20
        return GameDefinition(
            configuration: configuration, schema: Schema(components: components, groups: groups), scripts: scripts,
            maps: [MapGeometry(id: 1, name: "one", width: 12, height: 12)])
    }

    /// Runs a group's event in a tick of its own; does nothing when the event's script did not compile.
    func run(_ group: String) throws {
        guard simulation.world.queue.groupIndices[group] != nil else { return }
        now += 2
        let entity = try #require(simulation.world[Self.player])
        try simulation.world.addEvent(group: group, event: "index", data: [:], to: entity, now: now)
        _ = simulation.tick(now: now, inputs: [])
    }

    /// Whether the script ``Attack/after`` still works, and the world can be read.
    func isWell() throws -> Bool {
        watcher.isAttacked = false
        try run("after")
        return simulation.log.lines.suffix(2).contains { $0.text == "\(Attack.expectedAfter)\t5" }
    }
}

/// Records how each script ended, and gives the attack its own time limit.
final class Outcomes: MapWatcher {
    /// How a script ended, and the CPU time that it took in milliseconds.
    struct Outcome {
        var error: ScriptError?
        var cpuMs = 0.0
    }

    private struct State {
        var isAttacked = true
        var begun: [Double] = []
        var ended: [String: Outcome] = [:]
    }

    /// The limit that a map passes for compiling a script. None of the game's other limits has this value.
    private static let compileLimit = Duration.milliseconds(250)
    private let attackLimit: Duration
    private let state = Mutex(State())

    /// Whether the attack is running (`true`), or the script that must work after it (`false`).
    var isAttacked: Bool {
        get { state.withLock { $0.isAttacked } }
        set { state.withLock { $0.isAttacked = newValue } }
    }

    /// Gives an attack that must not end by its time limit at least 60 s: a machine may be busy, a sanitizer is slow.
    init(_ attack: Attack) {
        let limit = Duration.milliseconds(attack.limitMs)
        attackLimit = attack.outcome == .time ? limit : max(limit, .seconds(60))
    }

    /// How the script with this path failed for the first time or, if it never failed, how it ended last.
    subscript(path: String) -> Outcome? { state.withLock { $0.ended[path] } }

    func limit(_ usual: Duration) -> Duration {
        state.withLock { state in
            state.begun.append(Self.cpuMs())
            // Compiling, of the attack or of another script, is not the attack's run.
            let isCompiled = usual == Self.compileLimit
            return state.isAttacked && !isCompiled ? attackLimit : max(attackLimit, .seconds(5))
        }
    }

    func ended(_ path: String, _ error: ScriptError?) -> ScriptError? {
        state.withLock { state in
            let begin = state.begun.removeLast()
            // A full VM is replaced by a new one, which compiles all scripts again: keep the first failure.
            if state.ended[path]?.error != nil { return }
            state.ended[path] = Outcome(error: error, cpuMs: Self.cpuMs() - begin)
        }
        return error
    }

    private static func cpuMs() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}

private final class Numbers: EntityIDSource {
    private let last = Mutex(100)
    func nextID(_ kind: EntityKind) -> Int {
        last.withLock { last in
            last += 1
            return last
        }
    }
}
