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
                let taken = try await sign(server, "register", spelling, "other")
                #expect(taken.status == 409, "\(spelling)")
                #expect(
                    taken.json["error"]
                        == .string(
                            "the login \"\(spelling)\" is taken (names that look the same or differ only in case count as the same); choose another"
                        ))
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

    @Test("a new login has no invisible characters, and the refusal names the character")
    func invisible() async throws {
        let logins = [
            "\u{3164}", "Ann\u{3164}", "\u{2800}", "A\u{2800}nn", "\u{115F}", "\u{1160}", "\u{FFA0}", "\u{17B4}",
            "\u{180B}", "\u{34F}", "\u{1D159}", "\u{E0100}", "\u{FE0F}", "\u{200B}", "\u{2060}", "Ann\u{202E}",
            "\u{AD}", "\u{FEFF}Ann",
        ]
        try await TestServer.run(configure: { configuration, _ in
            configuration.registrationLimit = RateLimit(burst: 100, perSecond: 1)
        }) { (server: TestServer) async throws in
            for login in logins {
                let reply = try await sign(server, "register", login, "secret")
                #expect(reply.status == 400, "\(login.unicodeScalars)")
                #expect(reply.json["field"] == .string("login"), "\(login.unicodeScalars)")
            }
            for (login, name) in [("Ann\u{AD}", "U+00AD"), ("Ann\u{3164}", "U+3164"), ("A\u{1D159}", "U+1D159")] {
                #expect(
                    try await sign(server, "register", login, "secret").json["error"]
                        == .string(
                            "a login can't contain invisible characters, line breaks or unassigned characters; remove \(name)"
                        ))
            }
            #expect(
                try await sign(server, "register", "\u{FE0F}", "secret").json["error"]
                    == .string("a login needs a visible character"))
        }
    }

    @Test("names of people stay possible")
    func names() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            for login in ["Ann B", "žluťoučký kůň", "日本語", "한국어", "❤️", "שלום", "ภาษาไทย", "नमस्ते"] {
                #expect(try await sign(server, "register", login, "secret").status == 200, "\(login)")
                #expect(try await sign(server, "auth", login, "secret").status == 200, "\(login)")
            }
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
