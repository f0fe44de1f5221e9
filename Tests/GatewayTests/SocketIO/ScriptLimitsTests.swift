import JSONValues
import NIOCore
import NIOEmbedded
import ServerMetrics
import Simulation
import Testing
import Wire

@testable import Gateway
@testable import Transport

@Suite("Limits of clients of scripts") struct ScriptLimitsTests {
    private static let limited =
        #"30[{"error":"more than 1 events a second with bursts of 3","code":"rate_limited"}]"#

    /// A gateway with few events and refusals for each client.
    private func makeBench() throws -> SocketBench {
        try SocketBench(recovery: .zero) {
            $0.session.commandRate = RateLimit(burst: 3, perSecond: 1)
            $0.session.maxRefusals = 4
        }
    }

    private func send(_ count: Int, from client: SocketBench.Client) throws {
        for _ in 0..<count { try client.line.receive(.text(#"20["move"]"#)) }
    }

    /// Leaves the namespace and comes again.
    private func enterAgain(_ client: SocketBench.Client) throws {
        try client.line.receive(.text("1"))
        try client.line.receive(.text("0"))
        client.run()
        #expect(try client.take().count == 1)
    }

    @Test("who leaves the namespace and comes again has sent as many events, and was refused as often, as before")
    func leaving() throws {
        let bench = try makeBench()
        let client = try bench.client()
        _ = try client.answer()
        try send(4, from: client)
        #expect(bench.map.takeTexts() == ["open guest"] + Array(repeating: "event move [] 0", count: 3))
        #expect(try client.take() == [Self.limited])
        try enterAgain(client)
        try send(2, from: client)
        #expect(bench.map.takeTexts() == ["close client namespace disconnect", "open guest"])
        #expect(try client.take() == [Self.limited, Self.limited])
        try enterAgain(client)
        try send(1, from: client)
        #expect(try client.closeCode() == 1008)
    }

    @Test("events for which the map has no room are refused, but do not count: it is not the client's fault")
    func busy() throws {
        let bench = try SocketBench(recovery: .zero) { $0.session.maxRefusals = 4 }
        let client = try bench.client()
        _ = try client.answer()
        bench.map.isFull = true
        try send(10, from: client)
        let answers = try client.take()
        #expect(answers.count == 10 && answers.allSatisfy { $0.contains(#""code":"busy""#) }, "\(answers)")
        bench.map.isFull = false
        try send(1, from: client)
        #expect(bench.map.takeTexts() == ["open guest", "event move [] 0"])
        #expect(bench.core.metrics.registry.value(.commandsRefused) == 0)
    }

    @Test("what the map refuses counts, whether the client wants an answer or not")
    func refusedByMap() throws {
        let bench = try makeBench()
        let client = try bench.client()
        _ = try client.answer()
        try send(1, from: client)
        let error = JSON.object(["error": .string("there is no event 'move'"), "code": .string("unknown_event")])
        bench.map.send(.refuseEvent(0, error), .refuseEvent(nil, error), .refuseEvent(nil, error))
        client.run()
        #expect(try client.take() == [#"30[{"error":"there is no event 'move'","code":"unknown_event"}]"#])
        bench.map.send(.acknowledge(0, [error]))
        client.run()
        #expect(try client.closeCode() == nil, "a script may answer with an error")
        bench.map.send(.refuseEvent(nil, error))
        client.run()
        #expect(try client.closeCode() == 1008)
        #expect(bench.core.metrics.registry.value(.commandsRefused) == 4)
    }

    @Test("the bytes to and from clients are counted")
    func traffic() throws {
        let bench = try SocketBench(recovery: .zero)
        let client = try bench.client()
        _ = try client.answer()
        let event = #"20["move",{"x":1}]"#
        try client.line.receive(.text(event))
        #expect(bench.map.traffic?.received == UInt64(event.utf8.count))
        #expect(bench.core.metrics.registry.value(.receivedBytes) == Double(event.utf8.count))
        let packet = SocketPackets().event("moved", [.number(1)])
        bench.map.send(
            .packets(PacketRun(PacketBatch([packet, packet, packet]), 1..<3)), .acknowledge(0, [.bool(true)]))
        client.run()
        #expect(bench.map.traffic?.sent == UInt64(2 * packet.size + "30[true]".utf8.count))
    }

    // MARK: - max_sessions

    @Test("clients that ask at the same time get no more places than there are")
    func places() throws {
        let bench = try SocketBench(recovery: .zero) { $0.maxSessions = 2 }
        let first = [try bench.client(), try bench.client()]
        #expect(bench.core.metrics.openSessions == 0)
        let late = try bench.client()
        #expect(try late.take().first?.contains(#""code":"full""#) == true)
        for client in first { _ = try client.answer() }
        #expect(bench.core.metrics.openSessions == 2)
        try late.line.receive(.text("0"))
        #expect(try late.take().first?.contains(#""code":"full""#) == true)
        try first[0].line.receive(.text("1"))
        try late.line.receive(.text("0"))
        _ = try late.answer()
        #expect(bench.map.takeTexts().count { $0 == "open guest" } == 3)
    }

    @Test("a client that is refused, or that is gone before the decision, gives its place back")
    func returnedPlaces() throws {
        let bench = try SocketBench(recovery: .zero) { $0.maxSessions = 1 }
        bench.map.decides = false
        let first = try bench.client()
        bench.map.send(.refuse(message: "no"))
        first.run()
        #expect(try first.take() == [#"4{"message":"no"}"#])
        try bench.client().line.disconnect()
        try bench.client(#"{"session":5}"#).line.disconnect()
        bench.map.isReady = false
        #expect(try bench.client().closeCode() == 1013)
        bench.map.isReady = true
        bench.map.decides = true
        _ = try bench.client().answer()
        #expect(bench.core.metrics.openSessions == 1)
    }

    // MARK: - Sizes

    @Test("a packet may have the bytes of a command and 256 for the event around it")
    func packetSize() throws {
        var limits = SessionLimits()
        limits.maxMessageBytes = 1000
        let line = InMemoryConnection()
        let options = SocketOptions(limits) { .zero }
        let bench = try SocketBench(recovery: .zero)
        try line.open(bench.session(of: line, options: options))
        try line.receive(.text("0"))
        line.loop.run()
        let (head, tail) = (#"2["say",""#, #""]"#)
        func packet(of bytes: Int) -> String {
            head + String(repeating: "x", count: bytes - head.utf8.count - tail.utf8.count) + tail
        }
        try line.receive(.text(packet(of: 1256)))
        #expect(bench.map.takeTexts().last?.hasPrefix("event say") == true)
        try line.receive(.text(packet(of: 1257)))
        #expect(try line.takeSent().last == .close(1009))
    }
}
