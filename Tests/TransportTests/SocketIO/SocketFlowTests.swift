import NIOCore
import Testing
import Wire

@testable import Transport

@Suite("Times and back-pressure of Socket.IO") struct SocketFlowTests {
    private struct Broken: Error {}

    // MARK: - Times

    @Test("a connection without a namespace is closed after 45 s, also when it had one")
    func connectTimeout() {
        var client = TestClient()
        client.line.receive("0/random")
        client.advance(by: .milliseconds(44_999))
        #expect(client.line.isConnected)
        client.advance(by: .milliseconds(1))
        #expect(client.line.closeCode == .policyViolation)

        client = TestClient()
        _ = client.join()
        client.advance(by: .seconds(100))
        #expect(client.line.isConnected)
        client.line.receive("1")
        client.advance(by: .seconds(44))
        let socket = client.join()
        client.advance(by: .seconds(100))
        socket.link.disconnect()
        client.advance(by: .seconds(45))
        #expect(client.line.closeCode == .policyViolation)
    }

    @Test("a server that takes too long to decide ends the connection")
    func decisionTimeout() {
        let client = TestClient()
        client.server.decidesLater = true
        client.line.receive("0")
        client.advance(by: .seconds(45))
        #expect(client.line.closeCode == .policyViolation)
        client.server.decide(accepts: true)
        #expect(client.socket.take() == [.ended(.violation)])
    }

