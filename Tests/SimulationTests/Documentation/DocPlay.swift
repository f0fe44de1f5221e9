import Foundation
import JSONValues
import SimulationTestKit
import Testing
import World

@testable import Simulation

/// Runs the lines of a page's `play` block; each line is a step or a claim about the game:
///
///     players_1 joins as ada at 5,5       a player enters the map
///     players_1 leaves
///     players_1 > {"action":"move/to"}    what the client sends
///     players_1 < {"action":"notice"}     a message that the client got since; members and elements may be left out
///     after 2 s                           time passes
///     players_1.components.hp = 8         a value now, null when there is none; also <, <=, >, >=
///     distance from players_1 to enemys_1 > 3
///     3 coin                              how many entities have that prefab or are of that type
///     no enemys_1                         no such entity, or none of that prefab
///     players_1 is on map 2
///     log: text                           what scripts print
///     error: text                         an entry of the error log
///     the server restarts
///     events/dance/index.lua loses its last line
///     events/dance/index.lua gets back its last line
///
/// The block must have a line for every entry of the error log.
struct DocPlay {
    let game: DocGame
    private var seenMessages: [String: Int] = [:]
    private var seenErrors = 0
    private var seenErrorLines = 0
    private var seenPrints = 0
    private var lost = ""

    init(_ game: DocGame) { self.game = game }

    /// - Returns: What is wrong with the line; `nil` when it holds.
    mutating func play(_ line: String) throws -> String? {
        let words = line.split(separator: " ").map(String.init)
        if words.count == 3, words[0] == "after", words[2] == "s", let seconds = Double(words[1]) {
            game.advance(seconds)
            return nil
        }
        if line.hasSuffix(" loses its last line") {
            try game.edit(words[0]) { lost = $0.removeLast() }
            try game.takeFiles()
            return nil
        }
        if line.hasSuffix(" gets back its last line") {
            try game.edit(words[0]) { [lost] in $0.append(lost) }
            try game.takeFiles()
            return nil
        }
        if line == "the server restarts" {
            try game.restart()
            return nil
        }
        if line.hasPrefix("log: ") { return takePrint(String(line.dropFirst(5))) }
        if line.hasPrefix("error: ") { return takeError(String(line.dropFirst(7))) }
        if words.count == 2, words[0] == "no" {
            return game.record(words[1]) == nil && game.count(words[1]) == 0 ? nil : "it is there"
        }
        if words.count == 2, let count = Int(words[0]) {
            let found = game.count(words[1])
            return found == count ? nil : "there are \(found)"
        }
        guard words.count >= 2 else { return "not understood" }
        if words.count == 7, words[0] == "distance", let compare = Self.comparisons[words[5]],
            let limit = Double(words[6])
        {
            guard let (a, b) = place(words[2]).flatMap({ a in place(words[4]).map { (a, $0) } }) else {
                return "not there"
            }
            let distance = ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
            return compare(distance, limit) ? nil : "it is \(distance)"
        }
        if words.count == 3, words[0].contains("."), let compare = Self.comparisons[words[1]] {
            guard let limit = Double(words[2]), let number = value(words[0])?.number else { return "no number" }
            return compare(number, limit) ? nil : "it is \(number)"
        }
        switch words[1] {
        case "joins": return try join(words)
        case "leaves": game.leave(words[0])
        case ">": try game.send(words[0], rest(line, after: " > "))
        case "<": return try takeMessage(words[0], rest(line, after: " < "))
        case "is" where words.count == 5: return try check(words[0] + ".map_id", words[4])
        case "=": return try check(words[0], rest(line, after: " = "))
        default: return "not understood"
        }
        return nil
    }

    private func place(_ key: String) -> (x: Double, y: Double)? {
        game.record(key).flatMap { record in record.x.flatMap { x in record.y.map { (x, $0) } } }
    }

    private static let comparisons: [String: @Sendable (Double, Double) -> Bool] = [
        "<": { $0 < $1 }, "<=": { $0 <= $1 }, ">": { $0 > $1 }, ">=": { $0 >= $1 },
    ]

    private func rest(_ line: String, after mark: String) -> String {
        line.range(of: mark).map { String(line[$0.upperBound...]) } ?? ""
    }

    private mutating func join(_ words: [String]) throws -> String? {
        var login: String?
        var place: (x: Double, y: Double)?
        var index = 2
        while index + 1 < words.count {
            if words[index] == "as" { login = words[index + 1] }
            if words[index] == "at" {
                let parts = words[index + 1].split(separator: ",").compactMap { Double($0) }
                guard parts.count == 2 else { return "a place is x,y" }
                place = (parts[0], parts[1])
            }
            index += 2
        }
        try game.join(words[0], login: login, at: place)
        seenMessages[words[0]] = 0
        return nil
    }

