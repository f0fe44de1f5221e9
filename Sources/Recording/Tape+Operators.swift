import JSONValues
import Simulation
import World

/// The encoding of operators' changes in a recording. The numbers of ``ChangeMark`` are never reused.
extension TapeWriter {
    mutating func write(_ change: OperatorChange) {
        switch change {
        case .set(let key, let fields, let components):
            write(ChangeMark.set.rawValue)
            write(key)
            write(fields)
            write(components)
        case .add(let kind, let data):
            write(ChangeMark.add.rawValue)
            write(kind.rawValue)
            write(data)
        case .remove(let key):
            write(ChangeMark.remove.rawValue)
            write(key)
        case .queueEvent(let key, let group, let event, let data):
            write(ChangeMark.queueEvent.rawValue)
            write(key)
            write(group)
            write(event)
            write(data)
        case .removeEvent(let key, let group):
            write(ChangeMark.removeEvent.rawValue)
            write(key)
            write(group)
        case .run(let snippet):
            write(ChangeMark.run.rawValue)
            write(snippet.source)
            write(optional: snippet.object) { $0.write($1) }
        }
    }
}

/// The byte that begins a change.
private enum ChangeMark: UInt8 {
    case set = 1, add, remove, queueEvent, removeEvent, run
}

extension TapeReader {
    mutating func operatorChange() throws(RecordingError) -> OperatorChange {
        let mark = try byte()
        switch ChangeMark(rawValue: mark) {
        case .set:
            let key = try key()
            let fields = try object()
            return .set(key, fields: fields, components: try object())
        case .add:
            let kind = try byte()
            guard let known = EntityKind(rawValue: kind) else { throw unknown(kind, "a type of entity") }
            return .add(known, try object())
        case .remove: return .remove(try key())
        case .queueEvent:
            let key = try key()
            let (group, event) = (try text(), try text())
            return .queueEvent(key, group: group, event: event, data: try object())
        case .removeEvent:
            let key = try key()
            return .removeEvent(key, group: try text())
        case .run:
            let source = try text()
            return .run(
                ConsoleSnippet(source: source, object: try optional { tape throws(RecordingError) in try tape.key() }))
        case nil: throw unknown(mark, "a kind of change by an operator")
        }
    }
}
