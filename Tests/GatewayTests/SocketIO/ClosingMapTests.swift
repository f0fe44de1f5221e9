import JSONValues
import Simulation
import Testing

@testable import Gateway
@testable import Transport

/// Stock clients of Socket.IO connect anew when their connection ends, but not after a disconnect packet, nor after a
/// refusal.
@Suite("A map that takes no sockets any more") struct ClosingMapTests {
    private let bench: SocketBench
    private var map: SocketMap { bench.map }

    init() throws { bench = try SocketBench() }

    @Test("the connections of its clients end, so that they connect anew")
    func open() throws {
        let (client, answer) = try bench.enter()
        map.send(map.events("bye"), .close)
        client.run()
        #expect(try client.line.takeSent() == [.text(#"2["bye","m1"]"#), .close(1001)])
        client.line.disconnect()
        #expect(map.takeTexts() == [], "the map need not hear of it")
        #expect(bench.core.scriptSockets.count == 0 && bench.core.recovery?.count == 0)
        #expect(bench.core.metrics.openSessions == 0)
        #expect(try bench.client(answer.back()).answer().sid != answer.sid)
    }

    @Test("a client that is away gets a new socket when it comes back")
    func away() throws {
        let (client, answer) = try bench.enter()
        client.line.disconnect()
        map.send(.close)
        client.run()
        #expect(bench.core.scriptSockets.count == 0 && bench.core.recovery?.count == 0)
        #expect(try bench.client(answer.back()).answer().sid != answer.sid)
        #expect(map.takeTexts() == ["open guest"])
    }

    @Test("a client that is just coming back should connect anew", arguments: [true, false])
    func returning(closesFirst: Bool) throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        if closesFirst { map.send(.close) }
        let second = try bench.client(answer.back())
        if !closesFirst { map.send(.close) }
        first.run()
        second.run()
        let sent = try second.line.takeSent()
        #expect(sent.last == .close(closesFirst ? 1013 : 1001), "\(sent)")
        #expect(!sent.contains { $0.text?.hasPrefix("4") == true || $0.text == "1" }, "\(sent)")
        #expect(map.takeTexts() == [] && bench.core.scriptSockets.count == 0)
    }

    @Test("a client that asks while the map starts, ends or has too much to do should ask again")
    func asking() throws {
        map.isReady = false
        #expect(try bench.client().line.takeSent() == [.close(1013)])
        map.isReady = true
        map.isFull = true
        #expect(try bench.client().line.takeSent() == [.close(1013)])
        map.isFull = false
        map.decides = false
        let client = try bench.client()
        map.send(.close)
        client.run()
        #expect(try client.line.takeSent() == [.close(1013)])
        #expect(bench.core.scriptSockets.count == 0 && bench.core.metrics.openSessions == 0)
    }
}
