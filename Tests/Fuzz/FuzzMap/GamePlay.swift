import Foundation
import FuzzDriver
import GameFolder
import JSONValues
import Wire
import World

@testable import Simulation

/// Plays a game for some ticks: commands, a changed folder and a new VM in the middle, and in the end a check that the
/// map still works.
struct GamePlay {
    private let game: GeneratedGame
    private let around = Surroundings()

    init(_ game: GeneratedGame) { self.game = game }

    func run() {
        defer { hardMemory(0, 0, 0) }
        guard let simulation = try? makeMap() else { fail("the map can't be made") }
        around.world = simulation.world
        simulation.world.maxEntities = 5
        var now = 1000.0
        func tick(_ inputs: [MapInput] = []) {
            now += 0.25
            for delivery in simulation.tick(now: now, inputs: inputs + around.takeInputs()) {
                delivery.sink.deliver(delivery.message)
            }
        }
        func record(_ kind: EntityKind, _ id: Int) -> EntityRecord {
            EntityRecord(
                key: EntityKey(kind, id), login: kind == .players ? "player\(id)" : nil, mapID: 1, x: Double(id), y: 5)
        }
        simulation.populate([record(.enemys, 1), record(.animals, 1), record(.objects, 1)], now: now)
        let clients = (1...2).map { Client($0) }
        for stage in 0..<GeneratedGame.stages {
            let hardness = game.hardness[stage]
            hardMemory(hardness.collect, hardness.fail, UInt64(game.seed) << 8 | UInt64(stage))
            switch stage {
            case 0:
                tick(clients.map { .join(record(.players, $0.playerID), $0) })
            case 1:
                tick([.replaceGame(GeneratedGame.definition(game.changed), problems: [])])
            case 2:
                simulation.rebuild(because: "of a test")
            default:
                tick([.leave(1), .replaceGame(GeneratedGame.definition(game.scripts), problems: [])])
            }
            for (event, group) in [("index", "go"), ("index", "act"), ("two", "go")] {
                tick(clients.map { .command($0.id, command(group, event, stage), receivedAt: now) })
            }
            simulation.save()
            if stage == 1 { simulation.startSampling() }
        }
        hardMemory(0, 0, 0)
        _ = simulation.stopSampling()
        if ProcessInfo.processInfo.environment["FUZZ_SHOW"] != nil {
            for error in simulation.log.errors { print("#### \(error.count) \(error.kind) \(error.message)") }
        }
        check(simulation, tick)
    }

    private func makeMap() throws -> MapSimulation {
        var surroundings = MapSimulation.Surroundings(
            ids: around, persistence: around, router: around, clock: SimulationClock(now: { 1000 }, monotonic: { 0 }))
        surroundings.queuesBuiltInEvents = false
        return try MapSimulation(
            game: GeneratedGame.definition(game.scripts), mapID: 1, seed: UInt64(game.seed), surroundings: surroundings,
            now: 1000)
    }

    private func command(_ group: String, _ event: String, _ stage: Int) -> Command {
        Command(
            group: group, event: event, commandID: Double(stage),
            parameters: ["a": .string("text"), "t": .object(["list": .array([.number(1), .object([:])])])])
    }

    /// Checks that a good script runs after the next reload in the same VM, whatever scripts did before.
    private func check(_ simulation: MapSimulation, _ tick: ([MapInput]) -> Void) {
        var good = game.scripts
        for path in good.keys { good[path] = "" }
        good["lib/a.lua"] = "function good(t) table.sort(t) return table.concat(t, ',') end"
        good["spawn/enemys.lua"] = "print(good({3, 1, 2}), ('x'):rep(3), object.components.num)"
        tick([.replaceGame(GeneratedGame.definition(good), problems: [])])
        simulation.world.maxEntities = 1000
        var record = EntityRecord(key: EntityKey(.enemys, 5000), mapID: 1, x: 3, y: 3)
        record.components["num"] = .number(7)
        let errors = simulation.log.errorCount
        tick([.arrive(record, from: nil)])
        let lines = simulation.log.lines.map(\.text)
        if lines.contains("1,2,3\txxx\t7") { return }
        let told = simulation.log.errors.suffix(simulation.log.errorCount - errors)
        // On a busy machine any script may reach its time limit.
        if told.contains(where: { $0.kind == "time_limit" }) { return }
        fail("a good script does not run: \(told.map(\.message)) \(lines.suffix(20))")
    }
}

@_silgen_name("plr_hard_memory")
private func hardMemory(_ collectEvery: UInt32, _ failEvery: UInt32, _ seed: UInt64)
