import Gateway
import JSONValues
import OperatorAPI
import Simulation

/// The errors of all maps, grouped: bounded in number and bytes.
struct ErrorGroups {
    /// The most groups; then the one that was not seen for longest goes, mended ones first.
    static let maxGroups = 200
    /// The most entities that a group names.
    static let maxEntities = 10
    /// The most maps that a group names.
    static let maxMaps = 64
    /// The longest message, in bytes.
    static let maxMessage = 1_000
    /// The longest traceback, in bytes.
    static let maxTraceback = 2_000
    /// How often the newer version of a script must have run without the error on each map where it happened.
    static let runsToMend = 20

    private var groups: [String: ErrorGroup] = [:]
    /// Counts the changes.
    private(set) var changes = 0

    /// All groups, the latest first.
    var all: [ErrorGroup] { groups.values.sorted { ($0.lastSeen, $1.id) > ($1.lastSeen, $0.id) } }

    /// Takes the groups of an earlier run of the server.
    mutating func restore(_ earlier: [ErrorGroup]) {
        for group in earlier.prefix(Self.maxGroups) { groups[group.id] = group }
        changes += 1
    }

    /// Which group an error belongs to: the same kind, script and line, and the same message but for numbers and
    /// entities.
    static func id(of error: MapDiagnostics.ErrorEntry) -> String {
        let line = error.line.map(String.init) ?? ""
        let script = error.script ?? ""
        let pattern = MessagePattern.of(error.message, at: "\(script):\(line): ")
        return String(hex(Sodium.hash("\(error.kind)\n\(script)\n\(line)\n\(pattern)".utf8)).prefix(16))
    }

    /// Adds an error to its group.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - id: Its group, as ``id(of:)`` makes it.
    ///   - map: Where it happened.
    mutating func note(_ error: MapDiagnostics.ErrorEntry, id: String, map: Int) {
        changes += 1
        if groups[id] == nil { makeRoom() }
        var group =
            groups[id]
            ?? ErrorGroup(
                id: id, kind: error.kind, script: error.script, line: error.line, message: "", traceback: nil, count: 0,
                firstSeen: error.time, lastSeen: error.time)
        group.count += error.count
        group.lastSeen = max(group.lastSeen, error.time)
        group.message = error.message.clipped(to: Self.maxMessage)
        group.traceback = error.traceback?.clipped(to: Self.maxTraceback)
        group.mended = nil
        if let entity = error.entity, !group.entities.contains(entity) {
            if group.entities.count < Self.maxEntities {
                group.entities.append(entity.clipped(to: 80))
            } else {
                group.hasMoreEntities = true
            }
        }
        if let index = group.maps.firstIndex(where: { $0.map == map }) {
            group.maps[index].count += error.count
            group.maps[index].lastSeen = error.time
            group.maps[index].version = error.version
            group.maps[index].ran = error.ran
        } else if group.maps.count < Self.maxMaps {
            group.maps.append(
                .init(map: map, count: error.count, lastSeen: error.time, version: error.version, ran: error.ran))
            group.maps.sort { $0.map < $1.map }
        }
        groups[id] = group
    }

    private mutating func makeRoom() {
        guard groups.count >= Self.maxGroups else { return }
        let oldest = groups.values.min { a, b in
            (a.mended == nil ? 1 : 0, a.lastSeen) < (b.mended == nil ? 1 : 0, b.lastSeen)
        }
        if let oldest { groups[oldest.id] = nil }
    }

    /// Removes one group.
    ///
    /// - Returns: The removed group; `nil` when no group has this name.
    mutating func remove(_ id: String) -> ErrorGroup? {
        guard let group = groups.removeValue(forKey: id) else { return nil }
        changes += 1
        return group
    }

    /// Removes groups.
    ///
    /// - Returns: How many.
    mutating func remove(where isMeant: (ErrorGroup) -> Bool) -> Int {
        let ids = groups.values.filter(isMeant).map(\.id)
        for id in ids { groups[id] = nil }
        if !ids.isEmpty { changes += 1 }
        return ids.count
    }

    /// Marks the groups that are mended: on each map where the error happened and that runs now, the file is another
    /// version than the one with which it last happened, and the script that ran has run ``runsToMend`` times since.
    /// An error of a file that was loaded, not run, is mended when the file has no mistake any more. The mark goes
    /// when the error happens again.
    ///
    /// - Parameters:
    ///   - states: The states of maps that run.
    ///   - now: Unix time in seconds.
    mutating func markMended(by states: [Int: ScriptStates], at now: Double) {
        for (id, group) in groups where group.mended == nil {
            guard let script = group.script else { continue }
            let running = group.maps.compactMap { place in states[place.map].map { (place, $0) } }
            guard !running.isEmpty, running.allSatisfy({ Self.isMended(script, $0, $1) }) else { continue }
            groups[id]?.mended = now
            changes += 1
        }
    }

    private static func isMended(_ script: String, _ place: ErrorGroup.Place, _ states: ScriptStates) -> Bool {
        if states.failing.contains(script) { return false }
        // It was loaded, not called.
        guard let ran = place.ran else { return true }
        // What ran is gone, or came from the console, which is no file: then nothing can run without the error.
        guard let runs = states.runs[ran] else {
            return place.version != nil && states.versions[script] != place.version
        }
        guard let version = place.version else { return false }
        return states.versions[script] != version && runs >= runsToMend
    }

    /// Whether any group could be marked as mended.
    var hasUnmended: Bool { groups.values.contains { $0.mended == nil && $0.script != nil } }
}