    private mutating func takePrint(_ pattern: String) -> String? {
        let prints = game.prints
        guard let index = prints.indices.first(where: { $0 >= seenPrints && matches(prints[$0], pattern) }) else {
            return "printed was \(prints.dropFirst(seenPrints))"
        }
        seenPrints = index + 1
        return nil
    }

    mutating func takeError(_ pattern: String) -> String? {
        let errors = game.errors
        guard seenErrors < errors.count else { return "there is no further entry" }
        seenErrors += 1
        let message = errors[seenErrors - 1].message
        return matches(message, pattern, isPart: true) ? nil : "the next entry is \(message)"
    }

    /// The entries of the error log that the page does not mention.
    func untoldErrors() -> [String] { game.errors.dropFirst(seenErrors).map(\.message) }

    /// Compares a line of the error log with the next one there; tracebacks are indented and belong to their entry.
    mutating func takeErrorLine(_ pattern: String) -> String? {
        let lines = game.errorFile
        func isMeant(_ line: String) -> Bool {
            // Some pages show only the message, as the operator's panel does.
            logLine(line, matches: pattern) || (!pattern.hasPrefix("20") && matches(line, pattern, isPart: true))
        }
        guard let index = lines.indices.first(where: { $0 >= seenErrorLines && isMeant(lines[$0]) }) else {
            return "the error log has \(lines.dropFirst(seenErrorLines))"
        }
        seenErrorLines = index + 1
        if !pattern.hasPrefix(" ") { seenErrors += 1 }
        return nil
    }

    private mutating func takeMessage(_ key: String, _ text: String) throws -> String? {
        let wanted = try JSON(parsing: text)
        guard let player = game.players[key] else { return "\(key) has not joined" }
        let start = seenMessages[key] ?? 0
        // Not every tick sends, so a client may receive a change a few ticks later.
        for attempt in 0..<4 {
            if attempt > 0 { game.advance(game.secondsPerTick) }
            let messages = player.messages
            guard let index = messages.indices.first(where: { $0 >= start && Self.shows(messages[$0], wanted) })
            else { continue }
            seenMessages[key] = index + 1
            return nil
        }
        return "it got \(player.messages.dropFirst(start).suffix(6).map { String($0.text.prefix(300)) })"
    }

    /// Whether a value is as the page shows it; members that the page leaves out may have any value.
    private static func shows(_ value: JSON, _ wanted: JSON) -> Bool {
        switch (value, wanted) {
        case (.object(let object), .object(let part)):
            part.members.allSatisfy { member in object[member.key].map { shows($0, member.value) } ?? false }
        case (.array(let array), .array(let part)):
            part.allSatisfy { wanted in array.contains { shows($0, wanted) } }
        case (.string(let text), .string(let pattern)): matches(text, pattern)
        default: value == wanted
        }
    }

    /// The value that a path such as `players_1.components.hp` leads to; `nil` without the entity.
    private func value(_ path: String) -> JSON? {
        let names = path.split(separator: ".").map(String.init)
        guard let record = game.record(names[0]) else { return nil }
        return names.dropFirst().reduce(json(of: record)) { $0.object?[$1] ?? .null }
    }

    private func check(_ path: String, _ wanted: String) throws -> String? {
        guard let value = value(path) else { return "there is no such entity" }
        return Self.equals(value, try JSON(parsing: wanted)) ? nil : "it is \(value.text)"
    }

    private static func equals(_ value: JSON, _ wanted: JSON) -> Bool {
        if case .number(let one) = value, case .number(let other) = wanted { return abs(one - other) < 1e-6 }
        return value == wanted
    }

    private func json(of record: EntityRecord) -> JSON {
        var components = JSONObject()
        for (name, value) in record.components { components[name] = value }
        var events = JSONObject()
        for (name, event) in record.events {
            events[name] = .object([
                "action": event.action.map { .string($0) } ?? .null, "data": event.data ?? .null,
                // Seconds from now, because a page can't know absolute times.
                "in": .number(((event.time - game.now) * 1000).rounded() / 1000),
            ])
        }
        return .object([
            "x": record.x.map { .number($0) } ?? .null, "y": record.y.map { .number($0) } ?? .null,
            "z": .number(record.z), "sort": .number(record.sort), "side": .string(record.side),
            "action": .string(record.action), "prefab": .string(record.prefab), "map_id": .number(Double(record.mapID)),
            "components": .object(components), "events": .object(events),
        ])
    }
}
