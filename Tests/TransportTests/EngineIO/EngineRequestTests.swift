import ClientFrames
import NIOCore
import NIOHTTP1
import Testing

@testable import Transport

@Suite("Engine.IO: which requests are refused, and how") struct EngineRequestTests {
    let rig = EngineRig()

    private static let wrongRequests: [(HTTPMethod, String, Int)] = [
        (.GET, "EIO=4", 0), (.GET, "EIO=4&transport=abc", 0), (.GET, "", 0), (.POST, "EIO=4", 0),
        (.GET, "EIO=4&transport=polling&sid=nobody", 1), (.POST, "EIO=4&transport=polling&sid=nobody", 1),
        (.POST, "EIO=4&transport=polling", 2), (.PUT, "EIO=4&transport=polling", 2),
        (.DELETE, "EIO=4&transport=polling", 2), (.POST, "EIO=4&transport=polling&sid=", 2),
        (.GET, "EIO=4&transport=websocket", 3), (.GET, "EIO=4&transport=polling&j=0", 3),
        (.GET, "transport=polling", 5), (.GET, "EIO=abc&transport=polling", 5), (.GET, "EIO=3&transport=polling", 5),
        (.GET, "EIO=44&transport=polling", 5), (.GET, "EIO=&transport=polling", 5),
    ]

    private static let texts = [
        "Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden",
        "Unsupported protocol version",
    ]

