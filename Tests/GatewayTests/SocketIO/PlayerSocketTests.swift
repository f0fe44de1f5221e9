import JSONValues
import NIOCore
import Simulation
import Testing
import Wire

@testable import Gateway
@testable import Transport

@Suite("Players over Socket.IO: commands, acknowledgements and events") struct PlayerSocketTests {
    static let transports: [TestTransport] = [.socketIOPolling, .socketIOWebSocket]

    /// A player on a map, and the client's end of its connection.
    private struct Player {
        let bench: SessionBench
        let link: SocketIOLink

        init(over transport: TestTransport, limits: SessionLimits = SessionLimits()) throws {
            bench = try SessionBench(over: transport, limits: limits)
            link = try #require(bench.link as? SocketIOLink)
            #expect(try link.takePackets().count == 1, "the answer to its connection")
        }

        /// The packets that the client got since the last call, without the namespace.
        func packets() throws -> [String] { try link.takePackets().map { $0.replacing("/perigee,", with: "") } }
    }

    @Test("each kind of message has its event", arguments: transports)
    func events(transport: TestTransport) throws {
        let player = try Player(over: transport)
        player.bench.deliver(.snapshot, #"{"action":"load/index"}"#)
        player.bench.deliver(.delta, #"{"tick":1}"#)
        player.bench.deliver(.direct, #"{"hello":[1,2]}"#)
        player.bench.deliver(.notice, #"{"action":"map","map_id":4}"#)
        player.bench.deliver(.error, #"{"error":"no","code":"not_public"}"#)
        #expect(
            try player.packets() == [
                #"42["load/index",{"action":"load/index"}]"#, #"42["delta",{"tick":1}]"#,
                #"42["message",{"hello":[1,2]}]"#, #"42["map",{"action":"map","map_id":4}]"#,
                #"42["error",{"error":"no","code":"not_public"}]"#,
            ])
    }

    @Test("the payload has the parameters, and the members that every command may have", arguments: transports)
    func parameters(transport: TestTransport) throws {
        let player = try Player(over: transport)
        var commands: [Command] = []
        player.bench.map.simulation = { input in
            if case .command(_, let command, _) = input { commands.append(command) }
        }
        let payload: JSONObject = [
            "x": .number(3), "command_id": .number(5), "ping": .number(0.1), "unixtime": .number(1000),
        ]
        try player.link.emit("move/to", .object(payload))
        // A parameter may have the name of what a command has itself.
        try player.link.emit("say", .object(["action": .string("loud"), "data": .number(1)]))
        try player.link.emit("stop", .null)
        try player.link.emit("stop", nil)
        #expect(try player.packets() == [])
        #expect(
            commands == [
                Command(
                    group: "move", event: "to", commandID: 5, ping: 0.1, unixtime: 1000, parameters: ["x": .number(3)]),
                Command(group: "say", parameters: ["action": .string("loud"), "data": .number(1)]),
                Command(group: "stop"), Command(group: "stop"),
            ])
    }

    @Test("a command is acknowledged when it ran, after the delta that says so", arguments: transports)
    func acknowledged(transport: TestTransport) throws {
        let player = try Player(over: transport)
        try player.link.emit("move/to", .object(["x": .number(3)]), acknowledgement: 0)
        try player.link.emit("say", .object(["command_id": .number(77)]), acknowledgement: 12)
        try player.link.emit("look", .object(["command_id": .null]), acknowledgement: 13)
        try player.link.emit("wait", nil)
        #expect(try player.packets() == [])
        let commands =
            #"{"move":{"command_id":1,"wait_time":0.2},"say":{"command_id":77},"#
            + #""look":{"command_id":2}}"#
        let own = OwnMembers(commands: Array(commands.utf8))
        player.bench.session.deliver(.text(.delta, #"{"tick":1}"#).with(own))
        player.bench.session.flush()
        #expect(
            try player.packets() == [
                #"42["delta",{"tick":1}]"#, #"430[{"ok":true,"wait_time":0.2}]"#, #"4312[{"ok":true,"wait_time":0}]"#,
                #"4313[{"ok":true,"wait_time":0}]"#,
            ])
    }

    @Test("a request for the world is acknowledged after the snapshot", arguments: transports)
    func load(transport: TestTransport) throws {
        let player = try Player(over: transport)
        try player.link.emit("load/index", nil, acknowledgement: 3)
        #expect(player.bench.map.inputs.last == "reload 7")
        player.bench.deliver(.snapshot)
        #expect(try player.packets() == [#"42["load/index",{}]"#, #"433[{"ok":true,"wait_time":0}]"#])
        player.bench.deliver(.snapshot)
        #expect(try player.packets() == [#"42["load/index",{}]"#])
    }

    @Test(
        "a refusal is the acknowledgement, if the client wants one, and else the event error",
        arguments: [
            ("no command", #"{}"#), ("a/b/c", #"{}"#), ("move", #"{"command_id":"x"}"#), ("move", #"{"ping":-1}"#),
            ("move", "[1]"), ("move", "7"), (String(repeating: "a", count: 100) + "!", #"{}"#),
        ])
    func refused(name: String, payload: String) throws {
        for transport in Self.transports {
            let player = try Player(over: transport)
            let argument = try JSON(parsing: payload)
            try player.link.emit(name, argument, acknowledgement: 8)
            let answer = try player.packets()
            #expect(answer.count == 1 && answer[0].hasPrefix(#"438[{"error":""#), "\(answer)")
            #expect(answer.first?.contains(#""code":"bad_"#) == true, "\(answer)")
            try player.link.emit(name, argument)
            let event = try player.packets()
            #expect(event.count == 1 && event[0].hasPrefix(#"42["error",{"error":""#), "\(event)")
            #expect(player.bench.map.inputs.count == 1)
        }
    }

    @Test("a refusal of the map comes later, and is the acknowledgement too", arguments: transports)
    func refusedByMap(transport: TestTransport) throws {
        let player = try Player(over: transport)
        try player.link.emit("move/to", nil, acknowledgement: 4)
        let error = CommandError(.missingParameter, "x is missing", action: "move/to", commandID: 1)
        player.bench.session.deliver(OutboundMessage(kind: .error, json: error.payload))
        player.bench.session.flush()
        #expect(try player.packets() == [#"434[{"error":"x is missing","code":"missing_parameter"}]"#])
    }

    @Test("the refusal that ends the session is the acknowledgement, and the reason of the end an event")
    func lastRefusal() throws {
        var limits = SessionLimits()
        limits.maxRefusals = 1
        let player = try Player(over: .socketIOWebSocket, limits: limits)
        try player.link.emit("no command", nil, acknowledgement: 1)
        let packets = try player.packets()
        #expect(packets.count == 3 && packets[0].hasPrefix("431["), "\(packets)")
        #expect(packets[1].hasPrefix(#"42["error","#) && packets[1].contains(#""code":"too_many_refusals""#))
        #expect(packets[2] == "41")
    }

    @Test("binary data and several arguments are no command", arguments: transports)
    func otherArguments(transport: TestTransport) throws {
        let player = try Player(over: transport)
        let namespace = transport == .socketIOPolling ? "" : "/perigee,"
        try player.link.send("42\(namespace)5[\"move\",{},{}]")
        #expect(try player.packets().first?.contains("bad_command") == true)
        #expect(player.bench.map.inputs.count == 1 && player.bench.isConnected)
    }

    @Test(
        "after the end for which a client should come back its connection ends, after others only its socket",
        arguments: [
            (CloseCode.goingAway, true), (.tryAgainLater, true), (.internalError, true), (.normal, false),
            (.policyViolation, false), (.replaced, false), (.kicked, false),
        ])
    func ends(code: CloseCode, endsConnection: Bool) throws {
        for transport in Self.transports {
            let player = try Player(over: transport)
            player.link.connection.close(code, reason: "")
            #expect(try player.packets() == [endsConnection ? "1" : "41"])
        }
    }

    @Test("what counts of a snapshot are its bytes and those of its event", arguments: transports)
    func size(transport: TestTransport) throws {
        var limits = SessionLimits()
        limits.sendBufferBytes = 1000
        let player = try Player(over: transport, limits: limits)
        player.bench.deliver(.snapshot, "[" + String(repeating: " ", count: 3000) + "]")
        #expect(player.bench.waitingLimit == 1000 + 3002 + 24)
    }

    @Test("a client that leaves before it is accepted leaves no session behind", arguments: transports)
    func leftEarly(transport: TestTransport) throws {
        let metrics = GatewayMetrics()
        let link = try transport.makeLink(SessionLimits(), metrics.transport, isCompact: false) { .zero }
        link.disconnect()
        let session = CountingSession()
        try link.open(session)
        #expect(session.calls == 0 && !link.isConnected)
    }

    /// Counts what it is told.
    private final class CountingSession: ClientSession {
        private(set) var calls = 0
        func connectionOpened() { calls += 1 }
        func heard() { calls += 1 }
        func received(_ message: [UInt8], isText: Bool) { calls += 1 }
        func receivedControl() -> Bool {
            calls += 1
            return true
        }
        func violated(_ code: CloseCode, _ description: String) { calls += 1 }
        func clientCloses() { calls += 1 }
        func writabilityChanged(_ isWritable: Bool) { calls += 1 }
        func connectionShed() { calls += 1 }
        func serverStops() { calls += 1 }
        func connectionFailed(_ error: any Error) { calls += 1 }
        func connectionEnded() { calls += 1 }
    }
}
