import JSONValues

/// Why a request, a connection or a session is refused or ended, as it is sent to clients.
package struct Refusal: Sendable, Equatable {
    /// The reason for programs, for instance `map_full`.
    package var code: String
    /// The reason for people, with what to do about it.
    package var text: String

    /// Makes a refusal.
    ///
    /// - Parameters:
    ///   - code: The reason for programs.
    ///   - text: The reason for people.
    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    /// `{"error":"…","code":"…"}` as UTF-8.
    package var json: [UInt8] { JSON.object(["error": .string(text), "code": .string(code)]).bytes }
}
