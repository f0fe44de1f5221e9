import ClientFrames
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Transport

@Suite("Engine.IO: WebSockets and upgrades") struct EngineUpgradeTests {
    let rig = EngineRig(isEchoing: true)

    @Test("a WebSocket opens a connection: its open packet offers no upgrade")
    func direct() throws {
        let socket = try rig.webSocket()
        let open = try #require(socket.takeSent().first)
        #expect(open.contains("\"upgrades\":[],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}"))
        socket.receive("4hello", "4")
        socket.receive(bytes: [1, 2, 3, 4])
        #expect(socket.takeSent() == ["4hello", "4", "[1, 2, 3, 4]"])
        #expect(rig.session.takeEvents() == ["opened", "hello", "", "[1, 2, 3, 4]"])
        let sid = try EngineRig.sid(of: open)
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(try rig.post(sid, "4x")?.status == .badRequest)
    }

    @Test(
        "a text that is no packet, a ping and an open packet close the WebSocket", arguments: ["abc", "", "2", "0{}"])
    func garbage(text: String) throws {
        let socket = try rig.webSocket()
        _ = socket.takeSent()
        socket.receive(text, "4late")
        #expect(socket.takeSent() == ["close 1002"])
        #expect(rig.session.takeEvents() == ["opened", "violated 1002"])
        rig.loop.advanceTime(by: EngineWebSocket.closeTimeout)
        #expect(!socket.isOpen && rig.server.count == 0)
    }

    @Test("a close packet closes the WebSocket, and what comes after it is not passed on")
    func closePacket() throws {
        let socket = try rig.webSocket()
        _ = socket.takeSent()
        socket.receive("1", "4late")
        #expect(socket.takeSent() == ["close 1000"])
        socket.receiveClose()
        #expect(rig.session.takeEvents() == ["opened", "client closes", "ended"])
        #expect(rig.server.count == 0)
    }

    @Test("the end of the WebSocket is the end of the connection")
    func ended() throws {
        let socket = try rig.webSocket()
        socket.receiveClose()
        #expect(rig.session.takeEvents() == ["opened", "client closes", "ended"])
    }

    /// An upgrade up to `3probe`.
    private func probe(_ other: EngineRig? = nil) throws -> (sid: String, socket: StubSocket) {
        let rig = other ?? rig
        let sid = try rig.open()
        let socket = try rig.webSocket(sid)
        #expect(socket.takeSent() == [] && rig.sessionCount == 1)
        socket.receive("2probe")
        #expect(socket.takeSent() == ["3probe"])
        return (sid, socket)
    }