    @Test("attachments that never come close the connection, however slowly some of them come")
    func attachmentTimeout() {
        let client = TestClient()
        let socket = client.join()
        client.line.receive(#"53-["x"]"#)
        client.advance(by: .seconds(6))
        client.line.receive(.binary([1]))
        client.advance(by: .milliseconds(3999))
        #expect(client.line.isConnected)
        client.advance(by: .milliseconds(1))
        #expect(client.line.closeCode == .protocolError)
        #expect(socket.take().last == .ended(.violation))
    }

    @Test("attachments that came in time, and those that are not read, close nothing")
    func attachmentsInTime() {
        let client = TestClient()
        let socket = client.join()
        client.line.receive(#"51-["x"]"#, .binary([1]))
        client.advance(by: .seconds(20))
        client.line.receive(#"51-["x"]"#)
        socket.link.setReading(false)
        client.line.receive(.binary([1]))
        client.advance(by: .seconds(20))
        #expect(client.line.isConnected)
        socket.link.setReading(true)
        client.advance(by: .seconds(20))
        #expect(client.line.isConnected)
        #expect(socket.take().count == 2)
    }

    @Test("the server's pauses count for no time")
    func pauses() {
        let pause = Pause()
        let client = TestClient { $0.pauses = { pause.time } }
        pause.time = .seconds(30)
        client.advance(by: .seconds(45))
        #expect(client.line.isConnected)
        client.advance(by: .seconds(30))
        #expect(!client.line.isConnected)
    }

    // MARK: - Reading

    @Test("the client is read while all of its sockets want it")
    func reading() {
        let server = TestSockets()
        server.opened = { _ in }
        let client = TestClient(server)
        #expect(client.line.isReading)
        let main = client.join()
        #expect(!client.line.isReading)
        main.link.setReading(true)
        let other = client.join("/a")
        #expect(!client.line.isReading)
        client.line.receive(#"2["x"]"#, "1/a,", #"2["y"]"#)
        #expect(main.take() == [])
        other.link.setReading(true)
        #expect(main.take() == [.event(SocketEvent("x")), .event(SocketEvent("y"))])
        #expect(other.take() == [.ended(.clientLeft)])
        main.link.setReading(false)
        main.link.disconnect()
        #expect(client.line.isReading)
    }

    @Test("a socket about which the server has not decided does not stop the others")
    func readingUndecided() {
        let client = TestClient()
        let main = client.join()
        client.server.decidesLater = true
        client.line.receive("0/a,", #"2["x"]"#)
        #expect(main.take() == [.event(SocketEvent("x"))])
    }

    // MARK: - Writing

    @Test("the largest limits of all sockets count")
    func waitingLimits() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        main.link.limitWaiting(high: 100, low: 50)
        other.link.limitWaiting(high: 300, low: 20)
        main.link.limitWaiting(high: 200, low: 50)
        other.link.disconnect()
        #expect(client.line.waitingLimits == [[100, 50], [300, 50], [300, 50], [200, 50]])
    }

    @Test("all sockets are told about the connection, also those that open later")
    func shared() {
        let client = TestClient()
        let main = client.join()
        client.client.writabilityChanged(false)
        #expect(main.take() == [.writable(false)])
        client.line.receive("0/a,")
        let other = client.socket
        #expect(other.take() == [.opened, .writable(false)])
        client.client.writabilityChanged(true)
        client.client.connectionShed()
        client.client.serverStops()
        for socket in [main, other] { #expect(socket.take() == [.writable(true), .shed, .serverStops]) }
        main.link.ping()
        #expect(client.line.pings == 1)
        client.line.receive("0/b,")
        #expect(client.line.takeSent().last == #"4/b,{"message":"the server stops"}"#)
        client.line.fail(Broken())
        for socket in [main, other] {
            #expect(socket.take() == [.failed("Broken()"), .ended(.connectionLost(error: "Broken()"))])
        }
    }

    @Test("what arrives is heard by all sockets, and a ping is answered when all of them allow it")
    func heard() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        _ = main.take()
        client.line.receive(#"2["x"]"#)
        #expect(main.heardCount == 1)
        #expect(other.heardCount == 1)
        #expect(client.client.receivedControl())
        main.mayAnswerPing = false
        #expect(!client.client.receivedControl())
        #expect(other.take() == [.control, .control])
    }

    @Test("a socket that opens while the server stops hears of it")
    func stopsWhileDeciding() {
        let client = TestClient()
        _ = client.join()
        client.server.decidesLater = true
        client.line.receive("0/a,")
        client.client.serverStops()
        client.server.decide(accepts: true)
        #expect(client.socket.take() == [.opened, .serverStops])
    }

    @Test("a client that answers no pings has its own reason")
    func pingTimeout() {
        let client = TestClient()
        let socket = client.join()
        client.line.fail(EngineFailure.pingTimeout)
        #expect(socket.take().last == .ended(.timedOut))
    }

    @Test("a socket that ends the connection ends the others, which are told nothing more")
    func endOthers() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        main.whenTold = { if $0 == .serverStops { main.link.close(.goingAway, reason: "the server stops") } }
        client.client.serverStops()
        #expect(main.take() == [.serverStops, .ended(.serverStopped)])
        #expect(other.take() == [.ended(.serverStopped)])
    }

    @Test("without a socket the connection is shed, and ends with the server")
    func withoutSockets() {
        var client = TestClient()
        #expect(client.client.receivedControl())
        client.client.connectionShed()
        #expect(client.line.isAborted)
        client = TestClient()
        client.client.serverStops()
        #expect(client.line.closeCode == .goingAway)
        client = TestClient()
        client.client.violated(.tooBig, "a message may have 5 bytes")
        #expect(client.line.closeCode == .tooBig)
    }

    @Test("a client that closes the connection ends all sockets at once")
    func clientCloses() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        client.client.clientCloses()
        for socket in [main, other] { #expect(socket.take() == [.ended(.connectionLost(error: nil))]) }
        client.line.receive("0")
        #expect(client.server.sockets.count == 2)
        client.advance(by: .seconds(5))
        #expect(!client.line.isConnected)
    }

    @Test("a socket can end the whole connection, gently or at once")
    func endings() {
        for end in [
            { $0.close(.kicked, reason: "out") }, { $0.closeNow() }, { $0.abort() },
        ] as [(SocketLink) -> Void] {
            let client = TestClient()
            let (main, other) = (client.join(), client.join("/a"))
            end(main.link)
            #expect(!client.line.isConnected)
            for socket in [main, other] { #expect(socket.take() == [.ended(.serverClosed)]) }
        }
    }

    @Test("each end has the reason that Socket.IO's servers give")
    func reasons() {
        let reasons: [(SocketEnd, String, Bool)] = [
            (.clientLeft, "client namespace disconnect", false), (.serverLeft, "server namespace disconnect", false),
            (.serverClosed, "forced server close", false), (.serverStopped, "server shutting down", false),
            (.violation, "parse error", false), (.connectionLost(error: nil), "transport close", true),
            (.connectionLost(error: "x"), "transport error", true), (.timedOut, "ping timeout", true),
            (.returned, "transport close", true),
        ]
        for (end, reason, mayReturn) in reasons {
            #expect(end.reason == reason)
            #expect(end.mayReturn == mayReturn)
        }
    }
}

/// How long a server was paused in a test.
private final class Pause: @unchecked Sendable {
    // Used on the thread of its test only.
    var time = TimeAmount.zero
}
