import JSONValues
import Storage
import Transport

/// The fields of a login or registration, read from any of the three kinds of body [1-protocol 1].
package struct LoginForm: Equatable, Sendable {
    /// The user name without surrounding white space: 1 to 64 characters, no control characters.
    package let login: String
    /// The password: 1 to 1,024 bytes.
    package let password: String

    static let maxLoginCharacters = 64
    static let maxPasswordBytes = 1024
    /// The minimum for registrations of players only; an older account may have a shorter password.
    package static let minPasswordCharacters = 4

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - contentType: The request's `Content-Type`; without one a body that begins with `{` is JSON, else a form.
    /// - Throws: ``GatewayError`` with code `bad_request`, and the field that is wrong.
    init(body: [UInt8], contentType: String?) throws(GatewayError) {
        let fields: [String: String]
        let parts = (contentType ?? "").split(separator: ";", maxSplits: 1)
        switch parts.first.map({ $0.lowercased().filter { $0 != " " } }) {
        case "application/json": fields = try Self.json(body)
        case "multipart/form-data": fields = try Multipart.fields(body, parameters: parts.dropFirst().first ?? "")
        case "application/x-www-form-urlencoded": fields = try Self.form(body)
        case nil: fields = body.first == UInt8(ascii: "{") ? try Self.json(body) : try Self.form(body)
        case .some(let other):
            throw .badRequest(
                "the body is \(other.prefix(80)); send application/x-www-form-urlencoded, multipart/form-data or application/json"
            )
        }
        try self.init(fields: fields)
    }

    private init(fields: [String: String]) throws(GatewayError) {
        guard let login = fields["login"] else { throw .badRequest("the field login is missing", field: "login") }
        guard let password = fields["password"] else {
            throw .badRequest("the field password is missing", field: "password")
        }
        try self.init(login: login, password: password)
    }

    /// Checks the fields.
    ///
    /// - Parameters:
    ///   - login: The user name, perhaps with white space around it.
    ///   - password: The password.
    /// - Throws: ``GatewayError`` with code `bad_request`, and the field that is wrong.
    package init(login: String, password: String) throws(GatewayError) {
        let trimmed = Self.trimmed(login)
        guard (1...Self.maxLoginCharacters).contains(trimmed.count), trimmed.utf8.count <= 4 * Self.maxLoginCharacters
        else {
            throw .badRequest("a login has 1 to \(Self.maxLoginCharacters) characters", field: "login")
        }
        for scalar in trimmed.unicodeScalars where !Self.isVisible(scalar) { throw Self.invisible(scalar) }
        guard (1...Self.maxPasswordBytes).contains(password.utf8.count) else {
            throw .badRequest("a password has 1 to \(Self.maxPasswordBytes) bytes", field: "password")
        }
        self.login = trimmed
        self.password = password
    }

    /// Checks the rules that apply only to new accounts.
    ///
    /// - Parameter minCharacters: The least length of the password.
    /// - Throws: ``GatewayError`` with code `bad_request`.
    package func checkRegistration(
        minCharacters: Int = minPasswordCharacters
    ) throws(GatewayError) {
        if let blank = login.unicodeScalars.first(where: Self.isBlank) {
            throw Self.invisible(blank)
        }
        guard !loginKey(login).isEmpty else {
            throw .badRequest("a login needs a visible character", field: "login")
        }
        guard password.count >= minCharacters else {
            throw .badRequest("a password has at least \(minCharacters) characters", field: "password")
        }
    }

    // MARK: - Bodies

    private static func json(_ body: [UInt8]) throws(GatewayError) -> [String: String] {
        let object: JSONObject
        do {
            guard let parsed = try JSON(parsing: body, maxDepth: 8).object else {
                throw GatewayError.badRequest("the body is JSON, but no object")
            }
            object = parsed
        } catch let error as GatewayError {
            throw error
        } catch {
            throw .badRequest("the body is not JSON: \(error)")
        }
        var fields: [String: String] = [:]
        for name in ["login", "password"] {
            switch object[name] {
            case nil: break
            case .string(let text): fields[name] = text
            case .some(let other): throw .badRequest("\(name) must be text, not \(other.typeName)", field: name)
            }
        }
        return fields
    }

    private static func form(_ body: [UInt8]) throws(GatewayError) -> [String: String] {
        guard let text = String(validating: body, as: UTF8.self) else { throw .badRequest("the body is not UTF-8") }
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(parts[0]), let value = decoded(parts.count == 2 ? parts[1] : "") else {
                throw .badRequest("the form is not percent-encoded UTF-8")
            }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw .badRequest("the field \(name.prefix(80)) is given twice")
            }
        }
        return fields
    }

    private static func decoded(_ text: Substring) -> String? {
        percentDecoded(text, plusIsSpace: true).flatMap { String(validating: $0, as: UTF8.self) }
    }

    // MARK: - Characters

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    private static func invisible(_ scalar: Unicode.Scalar) -> GatewayError {
        .badRequest(
            "a login can't contain invisible characters, line breaks or unassigned characters; remove U+\(scalar.hexDigits)",
            field: "login")
    }

    /// Whether a login may contain a code point; code points that break lines, are invisible or change the text
    /// direction are refused.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// Whether a code point looks like a blank or shows nothing, although it is a letter, a mark or a symbol. Two
    /// logins that differ only in such code points look the same.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xFE00...0xFE0F: false  // select how an emoji looks; `loginKey` ignores them
        case 0x2800, 0x1D159: true  // the Braille pattern without dots, the note without a head
        // Among others the Hangul fillers, such as U+3164.
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
