import Foundation
import JSONValues
import Testing

@testable import Gateway

@Suite("Pages of other origins [1-protocol 7]", .timeLimit(.minutes(5))) struct CrossOriginTests {
    static let page = "https://game.example"
    /// The endpoints that pages of allowed origins may use, with their methods.
    static let shared: [(path: String, methods: String)] = [
        ("/server/sign/auth/", "POST"), ("/server/sign/register/", "POST"), ("/server/sign/out", "POST"),
        ("/server/sign/token", "POST"), ("/server/sign/logout/", "POST"),
        ("/rtc/offer", "POST"), ("/server/signin/auth", "POST"), ("/server/signin/register/", "POST"),
        ("/server/sign/get_map/", "GET, HEAD"),
        ("/server/sign/get_map/?map_id=4", "GET, HEAD"), ("/music/theme.ogg", "GET, HEAD"),
        ("/music/nothing.ogg", "GET, HEAD"),
    ]

    private func run(allowing allowed: [String], _ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(
            configure: { configuration, folder in
                let music = folder + "/music"
                try FileManager.default.createDirectory(atPath: music, withIntermediateDirectories: true)
                try Data("la la".utf8).write(to: URL(filePath: music + "/theme.ogg"))
                configuration.musicDirectory = music
                configuration.clientDirectory = music
                configuration.origins = OriginPolicy(allowed: allowed)
            }, body)
    }

    private func preflight(
        _ server: TestServer, _ path: String, from origin: String, method: String = "POST"
    ) async throws -> TestClient.Reply {
        try await server.client().request(
            "OPTIONS", path,
            headers: [
                "Origin": origin, "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,content-type",
            ])
    }

    @Test("a preflight names the origin, the methods and the header fields", arguments: [[page], ["*"]])
    func preflights(allowed: [String]) async throws {
        try await run(allowing: allowed) { server in
            for (path, methods) in Self.shared {
                let reply = try await preflight(server, path, from: Self.page)
                #expect(reply.status == 204, "\(path)")
                #expect(reply.body.isEmpty)
                #expect(reply.headers["access-control-allow-origin"] == Self.page, "\(path)")
                #expect(reply.headers["access-control-allow-methods"] == methods, "\(path)")
                let fields = reply.headers["access-control-allow-headers"] ?? ""
                for field in ["Authorization", "Content-Type", "If-None-Match"] { #expect(fields.contains(field)) }
                #expect(reply.headers["access-control-allow-credentials"] == nil)
            }
        }
    }

    @Test(
        "origins that are not allowed get no permission",
        arguments: [
            "https://evil.example", "http://game.example", "https://game.example:8443", "null", "",
            "https://game.example.evil.example",
        ])
    func refused(origin: String) async throws {
        try await run(allowing: [Self.page]) { server in
            for (path, _) in Self.shared {
                let reply = try await preflight(server, path, from: origin)
                #expect(reply.status == 403, "\(path)")
                #expect(reply.json["code"] == .string("bad_origin"))
                #expect(reply.headers["access-control-allow-origin"] == nil)
                #expect(reply.headers["vary"]?.contains("Origin") == true)
            }
            let login = try await server.client().request(
                "POST", "/server/sign/register/", headers: ["Origin": origin, "Content-Type": "application/json"],
                body: #"{"login":"Ann","password":"secret"}"#)
            #expect(login.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test("every answer names the origin, refusals and unchanged files included, and caches keep them apart")
    func answers() async throws {
        try await run(allowing: [Self.page]) { server in
            func reply(
                _ method: String, _ path: String, _ headers: [String: String] = [:], body: String? = nil
            ) async throws -> TestClient.Reply {
                var headers = headers
                headers["Origin"] = Self.page
                if body != nil { headers["Content-Type"] = "application/json" }
                let reply = try await server.client().request(method, path, headers: headers, body: body)
                #expect(reply.headers["access-control-allow-origin"] == Self.page, "\(method) \(path)")
                #expect(reply.headers["access-control-expose-headers"] == "ETag, Retry-After")
                #expect(reply.headers["vary"] == "Origin")
                return reply
            }
            let ann = #"{"login":"Ann","password":"secret"}"#
            let login = try await reply("POST", "/server/sign/register/", body: ann)
            #expect(login.status == 200)
            #expect(try await reply("POST", "/server/sign/register/", body: ann).status == 409)
            #expect(try await reply("POST", "/server/sign/auth/", body: "{").status == 400)
            #expect(
                try await reply("POST", "/server/sign/auth/", body: ann.replacing("secret", with: "x")).status == 401)
            #expect(try await reply("GET", "/server/sign/auth/").status == 405)
            #expect(try await reply("GET", "/server/sign/get_map/?map_id=4").status == 401)
            let bearer = ["Authorization": "Bearer \(login.json["session"]?.string ?? "")"]
            let map = try await reply("GET", "/server/sign/get_map/?map_id=4", bearer)
            #expect(map.status == 200)
            let tagged = bearer.merging(["If-None-Match": map.headers["etag"] ?? ""]) { $1 }
            #expect(try await reply("GET", "/server/sign/get_map/?map_id=4", tagged).status == 304)
            #expect(try await reply("GET", "/music/theme.ogg").text == "la la")
            #expect(try await reply("HEAD", "/music/theme.ogg").status == 200)
            #expect(try await reply("GET", "/music/nothing.ogg").status == 404)
            #expect(try await reply("POST", "/server/sign/token", bearer).status == 200)
            #expect(try await reply("POST", "/server/sign/out/", bearer).status == 200)
            #expect(try await reply("POST", "/server/sign/token", bearer).status == 401)
        }
    }

    @Test("without an Origin the answers are as ever, but caches know that they may differ")
    func others() async throws {
        try await run(allowing: ["*"]) { server in
            let music = try await server.client().request("GET", "/music/theme.ogg")
            #expect(music.status == 200)
            #expect(music.headers["access-control-allow-origin"] == nil)
            #expect(music.headers["vary"] == "Origin")
            let options = try await server.client().request("OPTIONS", "/server/sign/auth/")
            #expect(options.status == 405)
        }
    }

    @Test(
        "what is not meant for other pages stays closed to them",
        arguments: ["/health", "/metrics", "/play/", "/", "/server/nothing"])
    func closed(path: String) async throws {
        try await run(allowing: ["*"]) { server in
            let reply = try await preflight(server, path, from: Self.page, method: "GET")
            #expect(reply.status == 405 || reply.status == 404)
            #expect(reply.headers["access-control-allow-origin"] == nil)
            let read = try await server.client().request("GET", path, headers: ["Origin": Self.page])
            #expect(read.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test("* allows pages without an origin of their own, such as files")
    func files() async throws {
        try await run(allowing: ["*"]) { server in
            let reply = try await preflight(server, "/server/sign/auth/", from: "null")
            #expect(reply.headers["access-control-allow-origin"] == "null")
        }
    }

    @Test("a changed list holds for the next request")
    func changed() async throws {
        try await run(allowing: []) { server in
            let before = try await preflight(server, "/server/sign/auth/", from: Self.page)
            #expect(before.status == 403)
            server.reconfigure { $0.origins = OriginPolicy(allowed: [Self.page]) }
            let after = try await preflight(server, "/server/sign/auth/", from: Self.page)
            #expect(after.status == 204)
        }
    }
}
