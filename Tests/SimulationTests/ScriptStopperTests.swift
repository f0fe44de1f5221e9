import Foundation
import LuaSandbox
import SimulationTestKit
import Testing
import World

@testable import Simulation

@Suite("When a map has to end its scripts are stopped [design 10]") struct ScriptStopperTests {
    static let files = [
        "events/toil/index.lua": "--@public true\nobject.side = 'done'\n",
        "events/toil/timeout.lua": "return 0",
        "events/endless/index.lua": "--@public true\nprint('begun')\nwhile true do end\n",
        "game.yaml": "event_time_limit_ms: 10000\n",
    ]

    @Test("events that have not run stay pending, and nothing is logged for them")
    func pending() throws {
        let map = try TestMap(Self.files)
        map.join(1)
        map.simulation.stopper.stop()
        try map.command(1, "toil")
        map.tick()
        let entity = try #require(map.entity("players_1"))
        let record = try #require(map.simulation.world.record(of: entity))
        #expect(record.events["toil"]?.action == "index")
        #expect(record.side != "done")
        #expect(map.errors == [])
    }

    @Test("another thread stops the running script long before its limit")
    func running() throws {
        let map = try TestMap(Self.files)
        map.join(1)
        let stopper = map.simulation.stopper
        map.simulation.log.onEntry = { entry in
            if case .line(let line) = entry, line.text == "begun" { Thread { stopper.stop() }.start() }
        }
        try map.command(1, "endless")
        #expect(map.simulation.log.errors.map(\.kind) == ["stopped"])
    }

    @Test("a new VM is stopped as well")
    func rebuilt() throws {
        let map = try TestMap(Self.files)
        map.join(1)
        map.simulation.stopper.stop()
        try map.change(["game.yaml": "memory_limit_mb: 9\n"])
        #expect(throws: (any Error).self) {
            let host = map.simulation.host
            let function = try host.sandbox.compile(
                "return 1", name: "x.lua", environment: host.sandbox.baseEnvironment)
            _ = try host.sandbox.call(function, limit: .seconds(1))
        }
    }
}
