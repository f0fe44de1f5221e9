package import JSONValues
import NIOCore

/// Makes events as whole packets for many receivers: the bytes, with the digits of Engine.IO and Socket.IO, are made
/// once. Any thread may use it.
package struct SocketPackets: Sendable {
    /// The namespace of the packets.
    package let namespace: String
    /// What each packet begins with: `42[` or `42/namespace,[`.
    private let start: [UInt8]
    private let offsets: PacketOffsets?

    /// Makes a maker of packets.
    ///
    /// - Parameters:
    ///   - namespace: The namespace of the packets: it begins with `/` and has neither `,` nor `?`.
    ///   - offsets: Names the packets, so that a client that comes back can get those that it missed. The name becomes
    ///     one more argument of each event. `nil` unless all receivers are told how to come back.
    package init(namespace: String = SocketPacket.mainNamespace, offsets: PacketOffsets? = nil) {
        self.namespace = namespace
        start = Array((namespace == SocketPacket.mainNamespace ? "42[" : "42\(namespace),[").utf8)
        self.offsets = offsets
    }

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - name: The event's name.
    ///   - arguments: Its arguments, without attachments.
    /// - Returns: A message whose text is the whole packet.
    package func event(_ name: String, _ arguments: [JSON]) -> OutboundMessage {
        var json: [UInt8] = []
        for (index, argument) in arguments.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            argument.write(into: &json)
        }
        return event(name, json: json)
    }

    /// Makes an event of arguments that are text already.
    ///
    /// - Parameters:
    ///   - name: The event's name.
    ///   - json: The arguments as JSON, with commas between them; empty for an event without arguments.
    /// - Returns: A message whose text is the whole packet.
    package func event(_ name: String, json: [UInt8]) -> OutboundMessage {
        let (start, offset) = (beginning(name), offsets?.next())
        let end = Self.end(offset)
        let message = OutboundMessage(kind: .direct, size: start.count + 1 + json.count + end.count) {
            $0.writeBytes(start)
            if !json.isEmpty {
                $0.writeInteger(UInt8(ascii: ","))
                $0.writeBytes(json)
            }
            $0.writeBytes(end)
        }
        return marked(message, offset)
    }

    /// Makes an event whose only argument is a message to clients. What that message shares with other messages, or a
    /// large text, is not copied.
    ///
    /// - Parameters:
    ///   - name: The event's name.
    ///   - message: A message whose text is JSON.
    /// - Returns: A message of the same kind whose text is the whole packet.
    /// - Complexity: O(n) in the length of the message's own beginning, and O(1) for a large one.
    package func event(_ name: String, payload message: OutboundMessage) -> OutboundMessage {
        let (start, offset) = (beginning(name), offsets?.next())
        let (own, end) = (message.plain.ownPart, Self.end(offset))
        let tail: MessageFrame.Tail?
        var isCopied = true
        if let shared = message.plain.tail {
            tail = shared.adding(ByteBuffer(bytes: end))
        } else if own.readableBytes >= SharedBytes.minimum {
            tail = MessageFrame.Tail(shared: nil, pieces: [(own, false), (ByteBuffer(bytes: end), false)])
            isCopied = false
        } else {
            tail = nil
        }
        let size = start.count + 1 + (isCopied ? own.readableBytes : 0) + end.count
        let packet = OutboundMessage(kind: message.kind, size: size, tail: tail) {
            $0.writeBytes(start)
            $0.writeInteger(UInt8(ascii: ","))
            if isCopied { $0.writeImmutableBuffer(own) }
            if tail == nil { $0.writeBytes(end) }
        }
        return marked(packet, offset)
    }

    private func beginning(_ name: String) -> [UInt8] {
        var bytes = start
        JSON.write(string: name, into: &bytes)
        return bytes
    }

    private static func end(_ offset: String?) -> [UInt8] {
        var bytes: [UInt8] = []
        if let offset {
            bytes.append(UInt8(ascii: ","))
            JSON.write(string: offset, into: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private func marked(_ packet: OutboundMessage, _ offset: String?) -> OutboundMessage {
        guard let offset else { return packet }
        return packet.with(mark: PacketMark(offset: offset, .shared(packet)))
    }
}
