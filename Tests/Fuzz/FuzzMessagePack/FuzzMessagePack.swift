import FuzzDriver
import JSONValues
import Wire

/// libFuzzer over the reader of commands in MessagePack. Any bytes are read or refused; what is read is bounded by the
/// number of bytes, and is what the same command says as JSON.
@main struct FuzzMessagePack {
    static func main() {
        runFuzzer { bytes, length in
            FuzzMessagePack.check(Array(UnsafeBufferPointer(start: bytes, count: length)))
            return 0
        }
    }

    private static let maxDepth = Command.maxDepth

    private static func check(_ bytes: [UInt8]) {
        let command = Result(catching: { () throws(CommandError) in try Command.parse(messagePack: bytes) })
        let value: JSON
        do {
            value = try MessagePack.read(bytes, maxDepth: maxDepth)
        } catch {
            if !(0...bytes.count).contains(error.offset) { fail("the offset of \(error) is outside of the message") }
            guard case .failure(let refusal) = command, refusal.code == .badJSON else {
                fail("\(command), but its bytes are refused: \(error)")
            }
            return
        }
        let (count, depth) = size(of: value)
        if depth > maxDepth { fail("\(depth) levels were read") }
        if count > bytes.count { fail("\(count) values were read from \(bytes.count) bytes") }

        let text = value.bytes
        guard let parsed = try? JSON(parsing: text, maxDepth: maxDepth), parsed == value else {
            fail("another value as JSON: \(value.text)")
        }
        let packed = text.withUnsafeBufferPointer { MessagePack.translate(json: $0) }
        guard let again = try? MessagePack.read(packed, maxDepth: maxDepth), again == value else {
            fail("another value when it is written and read again: \(value.text)")
        }
        compare(command, Result(catching: { () throws(CommandError) in try Command.parse(text) }), value)
        compare(command, Result(catching: { () throws(CommandError) in try Command.parse(messagePack: packed) }), value)
    }

    /// How many values there are, a map's keys included, and how deep arrays and maps nest.
    private static func size(of value: JSON) -> (count: Int, depth: Int) {
        let inner: [JSON]
        var count = 1
        switch value {
        case .array(let elements): inner = elements
        case .object(let object):
            inner = object.members.map(\.value)
            count += object.count
        default: return (1, 0)
        }
        var depth = 0
        for each in inner.map(size) {
            count += each.count
            depth = max(depth, each.depth)
        }
        return (count, depth + 1)
    }

    /// Fails unless both are the same command, or the same refusal of the same map.
    private static func compare(
        _ command: Result<Command, CommandError>, _ other: Result<Command, CommandError>, _ value: JSON
    ) {
        switch (command, other) {
        case (.success(let command), .success(let other)) where command == other: return
        case (.failure(let error), .failure(let other))
        where error == other || value.object == nil && error.code == other.code: return
        default: fail("\(command) became \(other)")
        }
    }
}