    @Test("an upgrade: the poll that waits gets a noop, later ones at once, and 5 moves everything to the WebSocket")
    func upgrade() throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        let socket = try rig.webSocket(sid)
        socket.receive("2probe")
        #expect(socket.takeSent() == ["3probe"])
        #expect(try http.answer()?.body == "6")
        #expect(try rig.poll(sid)?.body == "6")
        socket.receive("5", "4hello")
        #expect(socket.takeSent() == ["4hello"])
        let late = try rig.poll(sid)
        #expect(late?.status == .badRequest && late?.body == "{\"code\":3,\"message\":\"Bad request\"}")
        #expect(rig.session.takeEvents() == ["opened", "hello"])
        #expect(rig.server.count == 1)
    }

    @Test("messages of both directions keep their order through an upgrade, and none is lost")
    func order() throws {
        let (sid, socket) = try probe()
        #expect(try rig.post(sid, "4a")?.body == "ok")
        #expect(try rig.poll(sid)?.body == "4a", "messages go on over polling until the client says 5")
        #expect(try rig.post(sid, "4b\u{1e}4c")?.body == "ok")
        rig.session.send("d")
        socket.receive("5")
        #expect(socket.takeSent() == ["4b", "4c", "4d"])
        rig.session.send("e")
        socket.receive("4f")
        #expect(socket.takeSent() == ["4e", "4f"])
        #expect(rig.session.takeEvents() == ["opened", "a", "b", "c", "f"])
    }

    @Test("a second WebSocket is closed after its handshake, during an upgrade and after it", arguments: [false, true])
    func second(isAfter: Bool) throws {
        let rig = EngineRig(isEchoing: true, change: { $0.pingInterval = .seconds(100) })
        let (sid, socket) = try probe(rig)
        if isAfter { socket.receive("5") }
        let other = try rig.webSocket(sid)
        #expect(other.takeSent() == ["close 1008"])
        other.receive("2probe", "5", "4x")
        rig.loop.advanceTime(by: EngineWebSocket.closeTimeout)
        #expect(!other.isOpen && other.takeSent() == [])
        if !isAfter { socket.receive("5") }
        socket.receive("4hello")
        #expect(socket.takeSent().contains("4hello"))
    }

    @Test("a WebSocket that connected directly can't be taken over")
    func takeover() throws {
        let socket = try rig.webSocket()
        let sid = try EngineRig.sid(of: try #require(socket.takeSent().first))
        #expect(try rig.webSocket(sid).takeSent() == ["close 1008"])
        socket.receive("4x")
        #expect(socket.takeSent() == ["4x"])
    }

    @Test(
        "a WebSocket that does not upgrade is closed, and the connection goes on polling",
        arguments: [["5"], ["4x"], ["2"], ["2probe", "2probe"], ["2probe", "4x"], ["2probe", "3"], ["abc"], ["1"]])
    func abandoned(packets: [String]) throws {
        let sid = try rig.open()
        let socket = try rig.webSocket(sid)
        for packet in packets { socket.receive(packet) }
        #expect(socket.takeSent().last == "close 1002")
        #expect(try rig.post(sid, "4x")?.body == "ok")
        #expect(try rig.poll(sid)?.body == "4x")
        #expect(rig.session.takeEvents() == ["opened", "x"])
        // Another try may succeed.
        let again = try rig.webSocket(sid)
        again.receive("2probe", "5", "4y")
        #expect(again.takeSent() == ["3probe", "4y"])
    }

    @Test("a WebSocket that ends during an upgrade leaves the connection polling")
    func lost() throws {
        let (sid, socket) = try probe()
        socket.end()
        #expect(try rig.poll(sid) == nil, "polls wait again")
        #expect(rig.session.takeEvents() == ["opened"])
    }

    @Test("an upgrade that is not completed in its time is abandoned")
    func timeout() throws {
        let rig = EngineRig(change: {
            $0.pingInterval = .seconds(100)
            $0.upgradeTimeout = .seconds(10)
        })
        let sid = try rig.open()
        let socket = try rig.webSocket(sid)
        socket.receive("2probe")
        rig.advance(9_999)
        #expect(socket.takeSent() == ["3probe"])
        rig.advance(1)
        #expect(socket.takeSent() == ["close 1008"])
        #expect(try rig.poll(sid) == nil)
        rig.advance(1000)
        #expect(!socket.isOpen && rig.server.count == 1)
    }

    @Test("the end of the connection closes the WebSocket of its upgrade")
    func endedMeanwhile() throws {
        let (sid, socket) = try probe()
        #expect(try rig.post(sid, "1")?.body == "ok")
        #expect(socket.takeSent() == ["close 1001"])
        socket.receive("5", "4x")
        #expect(socket.takeSent() == [])
        #expect(rig.session.takeEvents() == ["opened", "client closes", "ended"])
    }

    @Test("a ping of the server during an upgrade comes over one of both transports, and is answered over either")
    func heartbeat() throws {
        let (_, socket) = try probe()
        rig.advance(300)
        #expect(socket.takeSent() == [])
        socket.receive("5")
        #expect(socket.takeSent() == ["2"])
        socket.receive("3")
        rig.advance(200)
        #expect(socket.isOpen)
    }

    // MARK: - Closing and pressure

    @Test("the session closes: a WebSocket with its code, a poll with what waits and the close packet")
    func closing() throws {
        let socket = try rig.webSocket()
        _ = socket.takeSent()
        rig.session.connection.send(text: Array("bye".utf8))
        rig.session.connection.close(.replaced, reason: "elsewhere")
        #expect(socket.takeSent() == ["4bye", "close 4001"])
        socket.receive("4late")
        socket.receiveClose()
        #expect(rig.session.takeEvents() == ["opened", "ended"])

        let sid = try rig.open()
        for _ in 0..<16 { rig.session.connection.send(text: Array("bye".utf8)) }
        rig.session.connection.close(.replaced, reason: "elsewhere")
        #expect(try rig.post(sid, "4late")?.body == "ok")
        #expect(try rig.poll(sid)?.body.hasSuffix("4bye") == true)
        #expect(try rig.poll(sid)?.body == "1")
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(rig.session.takeEvents() == ["opened", "ended"])
    }

    @Test("the server stops: all sessions are told once, and no handshake is accepted")
    func stopping() throws {
        let socket = try rig.webSocket()
        let first = rig.session
        let sid = try rig.open()
        let poll = try rig.connect()
        #expect(try poll.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        socket.stop()
        rig.server.stop()
        #expect(first.takeEvents() == ["opened", "stops"])
        #expect(rig.session.takeEvents() == ["opened", "stops", "ended"])
        #expect(socket.takeSent().last == "close 1001")
        #expect(try poll.answer()?.body == "1")
        #expect(try rig.connect().get("EIO=4&transport=polling")?.status == .serviceUnavailable)
    }

    @Test("the session learns of a WebSocket's pressure, and its limits are the WebSocket's")
    func pressure() throws {
        let (_, socket) = try probe()
        rig.session.connection.limitWaiting(high: 500, low: 100)
        #expect(socket.limits == [])
        socket.receive("5")
        #expect(socket.limits == [500, 100])
        rig.session.connection.limitWaiting(high: 600, low: 100)
        #expect(socket.limits == [600, 100])
        socket.waitingBytes = 601
        socket.setWritable(false)
        #expect(rig.session.connection.waitingBytes == 601)
        #expect(socket.receivePing() == false)
        socket.waitingBytes = 0
        socket.setWritable(true)
        #expect(rig.session.takeEvents() == ["opened", "unwritable", "control", "writable"])
        socket.shed()
        #expect(rig.session.takeEvents() == ["shed", "ended"])
        #expect(socket.takeSent().last == "abort")
    }

    @Test("the session learns of the pressure of a WebSocket that was unwritable before the upgrade was complete")
    func pressureBefore() throws {
        let (_, socket) = try probe()
        socket.setWritable(false)
        #expect(rig.session.takeEvents() == ["opened"])
        socket.receive("5")
        #expect(rig.session.takeEvents() == ["unwritable"])
        socket.setWritable(true)
        #expect(rig.session.takeEvents() == ["writable"])
    }

    @Test("pings of the WebSocket are answered as long as the session allows it")
    func pings() throws {
        let socket = try rig.webSocket()
        #expect(socket.receivePing() == true)
        rig.session.mayAnswerPings = false
        #expect(socket.receivePing() == false)
        rig.session.mayAnswerPings = true
        #expect(socket.receivePing() == true)
        socket.receive("abc")
        #expect(socket.receivePing() == false, "it is being closed")
        #expect(rig.session.takeEvents() == ["opened", "control", "control", "control", "violated 1002"])
    }

    @Test("a close frame comes after the messages before it, when the session reads on", arguments: [true, false])
    func closeInOrder(isEndedFirst: Bool) throws {
        let socket = try rig.webSocket()
        rig.session.connection.setReading(false)
        socket.receive("4a", "4b")
        if isEndedFirst {
            socket.receiveClose()
            #expect(rig.session.takeEvents() == ["opened"] && rig.server.count == 1)
            rig.session.connection.setReading(true)
        } else {
            rig.session.connection.setReading(true)
            socket.receiveClose()
        }
        #expect(rig.session.takeEvents().suffix(4) == ["a", "b", "client closes", "ended"])
        #expect(rig.server.count == 0)
    }

    @Test("a session that does not read on is not waited for long")
    func closeUnread() throws {
        let rig = EngineRig(change: { $0.pingInterval = .seconds(100) })
        let socket = try rig.webSocket()
        rig.session.connection.setReading(false)
        socket.receive("4a")
        socket.receiveClose()
        rig.session.send("late")
        rig.loop.advanceTime(by: EngineWebSocket.closeTimeout - .milliseconds(1))
        #expect(rig.session.takeEvents() == ["opened"])
        rig.advance(1)
        #expect(rig.session.takeEvents() == ["ended"] && rig.server.count == 0)
    }

    @Test("a WebSocket that is lost ends its connection at once, whatever the session has not taken")
    func lostUnread() throws {
        let socket = try rig.webSocket()
        rig.session.connection.setReading(false)
        socket.receive("4a")
        socket.end()
        #expect(rig.session.takeEvents() == ["opened", "ended"] && rig.server.count == 0)
    }

    @Test("a WebSocket stops to read while its session does not, and none of its messages is lost")
    func reading() throws {
        let socket = try rig.webSocket()
        rig.session.connection.setReading(false)
        let text = String(repeating: "x", count: 100_000)
        for number in 0..<3 { socket.receive("4\(number)\(text)") }
        #expect(!socket.isReading)
        #expect(rig.session.takeEvents() == ["opened"])
        rig.session.connection.setReading(true)
        #expect(socket.isReading)
        #expect(rig.session.takeEvents().map(\.first) == ["0", "1", "2"])
    }
}
