import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Gateway
@testable import Transport

@Suite("Engine.IO beside the router, on one port") struct EnginePortTests {
    /// A port with a router that answers each request with its path and body, and an Engine.IO server that echoes.
    private struct Port {
        let number: Int
        let engine: EngineServer
        let group: ServiceGroup

        static func run(_ body: (Port) async throws -> Void) async throws {
            let metrics = TransportMetrics()
            let memory = SendMemory(limit: 1 << 28, metrics: metrics, logger: .silent)
            var options = EngineOptions(path: "/socket.io/")
            options.pingInterval = .hours(1)
            let engine = EngineServer(
                options: { [options] in options }, sendMemory: memory, metrics: metrics, pausedTime: { .zero },
                isAllowedOrigin: { _ in true }, makeSession: { connection, _ in Echo(connection) })
            var shared = SharedPort(
                times: { .init(request: .hours(1), drain: .hours(1), idle: .hours(1)) },
                connections: ConnectionLimit { 100 }, isProxy: { _ in false }, client: { _, _ in "" },
                options: { .init(maxMessageBytes: 100) }, sendMemory: memory, metrics: metrics, pausedTime: { .zero },
                tls: nil, compresses: true, decide: { _, _ in .http })
            shared.engines = [engine]
            let port = shared
            let bound = AsyncStream.makeStream(of: Int.self)
            let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
                let body = try await request.body.collect(upTo: 1000)
                return Response(
                    status: .accepted,
                    body: .init(byteBuffer: ByteBuffer(string: "<\(request.uri.path) \(String(buffer: body))>")))
            }
            let application = Application(
                responder: responder,
                server: .init { GatewayChannel(responder: $0, port: port, idleTimeout: { .seconds(60) }) },
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { bound.continuation.yield($0.localAddress?.port ?? 0) }, logger: .silent)
            let group = ServiceGroup(configuration: .init(services: [application], logger: .silent))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await number in bound.stream {
                    try await body(Port(number: number, engine: engine, group: group))
                    break
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    private final class Echo: ClientSession {
        private let connection: EngineConnection

        init(_ connection: EngineConnection) { self.connection = connection }

        func connectionOpened() { connection.setReading(true) }
        func heard() {}
        func received(_ message: [UInt8], isText: Bool) {
            connection.send(message, isText: isText)
            connection.flush()
        }
        func receivedControl() -> Bool { true }
        func violated(_ code: CloseCode, _ description: String) {}
        func clientCloses() {}
        func writabilityChanged(_ isWritable: Bool) {}
        func connectionShed() {}
        func serverStops() { connection.close(.goingAway, reason: "the server stops") }
        func connectionFailed(_ error: any Error) {}
        func connectionEnded() {}
    }

    private func request(_ method: String, _ uri: String, _ body: String = "", _ fields: String = "") -> [UInt8] {
        let length = method == "POST" ? "Content-Length: \(body.utf8.count)\r\n" : ""
        return Array("\(method) \(uri) HTTP/1.1\r\nHost: x\r\n\(fields)\(length)\r\n\(body)".utf8)
    }

    private func open(_ client: TestClient) async throws -> String {
        try await client.send(request("GET", "/socket.io/?EIO=4&transport=polling"))
        let answer = try await client.read(until: "1000000}")
        let sid = try #require(answer.firstMatch(of: /"sid":"([^"]+)"/)).1
        return "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
    }

    @Test("the first request of a connection may be a poll, and polls and other requests may follow in any order")
    func mixed() async throws {
        try await Port.run { port in
            let client = try await TestClient(port: port.number)
            let uri = try await open(client)
            for number in 0..<3 {
                try await client.send(request("POST", "/page", "body \(number)"))
                #expect(try await client.read(until: ">").hasSuffix("</page body \(number)>"))
                try await client.send(request("POST", uri, "4one \(number)!"))
                #expect(try await client.read(until: "ok").hasPrefix("HTTP/1.1 200 OK"))
                try await client.send(request("GET", uri))
                #expect(try await client.read(until: "!").hasSuffix("4one \(number)!"))
            }
            // Pipelined: a request of the router, one of the server, and again.
            try await client.send(
                request("GET", "/a") + request("POST", uri, "4x!") + request("GET", "/b") + request("GET", uri)
                    + request("GET", "/c", "", "Connection: close\r\n"))
            let answers = try await client.readToEnd()
            let bodies = answers.matches(of: /\r\n\r\n([^\r]*?)(?=HTTP|$)/).map { String($0.1) }
            #expect(bodies == ["</a >", "ok", "</b >", "4x!", "</c >"])
        }
    }

    @Test("a client that leaves in the middle of a poll, or between two requests, leaves nothing behind")
    func left() async throws {
        try await Port.run { port in
            let client = try await TestClient(port: port.number)
            let uri = try await open(client)
            try await client.send(request("GET", uri))
            try await client.close()
            let other = try await TestClient(port: port.number)
            var answer = ""
            repeat {
                try await other.send(request("PUT", uri))
                answer = try await other.read(until: "\"}")
            } while answer.contains("\"code\":3")
            #expect(port.engine.count == 0)
        }
    }

    @Test("a stop ends a poll that waits, and the port closes")
    func stop() async throws {
        try await Port.run { port in
            let client = try await TestClient(port: port.number)
            let uri = try await open(client)
            try await client.send(request("POST", uri, "4x!"))
            _ = try await client.read(until: "ok")
            try await client.send(request("GET", uri))
            _ = try await client.read(until: "4x!")
            try await client.send(request("GET", uri))
            port.engine.stop()
            #expect(try await client.read(until: "\r\n\r\n1").hasPrefix("HTTP/1.1 200 OK"))
            await port.group.triggerGracefulShutdown()
            #expect(try await client.readToEnd() == "")
        }
    }
}
