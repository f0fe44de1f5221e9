import FuzzDriver
import JSONValues
import Wire

/// libFuzzer over the reader of Socket.IO's packets. An input is messages with 0x1E between them, as in a polling
/// request: what begins with `b` is an attachment, all else is text. Any messages are read or refused; what is read is
/// bounded by them, and is the same when it is written and read again.
@main struct FuzzSocketIO {
    static func main() {
        runFuzzer { bytes, length in
            FuzzSocketIO.check(Array(UnsafeBufferPointer(start: bytes, count: length)))
            return 0
        }
    }

    private static let limits = SocketPacketLimits(
        maxAttachments: 4, maxBytes: 2000, maxNamespaceBytes: 16, maxDepth: 8)

    private static func check(_ bytes: [UInt8]) {
        var assembler = SocketPacketAssembler(limits: limits)
        var size = 0
        for message in bytes.split(separator: 0x1E, omittingEmptySubsequences: false) {
            let isText = message.first != UInt8(ascii: "b")
            if isText, !assembler.isWaiting { size = 0 }
            size += isText ? message.count : message.count - 1
            do {
                let read =
                    isText
                    ? try assembler.receive(text: Array(message))
                    : try assembler.receive(attachment: Array(message.dropFirst()))
                if let read { check(read, size: size) }
            } catch {
                if error.description.isEmpty { fail("an error says nothing") }
                if case .badJSON(let place) = error, !(0...message.count).contains(place.offset) {
                    fail("the offset of \(error) is outside of the message")
                }
                return
            }
        }
    }

    private static func check(_ packet: SocketPacket, size: Int) {
        if size > limits.maxBytes { fail("a packet of \(size) bytes was read") }
        if packet.namespace.utf8.first != UInt8(ascii: "/")
            || packet.namespace.utf8.contains(where: { ",?".utf8.contains($0) })
        {
            fail("the namespace \(packet.namespace) was read")
        }
        if packet.namespace.utf8.count > limits.maxNamespaceBytes { fail("a long namespace was read") }
        if packet.attachments.count > limits.maxAttachments {
            fail("\(packet.attachments.count) attachments were read")
        }
        switch packet.content {
        case .event(let event):
            if SocketEvent.reservedNames.contains(event.name) { fail("the event \(event.name) was read") }
            if let id = event.acknowledgement, id < 0 { fail("the id \(id) was read") }
            check(event.arguments, size: size)
        case .acknowledgement(let id, let arguments):
            if id < 0 { fail("the id \(id) was read") }
            check(arguments, size: size)
        case .connect, .disconnect, .connectError: break
        }
        // Writing may need more digits and no escapes, so the second reader takes larger texts.
        var assembler = SocketPacketAssembler(
            limits: SocketPacketLimits(maxBytes: 100_000, maxDepth: limits.maxDepth))
        do {
            var again = try assembler.receive(text: packet.text)
            for attachment in packet.attachments { again = try assembler.receive(attachment: attachment) }
            if again != packet { fail("\(packet) became \(String(describing: again))") }
        } catch {
            fail("\(packet) was written as what can't be read: \(error)")
        }
    }

    private static func check(_ arguments: SocketArguments, size: Int) {
        let (count, depth) = measure(.array(arguments.values))
        // The array of an event is one level, and its name is one value.
        if depth > limits.maxDepth { fail("\(depth) levels were read") }
        if count > size + 1 { fail("\(count) values were read from \(size) bytes") }
        if !arguments.attachments.isEmpty {
            for value in arguments.values { checkPlaceholders(value, arguments) }
        }
    }

    private static func checkPlaceholders(_ value: JSON, _ arguments: SocketArguments) {
        switch value {
        case .array(let elements): for element in elements { checkPlaceholders(element, arguments) }
        case .object(let object):
            if object["_placeholder"] == .bool(true) {
                if arguments.attachment(for: value) == nil { fail("\(value.text) stands for nothing") }
            } else {
                for member in object.members { checkPlaceholders(member.value, arguments) }
            }
        default: break
        }
    }

    /// How many values there are, and how deep arrays and objects nest.
    private static func measure(_ value: JSON) -> (count: Int, depth: Int) {
        let inner: [JSON]
        switch value {
        case .array(let elements): inner = elements
        case .object(let object): inner = object.members.map(\.value)
        default: return (1, 0)
        }
        let sizes = inner.map(measure)
        return (1 + sizes.reduce(0) { $0 + $1.count }, 1 + (sizes.map(\.depth).max() ?? 0))
    }
}
