import GameRules
import JSONValues
import NIOCore
import Simulation
import Storage
import Testing

@testable import Gateway
@testable import Transport

@Suite("Clients that come back to their sockets of scripts") struct SocketRecoveryTests {
    private let bench: SocketBench
    private var map: SocketMap { bench.map }

    init() throws { bench = try SocketBench() }

    /// A client that is back: first its loop hops to that of the socket, then to that of its former connection, then
    /// back.
    private func back(
        _ answer: SocketBench.Answer, _ offset: String? = nil, over loops: SocketBench.Client...
    ) throws -> SocketBench.Client {
        let client = try bench.client(answer.back(offset))
        for other in loops { other.run() }
        client.run()
        return client
    }

    @Test("without the setting nothing is kept, and the map hears at once that the client has left")
    func off() throws {
        let bench = try SocketBench(recovery: .zero)
        let client = try bench.client()
        let answer = try client.answer()
        #expect(answer.pid == nil && bench.core.recovery == nil)
        client.line.disconnect()
        #expect(bench.map.takeTexts() == ["open guest", "close transport close"])
        #expect(bench.core.scriptSockets.count == 0)
    }

    @Test("a client that is back on another event loop has its socket and what it missed, and the map hears nothing")
    func comeBack() throws {
        let (first, answer) = try bench.enter()
        map.send(map.events("a", "b"))
        first.run()
        #expect(try first.take() == [#"2["a","m1"]"#, #"2["b","m2"]"#])
        first.line.disconnect()
        map.send(map.events("c"), .acknowledge(0, []), map.events("d"))
        first.run()
        let second = try back(answer, "m1", over: first)
        let again = try second.answer()
        #expect(again.sid == answer.sid && again.pid == answer.pid)
        #expect(again.events == [#"2["b","m2"]"#, #"2["c","m3"]"#, #"2["d","m4"]"#])
        #expect(map.takeTexts() == [])

        try second.line.receive(.text(#"2["move",1]"#))
        #expect(map.takeTexts() == ["event move [1] -"])
        map.send(map.events("e"), map.events("f"))
        first.run()
        second.run()
        #expect(try second.take() == [#"2["e","m5"]"#, #"2["f","m6"]"#])
        #expect(bench.core.metrics.openSessions == 1)
        try second.line.receive(.text("1"))
        #expect(map.takeTexts() == ["close client namespace disconnect"])
        #expect(bench.core.scriptSockets.count == 0)
    }

    /// What the map sends is under way at each step of the change from the second connection to the third.
    @Test("what is under way while a client comes back arrives once, in order", arguments: 0...4)
    func underWay(step: Int) throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        let second = try back(answer, over: first)
        #expect(try second.answer().events == [])
        map.send(map.events("a"))
        first.run()
        // The second loop has a job with an event, and its connection is lost before that runs.
        second.line.disconnect()
        func send(at now: Int) {
            if now == step { map.send(map.events("b"), map.events("c")) }
        }
        send(at: 0)
        let third = try bench.client(answer.back())
        send(at: 1)
        first.run()
        send(at: 2)
        second.run()
        send(at: 3)
        third.run()
        send(at: 4)
        for client in [first, second, third] { client.run() }
        map.send(map.events("z"))
        for client in [first, second, third] { client.run() }
        let again = try third.answer()
        #expect(again.sid == answer.sid)
        let names = again.events.map { String($0.dropFirst(3).prefix { $0 != "\"" }) }
        #expect(names == ["a", "b", "c", "z"])
        #expect(map.takeTexts() == [])
    }

    @Test("a client that is lost again while it comes back can come back once more")
    func lostWhileReturning() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        map.send(map.events("a"))
        first.run()
        let second = try bench.client(answer.back())
        second.line.disconnect()
        let third = try bench.client(answer.back())
        map.send(map.events("b"))
        // The hop to the first loop, with both changes, then to the second, which still waits for the first.
        for _ in 0..<3 { for client in [first, second, third] { client.run() } }
        #expect(try second.take() == [])
        let again = try third.answer()
        #expect(again.sid == answer.sid)
        #expect(again.events == [#"2["a","m1"]"#, #"2["b","m2"]"#])
        #expect(map.takeTexts() == [])
        try third.line.receive(.text("1"))
        #expect(map.takeTexts() == ["close client namespace disconnect"])
    }

