import Gateway
import HTTPTypes
import Hummingbird
import Storage

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

    /// Whether the caller wants HTML, a part of a page, instead of JSON.
    var wantsHTML: Bool { request.headers[.accept]?.contains("text/html") == true }

    /// Whether the caller may change the running game.
    var mayChange: Bool { (caller?.role ?? .viewer) >= .editor }
}
