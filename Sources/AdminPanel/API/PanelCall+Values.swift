import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore

extension PanelCall {
    /// A whole number of the query.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - least: The least that is allowed.
    ///   - most: The most that is allowed.
    /// - Returns: `nil` when it is absent or empty.
    /// - Throws: ``GatewayError`` with status 400 for another text.
    func wholeNumber(_ name: String, from least: Int, to most: Int) throws(GatewayError) -> Int? {
        guard let text = query(name) else { return nil }
        guard let number = Int(text), (least...most).contains(number) else {
            let bounds = most == .max ? "from \(least)" : "from \(least) to \(most)"
            throw .badRequest("\(name) is \"\(text.prefix(20))\"; give a whole number \(bounds)", field: name)
        }
        return number
    }

    /// Reads the body, which must be a JSON object whose names are not known before.
    ///
    /// - Throws: ``GatewayError`` with status 400 or 415.
    func bodyObject() async throws -> JSONObject {
        let bytes = try await bodyBytes()
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: bytes, maxDepth: 64) } catch {
            throw GatewayError.badRequest("the body is not JSON: \(error)")
        }
        guard let object = json.object else { throw GatewayError.badRequest("the body must be a JSON object") }
        return object
    }
}
