import Foundation

/// The JSON of the operators' API: names in `snake_case`, times as Unix seconds.
package enum OperatorJSON {
    /// A body that is not what the endpoint asks for.
    package struct Mistake: Error, Sendable, Equatable, CustomStringConvertible {
        /// The field that is wrong; `nil` when the body is no JSON object.
        package var field: String?
        /// What is wrong and what is allowed.
        package var description: String
    }

    /// The JSON text of a value.
    ///
    /// - Parameter value: The value; an encoding error would be a value that JSON can't have, such as an infinite
    ///   number, and gives `null`.
    /// - Returns: UTF-8.
    package static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(Array.init) ?? Array("null".utf8)
    }

    /// Reads a value.
    ///
    /// - Parameters:
    ///   - type: Its type.
    ///   - bytes: UTF-8.
    /// - Returns: The value.
    /// - Throws: ``Mistake``.
    package static func read<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(Mistake) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw mistake(error)
        } catch {
            throw Mistake(field: nil, description: "the body can't be read: \(error)")
        }
    }

    private static func mistake(_ error: DecodingError) -> Mistake {
        func name(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context):
            let field = name(context.codingPath + [key])
            return Mistake(field: field, description: "the field \(field) is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            let field = name(context.codingPath)
            return Mistake(
                field: field.isEmpty ? nil : field,
                description: field.isEmpty ? "the body must be a JSON object" : "the field \(field) has another type")
        case .dataCorrupted(let context):
            let field = name(context.codingPath)
            return Mistake(
                field: field.isEmpty ? nil : field,
                description: field.isEmpty ? "the body is not JSON" : "the field \(field) has no such value")
        @unknown default:
            return Mistake(field: nil, description: "the body can't be read")
        }
    }
}
