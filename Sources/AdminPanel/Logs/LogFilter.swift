import Gateway
import OperatorAPI

/// Which log entries a reader wants.
struct LogFilter: Sendable, Equatable {
    /// The longest text of a field, in characters.
    static let maxText = 200

    var map: Int?
    var level: LogEntry.Level?
    /// A part of the script's file, in lower case.
    var script: String?
    /// A part of the entity's key, in lower case.
    var entity: String?
    /// A part of the text or the traceback, in lower case.
    var text: String?

    init(
        map: Int? = nil, level: LogEntry.Level? = nil, script: String? = nil, entity: String? = nil, text: String? = nil
    ) {
        self.map = map
        self.level = level
        self.script = script?.lowercased()
        self.entity = entity?.lowercased()
        self.text = text?.lowercased()
    }

    /// Reads the query of a request.
    ///
    /// - Throws: ``GatewayError`` with status 400, and the field that is wrong.
    init(_ call: PanelCall) throws(GatewayError) {
        map = try Self.map(of: call)
        if let name = call.query("level") {
            guard let level = LogEntry.Level(rawValue: name) else {
                let allowed = LogEntry.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("level is \"\(name.prefix(20))\"; allowed are \(allowed)", field: "level")
            }
            self.level = level
        }
        script = Self.part(call, "script")
        entity = Self.part(call, "entity")
        text = Self.part(call, "text")
    }

    /// The map that a query names; `nil` for all maps.
    ///
    /// - Throws: ``GatewayError`` with status 400.
    static func map(of call: PanelCall) throws(GatewayError) -> Int? {
        guard let text = call.query("map") else { return nil }
        guard let map = Int(text) else {
            throw .badRequest("map is \"\(text.prefix(20))\"; give the number of a map", field: "map")
        }
        return map
    }

    private static func part(_ call: PanelCall, _ name: String) -> String? {
        call.query(name).map { String($0.prefix(maxText)).lowercased() }
    }

    /// Whether an entry is wanted.
    func admits(_ entry: LogEntry) -> Bool {
        if let map, entry.map != map { return false }
        if let level, entry.level != level { return false }
        if let script, entry.script?.lowercased().contains(script) != true { return false }
        if let entity, entry.entity?.lowercased().contains(entity) != true { return false }
        guard let text else { return true }
        return entry.text.lowercased().contains(text) || entry.traceback?.lowercased().contains(text) == true
    }
}
