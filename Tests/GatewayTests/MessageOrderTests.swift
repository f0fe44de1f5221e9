import JSONValues
import Simulation
import SimulationTestKit
import Testing
import Wire
import World

@testable import Gateway

@Suite("The order of what a client is sent, over each transport [1-protocol 7]") struct MessageOrderTests {
    /// A session over a transport, on a map whose ticks the test runs.
    private final class PlayedMap {
        let map: TestMap
        let bench: SessionBench
        private let recording = RecordingMap()
        private var inputs: [MapInput] = []

        init(_ files: [String: String], over transport: TestTransport) throws {
            map = try TestMap(files, mapID: 4)
            bench = try SessionBench(over: transport, map: recording, joins: false)
            recording.simulation = { [weak self] in self?.inputs.append($0) }
            bench.join()
        }

        func tick() {
            let deliveries = map.tick(inputs)
            inputs = []
            for delivery in deliveries { delivery.sink.deliver(delivery.message) }
            for delivery in deliveries { delivery.sink.flush() }
        }

        func received() throws -> [JSONObject] {
            try bench.texts().compactMap { try JSON(parsing: $0).object }
        }
    }

    @Test(
        "the snapshot comes first, and each entity's record before a script's message about it",
        arguments: TestTransport.allCases, [60, 30, 10])
    func order(transport: TestTransport, sendRate: Int) throws {
        let played = try PlayedMap(
            [
                "game.yaml": "tick_rate: 60\nsend_rate: \(sendRate)\n",
                "spawn/players.lua": "object.send({key = object.key})",
                "events/go/index.lua":
                    "--@public true\nmap.broadcast({key = objects.add('enemys', {x = 1, y = 1}).key})",
                "events/go/timeout.lua": "return 0\n",
            ], over: transport)
        played.tick()
        for _ in 0..<12 {
            try played.bench.receive(#"{"action":"go"}"#)
            played.tick()
        }
        for _ in 0..<12 { played.tick() }
        let messages = try played.received()
        #expect(messages.first?["action"] == .string("load/index"))
        var known: Set<String> = []
        var named = 0
        for message in messages {
            for record in ["players", "enemys"].flatMap({ message[$0]?.array ?? [] }) {
                if let key = record.object?["key"]?.string { known.insert(key) }
            }
            guard message["tick"] == nil, let key = message["key"]?.string else { continue }
            named += 1
            #expect(known.contains(key), "\(key) is not known yet")
        }
        #expect(named == 13)
        #expect(played.map.errors == [])
    }
}
