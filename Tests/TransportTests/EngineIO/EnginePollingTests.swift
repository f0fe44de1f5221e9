import ClientFrames
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Transport

@Suite("Engine.IO: polling") struct EnginePollingTests {
    let rig = EngineRig(isEchoing: true)
    private let separator = "\u{1e}"

    @Test("the open packet has exactly the members of the protocol, and the session begins")
    func open() throws {
        let answer = try #require(try rig.connect().get("EIO=4&transport=polling&t=abc"))
        #expect(answer.headers["content-type"] == ["text/plain; charset=UTF-8"])
        #expect(answer.headers["cache-control"] == ["no-store"])
        let sid = try EngineRig.sid(of: answer.body)
        #expect(
            answer.body
                == "0{\"sid\":\"\(sid)\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,"
                + "\"maxPayload\":1000000}")
        #expect(rig.session.takeEvents() == ["opened"])
        #expect(RequestQuery(of: rig.session.handshake.head.uri)["t"] == "abc")
        #expect(try rig.open() != sid)
    }

    @Test("the packets of a request reach the session in order, and its echoes the next poll")
    func echo() throws {
        let sid = try rig.open()
        let body = ["4one", "bAQIDBA==", "4two", "4"].joined(separator: separator)
        #expect(try rig.post(sid, body)?.body == "ok")
        #expect(rig.session.takeEvents() == ["opened", "one", "[1, 2, 3, 4]", "two", ""])
        #expect(try rig.poll(sid)?.body == body)
    }

    @Test("a poll waits for a packet, and takes all that one flush sends")
    func held() throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        rig.session.send("a", "b")
        #expect(try http.answer()?.body == "4a\(separator)4b")
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil, "the same TCP connection")
        rig.session.send("c")
        #expect(try http.answer()?.body == "4c")
    }

    @Test("an answer has at most 16 packets; the others wait for the next poll")
    func portions() throws {
        let sid = try rig.open()
        for number in 0..<40 { rig.session.send("\(number)") }
        let answers = try (0..<3).map { _ in try #require(try rig.poll(sid)).body.split(separator: separator) }
        #expect(answers.map(\.count) == [16, 16, 8])
        #expect(answers.joined().map(String.init) == (0..<40).map { "4\($0)" })
        #expect(try rig.poll(sid) == nil)
    }

    @Test("of two polls at once the first gets the close packet, the second is refused, and the connection ends")
    func twoPolls() throws {
        let sid = try rig.open()
        let first = try rig.connect()
        #expect(try first.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        let second = try rig.poll(sid)
        #expect(try first.answer()?.body == "1")
        #expect(second?.status == .badRequest && second?.body.hasPrefix("{\"code\":3,") == true)
        #expect(try rig.poll(sid)?.body == "{\"code\":1,\"message\":\"Session ID unknown\"}")
        #expect(rig.session.takeEvents() == ["opened", "violated 1002", "ended"])
    }

    @Test("a poll whose client leaves ends the connection", arguments: [true, false])
    func aborted(isHalf: Bool) throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        if isHalf { http.closeInput() } else { try http.channel.close().wait() }
        rig.loop.run()
        #expect(!http.channel.isActive)
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(
            rig.session.takeEvents() == ["opened", "failed: the client ended a request before its answer", "ended"])
    }

    @Test("a poll that is answered before its client leaves does not end the connection")
    func answered() throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        rig.session.send("x")
        #expect(try http.answer()?.body == "4x")
        try http.channel.close().wait()
        #expect(try rig.poll(sid) == nil)
        #expect(rig.session.takeEvents() == ["opened"])
    }

    @Test("a client that ends its side after a request other than a poll still gets the answer")
    func halfClosed() throws {
        rig.loop.run()
        let sid = try rig.open()
        rig.session.connection.setReading(false)
        let http = try rig.connect()
        #expect(try http.post("EIO=4&transport=polling&sid=\(sid)", "4x") == nil)
        http.closeInput()
        rig.session.connection.setReading(true)
        let answer = try #require(try http.answer())
        #expect(answer.body == "ok" && answer.headers["connection"] == ["close"])
        rig.loop.run()
        #expect(!http.channel.isActive)
    }

    @Test("a close packet ends the connection: a poll that waits gets a noop", arguments: [true, false])
    func closed(isPolling: Bool) throws {
        let sid = try rig.open()
        let http = try rig.connect()
        if isPolling { #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil) }
        #expect(try rig.post(sid, "4last\(separator)1\(separator)4late")?.body == "ok")
        if isPolling {
            // The echo of the message was sent before the close packet was read.
            #expect(try http.answer()?.body == "4last")
        }
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(rig.session.takeEvents() == ["opened", "last", "client closes", "ended"])
    }

    @Test("a close packet alone is answered with ok, and the poll that waits with a noop")
    func closedAlone() throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        #expect(try rig.post(sid, "1")?.body == "ok")
        #expect(try http.answer()?.body == "6")
        #expect(try rig.post(sid, "4x")?.body == "{\"code\":1,\"message\":\"Session ID unknown\"}")
    }

    @Test("a packet that can't be read ends the connection", arguments: ["abc", "", "2", "0", "4a\u{1e}", "b*"])
    func garbage(body: String) throws {
        let sid = try rig.open()
        let answer = try #require(try rig.post(sid, body))
        // A ping is a packet, and its request was read: the connection ends all the same.
        #expect(answer.status == .badRequest)
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(rig.session.takeEvents().last == "ended")
    }

    // MARK: - Bodies

    @Test("a body may have maxPayload bytes, announced or in chunks, and not one more")
    func payload() throws {
        let rig = EngineRig(change: { $0.maxPayload = 1000 })
        let sid = try rig.open()
        let largest = "4" + String(repeating: "x", count: 999)
        #expect(try rig.post(sid, largest)?.body == "ok")
        #expect(rig.session.takeEvents().last?.utf8.count == 999)

        let announced = try rig.connect()
        try announced.head(.POST, "/engine.io/?EIO=4&transport=polling&sid=\(sid)", ["content-length": "1001"])
        let refusal = try #require(try announced.answer())
        #expect(refusal.status == .payloadTooLarge && refusal.headers["connection"] == ["close"])
        #expect(refusal.body.contains("1000 bytes"))

        let chunked = try rig.connect()
        try chunked.head(.POST, "/engine.io/?EIO=4&transport=polling&sid=\(sid)", ["transfer-encoding": "chunked"])
        for _ in 0..<10 { try chunked.body(String(largest.prefix(100))) }
        #expect(try chunked.answer() == nil)
        try chunked.body("x")
        #expect(try chunked.answer()?.status == .payloadTooLarge)

        #expect(try rig.post(sid, "4x")?.body == "ok", "the connection goes on")
        #expect(rig.session.takeEvents() == ["x"])
    }

    @Test("the body of a refused request is not kept, and a long one ends its TCP connection")
    func unwanted() throws {
        let http = try rig.connect()
        try http.head(.POST, "/engine.io/?EIO=4&transport=polling&sid=nobody", ["transfer-encoding": "chunked"])
        try http.body(String(repeating: "x", count: 60_000))
        #expect(try http.answer() == nil)
        try http.body(String(repeating: "x", count: 10_000))
        let answer = try #require(try http.answer())
        #expect(answer.headers["connection"] == ["close"] && answer.body.contains("\"code\":1"))
    }

    @Test("a request that needs no body and has a long one is told so", arguments: ["", "&sid="])
    func unwantedBody(parameter: String) throws {
        let sid = parameter.isEmpty ? "" : try rig.open()
        for method in [HTTPMethod.GET, .OPTIONS] {
            let http = try rig.connect()
            let uri = "/engine.io/?EIO=4&transport=polling\(parameter)\(sid)"
            try http.head(method, uri, ["content-length": "70000"])
            let answer = try #require(try http.answer())
            #expect(answer.status == .payloadTooLarge && answer.headers["connection"] == ["close"])
            #expect(
                answer.body == "{\"code\":3,\"message\":\"Bad request: only a POST request with a sid has a body\"}")
        }
        #expect(rig.sessionCount == (parameter.isEmpty ? 0 : 1))
    }

    @Test("a second POST before the answer to the first ends the connection")
    func twoPosts() throws {
        let sid = try rig.open()
        let first = try rig.connect()
        try first.head(.POST, "/engine.io/?EIO=4&transport=polling&sid=\(sid)", ["content-length": "3"])
        #expect(try rig.post(sid, "4x")?.status == .badRequest)
        #expect(rig.session.takeEvents() == ["opened", "violated 1002", "ended"])
        try first.body("4yz")
        try first.end()
        #expect(try first.answer()?.status == .badRequest)
    }

    @Test("a POST that breaks off ends the connection")
    func brokenPost() throws {
        let sid = try rig.open()
        let http = try rig.connect()
        try http.head(.POST, "/engine.io/?EIO=4&transport=polling&sid=\(sid)", ["content-length": "3"])
        try http.body("4")
        try http.channel.close().wait()
        #expect(try rig.poll(sid)?.status == .badRequest)
        #expect(rig.session.takeEvents().last == "ended")
    }

    @Test("a POST is answered when the session has taken its packets, so that few wait for a session that does not")
    func backPressure() throws {
        let sid = try rig.open()
        rig.session.connection.setReading(false)
        let http = try rig.connect()
        #expect(try http.post("EIO=4&transport=polling&sid=\(sid)", "4a\(separator)4b") == nil)
        #expect(rig.session.takeEvents() == ["opened"])
        rig.session.connection.setReading(true)
        #expect(rig.session.takeEvents() == ["a", "b"])
        #expect(try http.answer()?.body == "ok")
    }

    // MARK: - One TCP connection

    @Test("one TCP connection carries polls, other requests and more polls, pipelined too")
    func mixed() throws {
        let http = try rig.connect()
        #expect(try http.request(.GET, "/other")?.body == "/other")
        let sid = try EngineRig.sid(of: try #require(try http.get("EIO=4&transport=polling")).body)
        #expect(try http.request(.POST, "/other", body: "4x")?.status == .imATeapot)
        try http.head(.GET, "/engine.io/?EIO=4&transport=polling&sid=\(sid)")
        try http.end()
        try http.head(.GET, "/behind")
        try http.end()
        #expect(try http.answer() == nil, "the second request waits for the answer to the first")
        rig.session.send("x")
        #expect(try http.answer()?.body == "4x")
        rig.loop.run()
        #expect(try http.answer()?.body == "/behind")
    }

    @Test(
        "thousands of requests that wait behind a poll are answered in order, on a stack that does not grow with them",
        arguments: ["/engine.io/?EIO=3", "/other"])
    func pipelined(uri: String) throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        for _ in 0..<20_000 {
            try http.head(.GET, uri)
            try http.end()
        }
        try http.head(.GET, "/last")
        try http.end()
        rig.session.send("x")
        #expect(try http.answer()?.body == "4x")
        rig.loop.run()
        var count = 0
        while let answer = try http.answer(), answer.body != "/last" { count += 1 }
        #expect(count == 20_000)
    }

    @Test(
        "the end of input and the end of a connection reach a request that waits behind a poll",
        arguments: [true, false])
    func pipelinedEnd(isHalf: Bool) throws {
        let sid = try rig.open()
        let http = try rig.connect()
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        try http.head(.GET, "/engine.io/?EIO=4&transport=polling")
        try http.end()
        if isHalf { http.closeInput() }
        rig.session.send("x")
        #expect(try http.answer()?.body == "4x")
        if !isHalf { try http.channel.close().wait() }
        rig.loop.run()
        #expect(rig.sessionCount == (isHalf ? 2 : 1), "a request of a client that is gone opens nothing")
    }

    @Test("a HEAD request gets no body, and an HTTP/1.0 request the end of its connection")
    func oldClients() throws {
        let http = try rig.connect()
        let answer = try #require(try http.request(.HEAD, "/engine.io/?EIO=4&transport=polling"))
        #expect(answer.status == .badRequest && answer.body.isEmpty)
        #expect(answer.headers["content-length"] != ["0"])
        let closing = try rig.connect().get("EIO=4&transport=polling", ["connection": "close"])
        #expect(closing?.headers["connection"] == ["close"])
    }

    @Test("a connection without requests is closed after its time; one with a poll that waits is not")
    func idle() throws {
        let rig = EngineRig(change: { $0.pingInterval = .seconds(1000) })
        let http = try rig.connect(idle: .seconds(60))
        rig.advance(59_000)
        #expect(try http.request(.GET, "/other")?.body == "/other")
        rig.advance(59_000)
        let sid = try EngineRig.sid(of: try #require(try http.get("EIO=4&transport=polling")).body)
        rig.advance(59_000)
        #expect(try http.get("EIO=4&transport=polling&sid=\(sid)") == nil)
        rig.advance(300_000)
        #expect(http.channel.isActive)
        rig.session.send("x")
        #expect(try http.answer()?.body == "4x")
        rig.advance(59_999)
        #expect(http.channel.isActive)
        rig.advance(1)
        #expect(!http.channel.isActive)
    }
}