    @Test("a client that leaves while it comes back has left")
    func leaveWhileReturning() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        let second = try bench.client(answer.back())
        try second.line.receive(.text("1"))
        first.run()
        second.run()
        #expect(map.takeTexts() == ["close client namespace disconnect"])
        #expect(bench.core.scriptSockets.count == 0)
    }

    @Test("a client that is back before its loss was noticed takes its socket over")
    func takeOver() throws {
        let (first, answer) = try bench.enter()
        let second = try bench.client(answer.back())
        map.send(map.events("a"))
        first.run()
        #expect(!first.line.isConnected)
        second.run()
        first.run()
        second.run()
        let again = try second.answer()
        #expect(again.sid == answer.sid)
        #expect(again.events == [#"2["a","m1"]"#])
        #expect(map.takeTexts() == [])
    }

    @Test("after its time the map hears, once, for which reason the client has left")
    func gone() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        #expect(map.takeTexts() == [])
        bench.clock.advance(by: .seconds(119))
        bench.core.recovery?.sweep()
        #expect(map.takeTexts() == [])
        bench.clock.advance(by: .seconds(1))
        bench.core.recovery?.sweep()
        #expect(map.takeTexts() == ["close transport close"])
        #expect(bench.core.scriptSockets.count == 0)
        let second = try bench.client(answer.back())
        #expect(try second.answer().sid != answer.sid)
        #expect(map.takeTexts() == ["open guest"])
    }

    @Test("a script's disconnect ends a socket whose client is away")
    func disconnect() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        map.send(map.events("a"), .disconnect)
        first.run()
        #expect(bench.core.scriptSockets.count == 0 && bench.core.recovery?.count == 0)
        #expect(bench.core.recovery?.bytes == 0)
        let second = try bench.client(answer.back())
        #expect(try second.answer().sid != answer.sid)
        #expect(map.takeTexts() == ["open guest"])
    }

    @Test("a client that comes back just when a script disconnects it is told so")
    func disconnectMeanwhile() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        map.send(.disconnect)
        let second = try back(answer, over: first)
        #expect(try second.take() == [#"4{"message":"the game has ended this socket"}"#])
        #expect(map.takeTexts() == [])
        #expect(bench.core.recovery?.count == 0)
    }

    @Test("a client at an address that was banned meanwhile does not come back, and has left")
    func banned() throws {
        let (first, answer) = try bench.enter()
        first.line.disconnect()
        bench.core.standings.add(
            Ban(addresses: "127.0.0.1", reason: "spam", madeBy: "ann", created: 1))
        let second = try back(answer, over: first)
        let sent = try second.take()
        #expect(sent.count == 1 && sent.first?.contains(#""code":"banned""#) == true, "\(sent)")
        #expect(map.takeTexts() == ["close server namespace disconnect"])
        #expect(bench.core.recovery?.count == 0 && bench.core.scriptSockets.count == 0)
    }

    @Test("a guest does not come back to a game that takes no guests any more, or that has no scripts any more")
    func changedRules() throws {
        for change in [{ $0.allowsGuests = false }, { $0.hasScripts = false }] as [(inout SocketRules) -> Void] {
            let (first, answer) = try bench.enter()
            first.line.disconnect()
            bench.core.reconfigure { change(&$0.sockets) }
            let second = try back(answer, over: first)
            #expect(try second.take().first?.contains(#""code":"unauthorized""#) == true)
            #expect(map.takeTexts() == ["close server namespace disconnect"])
            bench.core.reconfigure {
                $0.sockets.allowsGuests = true
                $0.sockets.hasScripts = true
            }
        }
    }

    @Test("an answer to an event of the former connection does not reach the new one, which counts from 0 too")
    func acknowledgements() throws {
        let (first, answer) = try bench.enter()
        try first.line.receive(.text(#"20["a"]"#))
        #expect(map.takeTexts() == ["event a [] 0"])
        first.line.disconnect()
        let second = try back(answer, over: first)
        _ = try second.answer()
        try second.line.receive(.text(#"20["b"]"#))
        let asked = try #require(map.takeTexts().first?.split(separator: " ").last.flatMap { Int($0) })
        map.send(.acknowledge(0, [.string("for a")]), .acknowledge(asked, [.string("for b")]))
        first.run()
        second.run()
        #expect(try second.take() == [#"30["for b"]"#])
    }

    @Test("a client that the server ends is not kept", arguments: ["script", "violation", "stop"])
    func ended(why: String) throws {
        let (first, _) = try bench.enter()
        switch why {
        case "script":
            map.send(.disconnect)
            first.run()
            #expect(try first.take() == ["1"])
        case "violation": try first.line.receive(.text("9"))
        default: first.line.stopServer()
        }
        first.line.disconnect()
        let reasons = ["violation": ["close parse error"], "stop": ["close server shutting down"]]
        #expect(map.takeTexts() == reasons[why, default: []])
        #expect(bench.core.recovery?.count == 0 && bench.core.scriptSockets.count == 0)
    }
}
