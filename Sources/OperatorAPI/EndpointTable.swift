import Storage

/// The table of what the panel answers. Rights, tests and `docs/operator-api.md` are made from it. Each subject has its
/// rows in a file of its own, such as `Endpoint+Maps.swift`.
extension Endpoint {
    /// All endpoints, in the order of the documentation.
    package static let all: [Endpoint] = [
        session,
        operators,
        keys,
        auditing,
        maps,
        editor,
        players,
        bans,
        mapControl,
        world,
        logs,
        costs,
        files,
        play,
        frame,
    ].flatMap(\.self)

    /// The table for `docs/operator-api.md`, one row for each endpoint.
    package static var documentation: String {
        let rows = all.map { "| `\($0.method.rawValue) \($0.path)` | \($0.role?.rawValue ?? "-") | \($0.summary) |" }
        return (["| request | role | what it does |", "|---|---|---|"] + rows).joined(separator: "\n")
    }
}
