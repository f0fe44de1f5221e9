import JSONValues
import Testing

@testable import Gateway

@Suite("What a Socket.IO client says about who it is") struct SocketCredentialsTests {
    private func read(_ text: String) throws -> SocketCredentials {
        try SocketCredentials(text.isEmpty ? nil : JSON(parsing: text).object)
    }

    @Test("a token with its player, a session, or a name with its password; a token counts before the others")
    func ways() throws {
        let token = SocketCredentials.token(HandshakeCredentials(playerID: 7, token: "abc"))
        #expect(try read(#"{"id":7,"token":"abc"}"#) == token)
        #expect(try read(#"{"token":"abc","id":"7","room":"red"}"#) == token, "some clients send numbers as text")
        #expect(try read(#"{"id":7,"token":"abc","session":"s","login":"ann","password":"p"}"#) == token)
        #expect(try read(#"{"session":"s","login":"ann","password":"p"}"#) == .session("s"))
        #expect(
            try read(#"{"login":" ann ","password":"secret"}"#)
                == .password(LoginForm(login: "ann", password: "secret")))
    }

    @Test("nothing, and only the game's own members, mean a guest", arguments: ["", "{}", #"{"room":"red","id":7}"#])
    func guests(text: String) throws {
        #expect(try read(text) == .guest)
    }

    @Test(
        "what can't be right is refused, with the member that is wrong",
        arguments: [
            (#"{"token":"abc"}"#, "id"), (#"{"token":"abc","id":0}"#, "id"), (#"{"token":"abc","id":1.5}"#, "id"),
            (#"{"token":"abc","id":"x"}"#, "id"), (#"{"token":"abc","id":1e300}"#, "id"),
            (#"{"token":7,"id":1}"#, "token"), (#"{"token":"","id":1}"#, "token"), (#"{"token":null,"id":1}"#, "token"),
            (#"{"session":7}"#, "session"), (#"{"session":""}"#, "session"),
            (#"{"login":"ann"}"#, "password"), (#"{"login":7,"password":"x"}"#, "password"),
            (#"{"login":"ann","password":""}"#, "password"), (#"{"login":" ","password":"x"}"#, "login"),
        ])
    func wrong(text: String, field: String) throws {
        let error = #expect(throws: GatewayError.self) { try read(text) }
        #expect(error?.code == "bad_request" && error?.field == field)
    }

    @Test("a token or a session has at most 512 bytes")
    func length() throws {
        let longest = String(repeating: "x", count: 512)
        #expect(try read(#"{"session":"\#(longest)"}"#) == .session(longest))
        for text in [#"{"session":"\#(longest)x"}"#, #"{"id":1,"token":"\#(longest)x"}"#] {
            #expect(throws: GatewayError.self) { try read(text) }
        }
    }

    @Test("scripts get the payload without its secrets")
    func secrets() throws {
        let auth: JSONObject = [
            "id": .number(7), "token": .string("t"), "session": .string("s"), "login": .string("ann"),
            "password": .string("p"), "room": .string("red"),
        ]
        let rest: JSONObject = ["id": .number(7), "login": .string("ann"), "room": .string("red")]
        #expect(SocketCredentials.withoutSecrets(auth) == rest)
    }
}
