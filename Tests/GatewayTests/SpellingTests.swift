import JSONValues
import Storage
import Testing

@testable import Gateway

@Suite("Spellings of logins and passwords over HTTP", .timeLimit(.minutes(5))) struct SpellingTests {
    private func sign(
        _ server: TestServer, _ kind: String, _ login: String, _ password: String
    ) async throws -> TestClient.Reply {
        let body = JSON.object(["login": .string(login), "password": .string(password)]).text
        return try await server.client().request(
            "POST", "/server/sign/\(kind)/", headers: ["Content-Type": "application/json"], body: body)
    }

    @Test("a name is one player in all its spellings")
    func logins() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await sign(server, "register", "ΣΑΣ", "secret").status == 200)
            for spelling in ["σας", "σασ", "Σας"] {
                #expect(try await sign(server, "register", spelling, "other").status == 409, "\(spelling)")
                #expect(try await sign(server, "auth", spelling, "secret").json["id"] == .number(1), "\(spelling)")
            }
        }
    }

    @Test("the guesses at one player count together, whatever the spelling")
    func guesses() async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.loginLimit = RateLimit(burst: 3, perSecond: 0.1)
        }) { (server: TestServer) async throws in
            #expect(try await sign(server, "register", "σας", "secret").status == 200)
            for spelling in ["ΣΑΣ", "σας", "σασ"] {
                #expect(try await sign(server, "auth", spelling, "wrong").status == 401)
            }
            #expect(try await sign(server, "auth", "σα\u{AD}ς", "wrong").status == 400, "no soft hyphens in logins")
            #expect(try await sign(server, "auth", "Σας", "secret").status == 429)
        }
    }

    @Test(
        "a new login has no characters that look like blanks",
        arguments: [
            "\u{3164}", "Ann\u{3164}", "\u{2800}", "A\u{2800}nn", "\u{115F}", "\u{1160}", "\u{FFA0}", "\u{17B4}",
            "\u{180B}",
            "\u{34F}", "\u{1D159}", "\u{E0100}", "\u{FE0F}", "\u{200B}", "\u{2060}", "Ann\u{202E}", "\u{AD}",
            "\u{FEFF}Ann",
        ])
    func blanks(login: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let reply = try await sign(server, "register", login, "secret")
            #expect(reply.status == 400)
            #expect(reply.json["field"] == .string("login"))
        }
    }

    @Test(
        "names of people stay possible",
        arguments: ["Ann B", "žluťoučký kůň", "日本語", "한국어", "❤️", "שלום", "ภาษาไทย", "नमस्ते"])
    func names(login: String) async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await sign(server, "register", login, "secret").status == 200)
            #expect(try await sign(server, "auth", login, "secret").status == 200)
        }
    }

    @Test("a password may be typed with letters that are composed in another way")
    func passwords() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await sign(server, "register", "Ann", "cafe\u{301}").status == 200)
            #expect(try await sign(server, "auth", "Ann", "caf\u{E9}").status == 200)
            #expect(try await sign(server, "auth", "Ann", "cafe\u{301}").status == 200)
            #expect(try await sign(server, "auth", "Ann", "cafe").status == 401)
            #expect(try await sign(server, "register", "Bob", "caf\u{E9}").status == 200)
            #expect(try await sign(server, "auth", "Bob", "cafe\u{301}").status == 200)
        }
    }

    @Test("a password that an older version hashed as it was sent is still good, and its next hash is of the NFC form")
    func olderPasswords() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let hash = try #require(Sodium.passwordHash(Array("cafe\u{301}".utf8), cost: .minimal))
            _ = try await server.storage.createAccount(login: "Ann", passwordHash: hash, created: 1)
            #expect(try await sign(server, "auth", "Ann", "caf\u{E9}").status == 401)
            #expect(try await server.storage.account(id: 1)?.passwordHash == hash)
            #expect(try await sign(server, "auth", "Ann", "cafe\u{301}").status == 200)
            let stored = try #require(await server.storage.account(id: 1)).passwordHash
            #expect(Sodium.verify(Array("caf\u{E9}".utf8), hash: stored))
            for password in ["caf\u{E9}", "cafe\u{301}"] {
                #expect(try await sign(server, "auth", "Ann", password).status == 200)
            }
            #expect(try await sign(server, "auth", "Ann", "cafe\u{300}").status == 401)
            #expect(try await server.storage.account(id: 1)?.passwordHash == stored, "hashed once")
        }
    }

    @Test("a wrong password counts as often as it is hashed", arguments: [("caf\u{E8}", 4), ("cafe\u{300}", 2)])
    func counted(wrong: String, allowed: Int) async throws {
        try await TestServer.run(configure: { configuration, _ in
            configuration.loginLimit = RateLimit(burst: 4, perSecond: 0.1)
        }) { (server: TestServer) async throws in
            var failures = 0
            while failures < 5, try await sign(server, "auth", "Ann", wrong).status == 401 { failures += 1 }
            #expect(failures == allowed)
        }
    }
}
