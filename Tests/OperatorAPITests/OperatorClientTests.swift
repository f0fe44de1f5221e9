import Storage
import Testing

@testable import OperatorAPI

@Suite("The operator's client", .timeLimit(.minutes(5))) struct OperatorClientTests {
    static let key = ["operator.key": "0123456789abcdef\n"]

    func failure(_ work: () async throws -> Void) async -> String {
        do {
            try await work()
        } catch {
            return "\(error)"
        }
        return ""
    }

    @Test("it sends the data folder's key to the server that uses this folder, and reads the answer")
    func reload() async throws {
        let server = try await TinyServer(json: #"{"changes":["reloaded a.lua"],"effects":{},"problems":[]}"#)
        let data = try ScratchData(Self.key)
        ServerAddress.write(host: "0.0.0.0", port: server.port, certificate: nil, in: data.path)
        let client = try OperatorClient(url: nil, dataDirectory: data.path)
        #expect(client.port == server.port)
        #expect(try await client.reload().changes == ["reloaded a.lua"])
        let head = try #require(server.heads.first)
        #expect(head.hasPrefix("POST /server/api/reload HTTP/1.1\r\n"))
        #expect(head.contains("Authorization: Bearer 0123456789abcdef\r\n"))
        #expect(head.contains("Host: 127.0.0.1:\(server.port)\r\n"))
        try await server.stop()
    }

    @Test("it requests the state of a map")
    func performance() async throws {
        let server = try await TinyServer(
            json: """
                {"status":{"tick_recent_max_ms":12.5,"tick_recent_max_cpu_ms":3},"log":[{"text":"a"},{"text":"b"},{}]}
                """)
        let data = try ScratchData(Self.key)
        let client = try OperatorClient(url: "http://127.0.0.1:\(server.port)", dataDirectory: data.path)
        let answer = try await client.performance(ofMap: 4)
        #expect((answer.longestTickMs, answer.longestTickCPUMs) == (12.5, 3))
        #expect(answer.log == ["a", "b"])
        #expect(server.heads.first?.hasPrefix("GET /server/api/log_performance/4 HTTP/1.1\r\n") == true)
        try await server.stop()
    }

    @Test("it sends a typed body, path and query, and reads a typed answer")
    func typed() async throws {
        let server = try await TinyServer(json: #"{"id":7,"name":"x","role":"viewer","created":1,"secret":"s"}"#)
        let data = try ScratchData(Self.key)
        let client = try OperatorClient(url: "http://127.0.0.1:\(server.port)", dataDirectory: data.path)
        let key = try await client.answer(
            of: .createKey, query: [("a b", "ü&")], body: NewKeyRequest(name: "x", role: .viewer), as: APIKeyAnswer.self
        )
        #expect(key.id == 7 && key.secret == "s" && key.lastUsed == nil)
        let head = try #require(server.heads.first)
        #expect(head.hasPrefix("POST /server/api/v1/keys?a%20b=%C3%BC%26 HTTP/1.1\r\n"))
        #expect(head.contains("Content-Type: application/json\r\nContent-Length: 28\r\n"))
        let failure = await failure { _ = try await client.answer(of: .listKeys, as: [APIKeyAnswer].self) }
        #expect(failure.hasPrefix("the server answers in another form than this version expects"))
        try await server.stop()
    }

    @Test(
        "a refusal is reported with the server's own text",
        arguments: [
            ("401 Unauthorized", #"{"error":"log in"}"#, "the server has another operator's key: log in"),
            ("404 Not Found", #"{"error":"no folder"}"#, "the server refused: no folder"),
            ("500 Oops", "{}", "the server refused: HTTP 500"),
        ])
    func refusals(status: String, json: String, text: String) async throws {
        let server = try await TinyServer(json: json, status: status)
        let data = try ScratchData(Self.key)
        let client = try OperatorClient(url: "http://127.0.0.1:\(server.port)", dataDirectory: data.path)
        #expect(await failure { _ = try await client.reload() } == text)
        try await server.stop()
    }

    @Test("the errors for an answer that is not JSON and for a closed connection say what to check")
    func strangers() async throws {
        let data = try ScratchData(Self.key)
        let page = try await TinyServer(json: "<html>")
        let other = try OperatorClient(url: "http://127.0.0.1:\(page.port)", dataDirectory: data.path)
        #expect(
            await failure { _ = try await other.reload() }
                == "the answer of 127.0.0.1:\(page.port) is not that of a Perigee server (HTTP 200)")
        try await page.stop()
        let silent = try await TinyServer(answer: nil)
        let client = try OperatorClient(url: "http://127.0.0.1:\(silent.port)", dataDirectory: data.path)
        let text = await failure { _ = try await client.reload() }
        #expect(text.hasPrefix("the server at 127.0.0.1:\(silent.port) does not answer ("))
        #expect(text.hasSuffix("); check that it runs, or name its address with --url"))
        try await silent.stop()
    }

    @Test("without a server, a key or an address the error says which option to give")
    func nothing() throws {
        let empty = try ScratchData()
        func text(_ url: String?) -> String {
            do {
                _ = try OperatorClient(url: url, dataDirectory: empty.path)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(text(nil).hasPrefix("no server runs over the data folder \"\(empty.path)\"; name its folder"))
        for url in ["", "ftp://a", "http://", "localhost:8080"] {
            #expect(text(url) == "\"\(url)\" is no address of a server; give http://HOST:PORT or https://…")
        }
        #expect(text("http://127.0.0.1:1").hasPrefix("can't read the operator's key \(empty.path)/operator.key; name"))
    }

    @Test(
        "an address without a port has the scheme's port",
        arguments: [("http://a", 80), ("https://a", 443), ("http://[::1]:81", 81)])
    func ports(url: String, port: Int) throws {
        let data = try ScratchData(Self.key)
        #expect(try OperatorClient(url: url, dataDirectory: data.path).port == port)
    }
}

@Suite("The address that a server notes in its data folder") struct ServerAddressTests {
    @Test(
        "an address that stands for all interfaces is noted as this machine's loopback address",
        arguments: [
            ("0.0.0.0", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::", "[::1]"), ("fe80::1", "[fe80::1]"),
            ("192.0.2.7", "192.0.2.7"),
        ])
    func hosts(host: String, noted: String) throws {
        let data = try ScratchData()
        ServerAddress.write(host: host, port: 8080, certificate: nil, in: data.path)
        let address = try #require(ServerAddress.read(from: data.path))
        #expect(address.url == "http://\(noted):8080" && address.certificate == nil)
        ServerAddress.remove(from: data.path)
        #expect(ServerAddress.read(from: data.path) == nil)
    }

    @Test("a server with TLS notes its certificate with the full path")
    func certificate() throws {
        let data = try ScratchData()
        ServerAddress.write(host: "0.0.0.0", port: 1, certificate: "/etc/../etc/chain.pem", in: data.path)
        let address = try #require(ServerAddress.read(from: data.path))
        #expect(address.url == "https://127.0.0.1:1")
        #expect(address.certificate?.hasPrefix("/") == true && address.certificate?.hasSuffix("/chain.pem") == true)
    }
}
