import JSONValues
import NIOCore
import Testing
import Wire

@testable import Transport

@Suite("Socket.IO's namespaces") struct SocketClientTests {
    // MARK: - Joining

    @Test("the answer comes first, then what the application emits")
    func connect() {
        let server = TestSockets()
        server.opened = {
            $0.link.emit("auth", [.object([:])])
            $0.link.setReading(true)
        }
        let client = TestClient(server)
        client.line.receive("0")
        #expect(client.line.takeSent() == [#"0{"sid":"id1"}"#, #"2["auth",{}]"#])
        #expect(client.socket.link.id == "id1")
        #expect(client.socket.take() == [.opened])
        client.line.receive(#"0/a,{"token":"123"}"#)
        #expect(client.line.takeSent() == [#"0/a,{"sid":"id2"}"#, #"2/a,["auth",{}]"#])
        #expect(server.auths == [nil, ["token": .string("123")]])
    }

    @Test("a refusal says why, and the connection stays")
    func refuse() {
        let client = TestClient()
        client.line.receive("0/random")
        #expect(client.line.takeSent() == [#"4/random,{"message":"Invalid namespace"}"#])
        client.server.decidesLater = true
        client.line.receive("0")
        client.server.takeAnswer()(.refuse(SocketRefusal("no", data: .object(["code": .number(3)]))))
        #expect(client.line.takeSent() == [#"4{"message":"no","data":{"code":3}}"#])
        #expect(client.line.isConnected)
        client.server.decidesLater = false
        client.line.receive("0")
        #expect(client.line.takeSent().count == 1)
    }

    @Test("a decision may come later; nothing may be sent before, in either direction")
    func decideLater() throws {
        let client = TestClient()
        client.server.decidesLater = true
        client.line.receive("0")
        let link = try #require(client.server.waiting.first?.link)
        link.emit("early")
        link.flush()
        link.disconnect()
        #expect(client.line.takeSent() == [])
        client.server.decide(accepts: true)
        #expect(client.line.takeSent() == [#"0{"sid":"id1"}"#])
        client.server.decidesLater = true
        for early in [#"2/a,["x"]"#, "3/a,1[]", "0/a,"] {
            let client = TestClient()
            client.server.decidesLater = true
            client.line.receive("0/a,", .text(early))
            #expect(client.line.closeCode == .protocolError, "\(early)")
        }
    }

    @Test("a client may leave before the decision, which then changes nothing")
    func leaveEarly() {
        let client = TestClient()
        client.server.decidesLater = true
        client.line.receive("0", "1")
        #expect(client.line.isConnected)
        client.server.decide(accepts: true)
        #expect(client.socket.take() == [.ended(.clientLeft)])
        #expect(client.line.takeSent() == [])
        client.line.receive("0")
        client.server.decide(accepts: false)
        #expect(client.line.takeSent() == [#"4{"message":"Invalid namespace"}"#])
    }

    @Test("a decision after the end of the connection ends the accepted session at once")
    func decideTooLate() {
        let client = TestClient()
        client.server.decidesLater = true
        client.line.receive("0", "0/a,")
        client.line.disconnect()
        client.server.decide(accepts: true)
        client.server.decide(accepts: false)
        #expect(client.socket.take() == [.ended(.connectionLost(error: nil))])
        #expect(client.line.takeSent() == [])
    }

    @Test("a second answer changes nothing")
    func answerTwice() throws {
        let client = TestClient()
        client.server.decidesLater = true
        client.line.receive("0")
        let (link, answer) = try #require(client.server.waiting.first)
        let (first, second) = (TestSocket(link) { _ in }, TestSocket(link) { _ in })
        answer(.accept(first))
        answer(.accept(second))
        answer(.refuse(.unknownNamespace))
        #expect(client.line.takeSent() == [#"0{"sid":"id1"}"#])
        #expect(first.take() == [.opened])
        #expect(second.take() == [])
    }

    @Test("a client that should ask again loses its connection, because stock clients ask again only then")
    func retry() {
        let client = TestClient()
        client.server.decidesLater = true
        client.line.receive("0")
        client.server.takeAnswer()(.retry(reason: "later"))
        #expect(client.line.takeSent() == [])
        #expect(client.line.closeCode == .tryAgainLater && client.line.closeReason == "later")
    }

    @Test("a client that should ask again keeps its other namespaces; it is refused")
    func retryBesideOthers() {
        let client = TestClient()
        let other = client.join("/a")
        client.server.decidesLater = true
        client.line.receive("0")
        client.server.takeAnswer()(.retry(reason: "later"))
        #expect(client.line.takeSent() == [#"4{"message":"later"}"#])
        #expect(client.line.isConnected && other.take() == [])
    }

    @Test("a server hears once that a client is decided about, whatever was decided")
    func whenDecided() throws {
        let client = TestClient()
        client.server.decidesLater = true
        var heard: [String] = []
        func ask() throws -> (SocketDecision) -> Void {
            client.line.receive("0")
            let (link, answer) = try #require(client.server.waiting.first)
            link.whenDecided { heard.append(link.session == nil ? "none" : "open") }
            #expect(heard == [])
            return answer
        }
        client.server.opened = { socket in
            #expect(heard == [], "the session is told first")
            socket.link.setReading(true)
        }
        _ = try ask()
        client.server.decide(accepts: true)
        #expect(heard == ["open"])
        client.line.receive("1")
        heard = []
        try ask()(.refuse(.unknownNamespace))
        #expect(heard == ["none"])
        heard = []
        _ = client.server.takeAnswer()
        _ = try ask()
        client.line.disconnect()
        #expect(heard == ["none"])
    }

    @Test("a connection has a bounded number of namespaces, and asks for them a bounded number of times")
    func bounds() {
        let client = TestClient {
            $0.maxNamespaces = 2
            $0.maxConnects = 5
        }
        client.line.receive("0", "0/a,", "0/b,")
        #expect(client.line.takeSent().last == #"4/b,{"message":"a connection may have 2 namespaces"}"#)
        client.line.receive("1/a,", "0/b,")
        #expect(client.line.takeSent().last == #"0/b,{"sid":"id3"}"#)
        client.advance(by: .seconds(60))
        for _ in 0..<5 { client.line.receive("0/random") }
        #expect(client.line.isConnected)
        client.line.receive("0/random")
        #expect(client.line.closeCode == .policyViolation)
    }

    // MARK: - Events

    @Test("events reach the socket of their namespace, in order")
    func events() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        client.line.receive(#"2["x",1]"#, #"2/a,7["y"]"#, #"2["z"]"#)
        #expect(main.take() == [.event(SocketEvent("x", [.number(1)])), .event(SocketEvent("z"))])
        #expect(other.take() == [.event(SocketEvent("y", acknowledgement: 7))])
        #expect(main.receivedBytes == 14 && other.receivedBytes == 10)
        let bytes = other.link.acknowledge(7, [.bool(true)])
        #expect(bytes == 11)
        other.link.emit("back", [.null])
        main.link.emit("back", [])
        #expect(client.line.takeSent() == [])
        main.link.flush()
        #expect(client.line.takeSent() == ["3/a,7[true]", #"2/a,["back",null]"#, #"2["back"]"#])
    }

    @Test("attachments follow their event and their acknowledgement")
    func attachments() {
        let client = TestClient()
        let socket = client.join("/a")
        socket.whenReceived = {
            socket.link.emit("back", $0.arguments)
            socket.link.acknowledge($0.acknowledgement ?? -1, $0.arguments)
            socket.link.flush()
        }
        let (first, second) = (#"{"_placeholder":true,"num":0}"#, #"{"_placeholder":true,"num":1}"#)
        client.line.receive(
            .text(#"52-/a,9["m",\#(first),\#(second)]"#), .binary([1, 2, 3]), .binary([4, 5, 6]))
        #expect(socket.receivedBytes == #"52-/a,9["m",\#(first),\#(second)]"#.utf8.count + 6)
        #expect(
            client.line.takeSent() == [
                .text(#"52-/a,["back",\#(first),\#(second)]"#), .binary([1, 2, 3]), .binary([4, 5, 6]),
                .text("62-/a,9[\(first),\(second)]"), .binary([1, 2, 3]), .binary([4, 5, 6]),
            ])
    }

    @Test("a packet for many is sent as it is, alone and in a run")
    func sharedPackets() {
        let packet = SocketPackets().event("x", [.number(1)])
        let client = TestClient()
        let socket = client.join()
        socket.link.emit(packet)
        socket.link.flush()
        #expect(client.line.takeSent() == [#"2["x",1]"#])
        #expect(client.line.sharedPackets == 1)

        let run = PacketRun(PacketBatch([packet, SocketPackets().event("y", []), packet]), 1..<3)
        socket.link.emit(run)
        socket.link.flush()
        #expect(client.line.takeSent() == [#"2["y"]"#, #"2["x",1]"#])
        #expect(client.line.sharedPackets == 3)
    }

    // MARK: - Leaving

    @Test("a client that leaves a namespace keeps its connection and its other namespaces")
    func clientLeaves() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        client.line.receive("1/a,", #"2["x"]"#)
        #expect(other.take() == [.ended(.clientLeft)])
        #expect(main.take() == [.event(SocketEvent("x"))])
        other.link.emit("late")
        other.link.acknowledge(1)
        other.link.disconnect()
        other.link.close(.normal, reason: "")
        other.link.closeNow()
        other.link.abort()
        other.link.flush()
        #expect(client.line.takeSent() == [])
        #expect(client.line.isConnected)
        client.line.receive("0/a,")
        #expect(client.line.takeSent() == [#"0/a,{"sid":"id3"}"#])
    }

    @Test("the server takes a client out of one namespace")
    func serverLeaves() {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        other.link.emit("bye")
        other.link.disconnect()
        #expect(client.line.takeSent() == [#"2/a,["bye"]"#, "1/a,"])
        #expect(other.take() == [.ended(.serverLeft)])
        // Packets that crossed the server's are ignored, so many and no more.
        client.line.receive(#"2/a,["x"]"#, "3/a,5[]", "1/a,", #"2["x"]"#)
        #expect(main.take() == [.event(SocketEvent("x"))])
        for _ in 0..<253 { client.line.receive(#"2/a,["x"]"#) }
        #expect(client.line.isConnected)
        client.line.receive(#"2/a,["x"]"#)
        #expect(client.line.closeCode == .protocolError)
    }

    @Test("a socket may end while it opens, and while it receives")
    func endInside() {
        let server = TestSockets()
        server.opened = { $0.link.disconnect() }
        let client = TestClient(server)
        client.line.receive("0")
        #expect(client.line.takeSent() == [#"0{"sid":"id1"}"#, "1"])
        #expect(client.socket.take() == [.opened, .ended(.serverLeft)])
        #expect(client.line.isReading)
        server.opened = { $0.link.setReading(true) }
        let socket = client.join()
        socket.whenReceived = { _ in socket.link.close(.normal, reason: "done") }
        client.line.receive(#"2["x"]"#, #"2["y"]"#)
        #expect(client.line.closeReason == "done")
        #expect(socket.take() == [.event(SocketEvent("x")), .ended(.serverClosed)])
    }

    // MARK: - Violations

    @Test(
        "what breaks the protocol closes the connection, after the sessions were told",
        arguments: [
            "abc", "2{}", #"2abc["x"]"#, #"2["connect"]"#, "", "0", "0{}", #"4"x""#, #"2/b,["x"]"#, "1/b,", "3/b,1[]",
            #"51-["x""#, "511-[]", "41",
        ])
    func violations(text: String) {
        let client = TestClient()
        let (main, other) = (client.join(), client.join("/a"))
        main.link.emit("last")
        client.line.receive(.text(text), #"2["x"]"#)
        #expect(client.line.closeCode == .protocolError)
        #expect(client.line.takeSent() == [#"2["last"]"#])
        let reason = client.line.closeReason ?? ""
        for socket in [main, other] {
            #expect(socket.take() == [.violated(.protocolError, reason), .ended(.violation)])
        }
    }

    @Test("bytes without an announcement, and a text in their place, close the connection")
    func attachmentViolations() {
        var client = TestClient()
        client.line.receive(.binary([1]))
        #expect(client.line.closeCode == .protocolError)
        client = TestClient()
        client.line.receive("0", #"52-["x"]"#, .binary([1]), #"2["x"]"#)
        #expect(client.line.closeCode == .protocolError)
        client = TestClient { $0.packets.maxBytes = 20 }
        client.line.receive("0", #"52-["x"]"#, .binary([1]), .binary([UInt8](repeating: 0, count: 12)))
        #expect(client.line.closeCode == .tooBig)
    }

    @Test("a client that does not answer the close is cut off, and is not heard meanwhile")
    func closeTimeout() {
        let client = TestClient()
        let socket = client.join()
        client.line.answersClose = false
        client.line.receive("x", #"2["x"]"#, "0/a,")
        #expect(socket.take().count == 1)
        #expect(client.server.sockets.count == 1)
        client.advance(by: .milliseconds(4999))
        #expect(client.line.isConnected)
        client.advance(by: .milliseconds(1))
        #expect(!client.line.isConnected)
        #expect(socket.take() == [.ended(.violation)])
    }
}
