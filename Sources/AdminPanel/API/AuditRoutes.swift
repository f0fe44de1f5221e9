import Gateway
import Hummingbird
import OperatorAPI
import Storage

/// Reading the audit log.
struct AuditRoutes: Sendable {
    /// The most entries of one answer.
    static let maxEntries = 500

    let storage: any OperatorStorage

    func add(to routes: inout PanelRoutes) {
        routes.on(.listAudit) { call in
            let entries = try await storage.auditEntries(try Self.filter(call, limit: 100))
            return Response(operatorJSON: entries)
        }
    }

    /// The wanted entries, from the query of a request.
    ///
    /// - Parameters:
    ///   - call: The request.
    ///   - limit: How many entries without `limit` in the query.
    /// - Returns: The filter.
    /// - Throws: ``GatewayError`` with status 400, and the field that is wrong.
    static func filter(_ call: PanelCall, limit: Int) throws(GatewayError) -> AuditFilter {
        var filter = AuditFilter(
            actor: call.query("actor"), action: call.query("action"), text: call.query("text"), limit: limit)
        if let text = call.query("refused") {
            guard let isRefused = Bool(text) else {
                throw .badRequest("refused is \"\(text.prefix(20))\"; give true or false", field: "refused")
            }
            filter.isRefused = isRefused
        }
        filter.before = try number(call, "before", 1...Int.max)
        filter.limit = try number(call, "limit", 1...maxEntries) ?? limit
        return filter
    }

    private static func number(
        _ call: PanelCall, _ name: String, _ range: ClosedRange<Int>
    ) throws(GatewayError) -> Int? {
        guard let text = call.query(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let allowed =
                range.upperBound == .max
                ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw .badRequest("\(name) is \"\(text.prefix(20))\"; give a whole number \(allowed)", field: name)
        }
        return number
    }
}
