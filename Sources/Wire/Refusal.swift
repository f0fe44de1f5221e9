package import JSONValues

/// Why a request, a connection or a session is refused or ended, as it is sent to clients.
package struct Refusal: Sendable, Equatable {
    /// Whether the client of a connection that ends should connect again by itself [`1-protocol.md` 7].
    package enum Return: Sendable, Equatable {
        /// Only when its user asks for it; a token for coming back is dead.
        case unwelcome
        /// After this many seconds.
        case welcome(retry: Int)
    }

    /// The reason for programs, for instance `map_full`.
    package var code: String
    /// The reason for people, with what to do about it.
    package var text: String
    /// Whether to come back; `nil` for what does not end a connection.
    package var comingBack: Return?
    /// More for programs, after the members that every refusal has.
    package var details: JSONObject

    /// Makes a refusal.
    ///
    /// - Parameters:
    ///   - code: The reason for programs.
    ///   - text: The reason for people.
    ///   - comingBack: Whether the client should come back, for the end of a connection.
    ///   - details: More for programs.
    package init(code: String, text: String, comingBack: Return? = nil, details: JSONObject = [:]) {
        self.code = code
        self.text = text
        self.comingBack = comingBack
        self.details = details
    }

    /// `{"error":"…","code":"…"}` as UTF-8, for an end with `"return":false` or `"return":true,"retry":2`.
    package var json: [UInt8] {
        var object: JSONObject = ["error": .string(text), "code": .string(code)]
        switch comingBack {
        case nil: break
        case .unwelcome: object["return"] = .bool(false)
        case .welcome(let retry):
            object["return"] = .bool(true)
            object["retry"] = .number(Double(retry))
        }
        for (name, value) in details.members { object[name] = value }
        return JSON.object(object).bytes
    }
}