    private func expect(_ body: String, code: Int) throws {
        #expect(
            body.hasPrefix("{\"code\":\(code),\"message\":\"\(Self.texts[code])") && body.hasSuffix("\"}"), "\(body)")
    }

    @Test("a wrong request gets 400, with the code of the protocol, and opens nothing", arguments: wrongRequests)
    func wrong(method: HTTPMethod, query: String, code: Int) throws {
        let answer = try #require(try rig.connect().request(method, "/engine.io/?\(query)"))
        #expect(answer.status == .badRequest)
        #expect(answer.headers["content-type"] == ["application/json"])
        try expect(answer.body, code: code)
        #expect(rig.server.count == 0)
    }

    @Test("a client of Engine.IO 3 is told which version the server speaks")
    func version() throws {
        let answer = try #require(try rig.connect().get("EIO=3&transport=polling"))
        #expect(answer.body.contains("EIO is 3") && answer.body.contains("EIO=4"))
    }

    @Test("a refused request with a sid leaves the connection as it is", arguments: [HTTPMethod.PUT, .DELETE, .PATCH])
    func method(method: HTTPMethod) throws {
        let sid = try rig.open()
        let answer = try rig.connect().request(method, "/engine.io/?EIO=4&transport=polling&sid=\(sid)")
        #expect(answer?.status == .badRequest && answer?.body == "{\"code\":3,\"message\":\"Bad request\"}")
        let other = try rig.connect().get("EIO=4&transport=websocket&sid=\(sid)")
        #expect(other?.body == "{\"code\":3,\"message\":\"Bad request\"}")
        #expect(try rig.post(sid, "4hi")?.body == "ok")
    }

    private func handshake(_ query: String, _ change: (inout HTTPRequestHead) -> Void = { _ in }) -> HandshakeDecision?
    {
        var head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/engine.io/?\(query)",
            headers: [
                "host": "x", "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
                "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
            ])
        change(&head)
        return rig.server.decide(head, from: nil)
    }

    @Test(
        "a wrong WebSocket handshake gets the same codes",
        arguments: [
            ("EIO=4", 0), ("EIO=4&transport=abc", 0), ("EIO=4&transport=websocket&sid=nobody", 1),
            ("EIO=4&transport=polling", 3), ("transport=websocket", 5), ("EIO=3&transport=websocket", 5),
        ])
    func wrongHandshake(query: String, code: Int) throws {
        guard case .answer(let status, let body)? = handshake(query) else {
            Issue.record("\(query) was accepted")
            return
        }
        #expect(status == .badRequest)
        try expect(String(decoding: body, as: UTF8.self), code: code)
    }

    @Test("a handshake that is no WebSocket handshake is refused, whatever its query says")
    func malformedHandshake() {
        let changes: [(inout HTTPRequestHead) -> Void] = [
            { $0.headers.remove(name: "sec-websocket-key") }, { $0.headers.remove(name: "connection") },
            { $0.method = .POST },
        ]
        for change in changes {
            guard case .answer(.badRequest, _)? = handshake("EIO=4&transport=websocket", change) else {
                Issue.record("it was accepted")
                continue
            }
        }
    }

    @Test("a handshake of another WebSocket version gets 426, which tells the version", arguments: ["8", "13, 8", nil])
    func webSocketVersion(version: String?) {
        let decision = handshake("EIO=4&transport=websocket") { head in
            head.headers.remove(name: "sec-websocket-version")
            if let version { head.headers.add(name: "sec-websocket-version", value: version) }
        }
        guard case .answer(.upgradeRequired, let body)? = decision else {
            Issue.record("\(String(describing: decision))")
            return
        }
        #expect(
            String(decoding: body, as: UTF8.self).hasPrefix("{\"code\":3,\"message\":\"Bad request: only version 13"))
    }

    @Test("a target of more than 8 KiB is refused before it is read, with or without an upgrade")
    func longTarget() throws {
        let sid = try rig.open()
        let start = "/engine.io/?EIO=4&transport=polling&sid=\(sid)&x="
        let longest = start + String(repeating: "%41", count: (8192 - start.utf8.count) / 3)
        #expect(try rig.connect().request(.PUT, longest)?.status == .badRequest)
        let answer = try #require(try rig.connect().request(.GET, longest + "%41"))
        #expect(answer.status == .uriTooLong)
        #expect(answer.body.hasPrefix("{\"code\":3,") && answer.body.contains("8192 bytes"))
        let decision = handshake("EIO=4&transport=websocket&x=" + String(repeating: "x", count: 8192))
        guard case .answer(.uriTooLong, _)? = decision else {
            Issue.record("\(String(describing: decision))")
            return
        }
        #expect(rig.server.count == 1)
    }

    @Test("other paths are not the server's, with or without an upgrade")
    func paths() {
        for path in ["/", "/engine.iox", "/engine.io/x", "/engine", "//engine.io/", "/ENGINE.IO/"] {
            #expect(handshake("EIO=4&transport=websocket") { $0.uri = path } == nil, "\(path)")
            #expect(!rig.server.owns(path))
        }
        #expect(rig.server.owns("/engine.io") && rig.server.owns("/engine.io?EIO=4") && rig.server.owns("/engine.io/"))
        guard case .http? = handshake("EIO=4", { $0.headers.replaceOrAdd(name: "upgrade", value: "h2c") }) else {
            Issue.record("another upgrade is an ordinary request")
            return
        }
    }

    @Test("the server's owner may refuse a handshake; connections that are open go on")
    func admitted() throws {
        let rig = EngineRig(admit: { head, _ in
            head.headers.contains(name: "bad") ? .forbidden("you are banned", status: .unauthorized) : nil
        })
        let sid = try rig.open()
        let answer = try rig.connect().get("EIO=4&transport=polling", ["bad": "1"])
        #expect(answer?.status == .unauthorized)
        #expect(answer?.body == "{\"code\":4,\"message\":\"Forbidden: you are banned\"}")
        #expect(try rig.connect().get("EIO=4&transport=polling&sid=\(sid)", ["bad": "1"]) == nil, "it waits")
    }

    @Test("the connections of one client and those of all are limited; an ended one makes room")
    func limits() throws {
        let rig = EngineRig(perClient: 1, change: { $0.maxConnections = 2 })
        func open(_ client: String) throws -> HTTPResponseStatus? {
            try rig.connect().get("EIO=4&transport=polling", ["client": client])?.status
        }
        #expect(try open("a") == .ok)
        #expect(try open("a") == .tooManyRequests)
        #expect(try open("b") == .ok)
        #expect(try open("c") == .serviceUnavailable)
        rig.session.connection.closeNow()
        #expect(try open("c") == .ok)
        let socket = try? rig.webSocket()
        #expect(socket == nil)
        rig.session.connection.closeNow()
        #expect(try rig.webSocket().takeSent().count == 1)
    }

    // MARK: - CORS

    @Test("an allowed page may read every answer, a refusal included; never with credentials")
    func origin() throws {
        for query in ["EIO=4&transport=polling", "EIO=3&transport=polling"] {
            let good = try #require(try rig.connect().get(query, ["origin": "http://good.example"]))
            #expect(good.headers["access-control-allow-origin"] == ["http://good.example"])
            #expect(good.headers["vary"] == ["Origin"])
            #expect(!good.headers.contains(name: "access-control-allow-credentials"))
            let bad = try #require(try rig.connect().get(query, ["origin": "http://bad.example"]))
            #expect(!bad.headers.contains(name: "access-control-allow-origin"))
            #expect(bad.headers["vary"] == ["Origin"])
        }
    }

    @Test("a preflight is answered without a body, for pages that are allowed")
    func preflight() throws {
        func options(_ fields: HTTPHeaders) throws -> EngineHTTP.Answer {
            try #require(try rig.connect().request(.OPTIONS, "/engine.io/?EIO=4&transport=polling", fields))
        }
        let fields: HTTPHeaders = ["origin": "http://good.example", "access-control-request-method": "POST"]
        let good = try options(fields)
        #expect(good.status == .noContent && good.body.isEmpty)
        #expect(good.headers["access-control-allow-origin"] == ["http://good.example"])
        #expect(good.headers["access-control-allow-methods"] == ["GET, POST, OPTIONS"])
        #expect(good.headers["access-control-allow-headers"].first?.contains("Content-Type") == true)
        #expect(!good.headers.contains(name: "access-control-allow-credentials"))
        let bad = try options(["origin": "http://bad.example", "access-control-request-method": "POST"])
        #expect(bad.status == .forbidden && !bad.headers.contains(name: "access-control-allow-origin"))
        #expect(try options([:]).status == .noContent)
    }
}
