/// Reads the text fields of a `multipart/form-data` body (RFC 7578).
enum Multipart {
    private static let maxParts = 16

    /// Reads the fields.
    ///
    /// - Parameters:
    ///   - body: The whole body; the caller has bounded its size.
    ///   - parameters: The text after `multipart/form-data;` in the `Content-Type`.
    /// - Returns: The field values by name; files are read as text, too.
    /// - Throws: ``GatewayError`` with code `bad_request`.
    static func fields(_ body: [UInt8], parameters: some StringProtocol) throws(GatewayError) -> [String: String] {
        guard let boundary = parameter("boundary", of: parameters), (1...70).contains(boundary.utf8.count) else {
            throw .badRequest("multipart/form-data needs a boundary of 1 to 70 characters")
        }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter has no line break before it when there is no preamble.
        let text = [13, 10] + body
        guard var start = find(delimiter, in: text, from: 0) else {
            throw .badRequest("the body has no part with the announced boundary")
        }
        var fields: [String: String] = [:]
        for _ in 0..<maxParts {
            start += delimiter.count
            if text[start...].starts(with: "--".utf8) { return fields }
            guard let headEnd = find([13, 10, 13, 10], in: text, from: start),
                let end = find(delimiter, in: text, from: headEnd + 2)
            else { throw .badRequest("a part of the body has no end") }
            let head = String(decoding: text[start..<headEnd], as: UTF8.self)
            guard let name = fieldName(head) else { throw .badRequest("a part of the body has no field name") }
            guard let value = String(validating: text[min(headEnd + 4, end)..<end], as: UTF8.self) else {
                throw .badRequest("the field \(name.prefix(80)) is not UTF-8")
            }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw .badRequest("the field \(name.prefix(80)) is given twice")
            }
            start = end
        }
        throw .badRequest("the body has more than \(maxParts) parts")
    }

    private static func fieldName(_ head: String) -> String? {
        for line in head.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("content-disposition:") {
            return parameter("name", of: line.split(separator: ";", maxSplits: 1).dropFirst().first ?? "")
        }
        return nil
    }

    /// The value of `name=value` or `name="value"` in a list separated by semicolons.
    private static func parameter(_ name: String, of list: some StringProtocol) -> String? {
        for item in list.split(separator: ";") {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased().filter({ $0 != " " }) == name else { continue }
            let value = parts[1].drop { $0 == " " }
            return value.hasPrefix("\"") ? String(value.dropFirst().prefix { $0 != "\"" }) : String(value)
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard start >= 0, pattern.count <= text.count - start else { return nil }
        return (start...(text.count - pattern.count)).first { text[$0...].starts(with: pattern) }
    }
}
