import GameRules
import JSONValues
import Simulation
import Storage
import Testing

@testable import Gateway
@testable import Transport

@Suite("Operators end sockets of scripts") struct SocketEndingTests {
    private let bench: SocketBench
    private var map: SocketMap { bench.map }

    init() throws { bench = try SocketBench() }

    /// Ends the sockets of guests at an address.
    @discardableResult
    private func end(at address: String = "127.0.0.1") -> Int {
        let address = IPAddress(address)
        return bench.core.registry.end(because: .ended) { $0 == nil && $1 == address }
    }

    private func code(of packet: String?, after head: String) throws -> String? {
        let packet = try #require(packet)
        #expect(packet.hasPrefix(head), "\(packet)")
        let json = try JSON(parsing: String(packet.drop { $0.isNumber }))
        let error = json.object?["data"] ?? json.array?.dropFirst().first
        return error?.object?["code"]?.string
    }

    /// Nothing of the socket is left, and its client gets a new one when it comes back.
    private func expectGone(_ answer: SocketBench.Answer) throws {
        #expect(bench.core.scriptSockets.count == 0 && bench.core.recovery?.count == 0)
        let back = try bench.client(answer.back())
        #expect(try back.answer().sid != answer.sid)
        #expect(map.takeTexts() == ["open guest"])
    }

    @Test("a client is told why its socket ends, and the map that it has ended")
    func open() throws {
        let (client, answer) = try bench.enter()
        #expect(end(at: "127.0.0.2") == 0)
        #expect(end() == 1)
        client.run()
        let sent = try client.take()
        #expect(try code(of: sent.first, after: #"2["error",{"#) == "ended")
        #expect(sent.dropFirst() == ["1"])
        #expect(map.takeTexts() == ["close server namespace disconnect"])
        #expect(end() == 0)
        try expectGone(answer)
    }

    @Test("a client that is away can't come back to a socket that was ended")
    func away() throws {
        let (client, answer) = try bench.enter()
        client.line.disconnect()
        #expect(end() == 1)
        client.run()
        #expect(map.takeTexts() == ["close server namespace disconnect"])
        try expectGone(answer)
    }

    @Test("a client that comes back while its socket is ended does not keep it", arguments: [true, false])
    func returning(endsFirst: Bool) throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        if endsFirst { end() }
        let second = try bench.client(answer.back())
        if !endsFirst { end() }
        first.run()
        second.run()
        let sent = try second.take()
        if endsFirst {
            #expect(sent == [#"4{"message":"the game has ended this socket"}"#])
        } else {
            #expect(sent.count == 3 && sent.last == "1")
            #expect(try code(of: sent.dropFirst().first, after: #"2["error",{"#) == "ended")
        }
        #expect(map.takeTexts() == ["close server namespace disconnect"])
        try expectGone(answer)
    }

    @Test("a client that is back at another address is found there")
    func moved() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        let second = try bench.client(answer.back(), address: "192.0.2.7")
        first.run()
        _ = try second.answer()
        #expect(end() == 0)
        #expect(end(at: "192.0.2.7") == 1)
        first.run()
        second.run()
        #expect(try second.take().last == "1")
        #expect(map.takeTexts() == ["close server namespace disconnect"])
    }

    @Test("a client about which the map has not decided is refused")
    func opening() throws {
        map.decides = false
        let client = try bench.client()
        #expect(end() == 1)
        client.run()
        let sent = try client.take()
        #expect(try code(of: sent.first, after: "4{") == "ended")
        map.send(.accept)
        client.run()
        #expect(try client.take() == [] && sent.count == 1)
        #expect(map.takeTexts() == ["open guest", "close server namespace disconnect"])
        #expect(bench.core.scriptSockets.count == 0 && bench.core.metrics.openSessions == 0)
    }

    @Test("a socket that the map refuses is not kept")
    func refused() throws {
        map.decides = false
        let client = try bench.client()
        map.send(.refuse(message: "no"))
        client.run()
        #expect(try client.take() == [#"4{"message":"no"}"#])
        #expect(bench.core.scriptSockets.count == 0)
    }

    @Test("over an open connection a banned address gets no further socket")
    func bannedAddress() throws {
        let (client, _) = try bench.enter()
        try client.line.receive(.text("1"))
        #expect(map.takeTexts() == ["close client namespace disconnect"])
        bench.core.standings.add(Ban(addresses: "127.0.0.1", reason: "spam", madeBy: "op", created: 1))
        for namespace in ["", "/perigee,"] {
            try client.line.receive(.text("0" + namespace))
            let answer = try client.take().first.map { String($0.drop { $0 != "{" }) }
            #expect(try code(of: answer, after: "{") == "banned")
        }
        #expect(map.takeTexts() == [])
    }
}
