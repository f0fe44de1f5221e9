import GameFolder
import LuaSandbox
import Simulation
import Wire
import World

/// The encoding of entities, commands, problems and errors in a recording.
extension TapeWriter {
    mutating func write(_ key: EntityKey) {
        write(key.kind.rawValue)
        write(key.id)
    }

    mutating func write(_ record: EntityRecord) {
        if let ping = record.ping {
            write(TapeReader.pingMark)
            write(ping)
        }
        write(record.key)
        write(optional: record.login) { $0.write($1) }
        write(record.mapID)
        write(record.prefab)
        write(optional: record.x) { $0.write($1) }
        write(optional: record.y) { $0.write($1) }
        write(record.z)
        write(record.sort)
        write(record.side)
        write(record.action)
        write(record.created)
        write(optional: record.spawnID) { $0.write($1) }
        write(unsigned: UInt64(record.components.count))
        for (name, value) in record.components.sorted(by: { $0.key < $1.key }) {
            write(name)
            write(value)
        }
        write(unsigned: UInt64(record.events.count))
        for (name, event) in record.events.sorted(by: { $0.key < $1.key }) {
            write(name)
            write(pending: event)
            write(optional: event.data) { $0.write($1) }
            write(optional: event.commandID) { $0.write($1) }
            write(event.time)
        }
    }

    /// The pending event's name after a byte: 0 without one, 1 for a script's, 2 for a client's.
    private mutating func write(pending event: EventRecord) {
        guard let action = event.action else { return write(UInt8(0)) }
        write(UInt8(event.isFromClient ? 2 : 1))
        write(action)
    }

    mutating func write(_ command: Command) {
        write(command.group)
        write(command.event)
        write(optional: command.commandID) { $0.write($1) }
        write(optional: command.ping) { $0.write($1) }
        write(command.parameters)
    }

    mutating func write(_ problem: GameFolderProblem) {
        write(problem.file)
        write(optional: problem.line) { $0.write($1) }
        write(optional: problem.column) { $0.write($1) }
        write(problem.message)
    }

    mutating func write(_ error: ScriptError) {
        write(error.kind.rawValue)
        write(error.message)
        write(error.file)
        write(error.line)
        write(error.traceback)
        write(error.isLogged)
    }
}

extension TapeReader {
    /// Stands before a record with a round trip, where other records have their key's kind: files of version 2 have no
    /// such records.
    fileprivate static let pingMark: UInt8 = 0x80

    mutating func key() throws(RecordingError) -> EntityKey { try key(ofKind: try byte()) }

    private mutating func key(ofKind byte: UInt8) throws(RecordingError) -> EntityKey {
        guard let kind = EntityKind(rawValue: byte) else { throw unknown(byte, "a type of entity") }
        return EntityKey(kind, try integer())
    }

    private mutating func optionalText() throws(RecordingError) -> String? { try flag() ? try text() : nil }
    mutating func optionalDouble() throws(RecordingError) -> Double? { try flag() ? try double() : nil }
    private mutating func optionalInteger() throws(RecordingError) -> Int? { try flag() ? try integer() : nil }

    mutating func record() throws(RecordingError) -> EntityRecord {
        var first = try byte()
        var ping: Double?
        if first == Self.pingMark {
            ping = try double()
            first = try byte()
        }
        let key = try key(ofKind: first)
        let login = try optionalText()
        var record = EntityRecord(key: key, login: login, mapID: try integer(), ping: ping)
        record.prefab = try text()
        record.x = try optionalDouble()
        record.y = try optionalDouble()
        record.z = try double()
        record.sort = try double()
        record.side = try text()
        record.action = try text()
        record.created = try double()
        record.spawnID = try optionalInteger()
        for _ in 0..<(try count()) {
            let name = try text()
            record.components[name] = try json()
        }
        for _ in 0..<(try count()) {
            let name = try text()
            let pending = try byte()
            guard pending <= 2 else { throw unknown(pending, "the mark of a pending event, 0 to 2") }
            let action = pending == 0 ? nil : try text()
            let data = try flag() ? try json() : nil
            let commandID = try optionalDouble()
            record.events[name] = EventRecord(
                action: action, data: data, commandID: commandID, time: try double(), isFromClient: pending == 2)
        }
        return record
    }

    mutating func command() throws(RecordingError) -> Command {
        let (group, event) = (try text(), try text())
        let (commandID, ping) = (try optionalDouble(), try optionalDouble())
        return Command(group: group, event: event, commandID: commandID, ping: ping, parameters: try object())
    }

    mutating func problem() throws(RecordingError) -> GameFolderProblem {
        let file = try text()
        let (line, column) = (try optionalInteger(), try optionalInteger())
        return GameFolderProblem(file: file, line: line, column: column, message: try text())
    }

    mutating func scriptError() throws(RecordingError) -> ScriptError {
        let name = try text()
        guard let kind = ScriptError.Kind(rawValue: name) else {
            throw malformed("\"\(name)\" is not a kind of error", back: name.utf8.count)
        }
        let (message, file) = (try text(), try text())
        let line = try integer()
        let traceback = try text()
        return ScriptError(
            kind: kind, message: message, file: file, line: line, traceback: traceback, isLogged: try flag())
    }
}
