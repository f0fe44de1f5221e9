import Testing

@testable import Gateway

@Suite("A login refuses the character NUL, in every kind of body; a password keeps it") struct LoginNulTests {
    private func bodies(_ login: String, _ password: String) -> [(text: String, type: String?)] {
        func percent(_ text: String) -> String { text.replacing("\0", with: "%00") }
        func json(_ text: String) -> String { text.replacing("\0", with: "\\u0000") }
        func part(_ name: String, _ text: String) -> String {
            "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
        }
        return [
            ("login=\(percent(login))&password=\(percent(password))", nil),
            ("{\"login\":\"\(json(login))\",\"password\":\"\(json(password))\"}", "application/json"),
            (part("login", login) + part("password", password) + "--b--\r\n", "multipart/form-data; boundary=b"),
        ]
    }

    @Test("anywhere in it", arguments: ["\0", "\0ann", "a\0nn", "ann\0", " ann\0 "])
    func login(_ login: String) {
        for body in bodies(login, "word") {
            #expect {
                try LoginForm(body: Array(body.text.utf8), contentType: body.type)
            } throws: {
                ($0 as? GatewayError)?.field == "login"
            }
        }
    }

    @Test("what stands behind it in a password counts")
    func password() throws {
        for body in bodies("ann", "se\0cret") {
            let form = try LoginForm(body: Array(body.text.utf8), contentType: body.type)
            #expect(Array(form.password.utf8) == Array("se\0cret".utf8))
        }
        let hash = try #require(Sodium.passwordHash(Array("se\0cret".utf8), cost: .minimal))
        #expect(Sodium.verify(Array("se\0cret".utf8), hash: hash))
        for other in ["se", "se\0", "se\0cre", "se\0crett"] { #expect(!Sodium.verify(Array(other.utf8), hash: hash)) }
    }
}
