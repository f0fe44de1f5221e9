package import JSONValues
package import NIOCore
import World

/// One message to clients, made once and shared by all clients that receive the same bytes.
package struct OutboundMessage: Sendable {
    /// What a message is, for the code that sends it.
    package enum Kind: Sendable, Equatable {
        /// The whole world; anything that was held back before it is out of date.
        case snapshot
        /// What changed since the last send; useless for a client that missed an earlier delta.
        case delta
        /// Positions of entities that move, for the lane for datagrams; worth nothing when it is late.
        case positions
        /// A message that a script sent.
        case direct
        /// A message of the server's own, whose `action` says what it is about.
        case notice
        /// The refusal of a command; the session counts the refusals of its client.
        case error
        /// The session was taken over: send, then close with 4001.
        case replaced
        /// The player can't be, or can no longer be, on this map: send, then close with 1013.
        case refused
        /// An operator ends the session: send, then close with 4002.
        case kicked
        /// The map has stopped, and may start again: the session says so, and waits. The message itself is empty.
        case paused(mapID: Int, reason: String)
        /// The player moved to another map: the session adds the address and the token to connect with, and closes.
        case reconnect(mapID: Int)
    }

    /// What the message is.
    package let kind: Kind
    /// The message as text.
    package let plain: MessageFrame
    /// The message as compressed text, for clients that negotiated compression without context takeover (RFC 7692);
    /// `nil` when compression is not worth it.
    package private(set) var deflated: MessageFrame?
    /// The message in the compact encoding, for clients that chose it; `nil` for messages that such clients get as
    /// plain MessagePack.
    package private(set) var compact: MessageFrame?
    /// The `commands` object in the text of a delta, for connections that acknowledge commands in a way of their own;
    /// `nil` when the message acknowledges none.
    package private(set) var commands: [UInt8]?
    /// The message as a Socket.IO packet, for the players who get it over Socket.IO; `nil` until many do.
    private(set) var sharedEvent: SharedEvent?
    /// What makes this a Socket.IO packet that its receivers can get again; `nil` for all other messages.
    package private(set) var mark: PacketMark?

    /// The message's UTF-8 JSON text.
    ///
    /// - Complexity: As ``MessageFrame/payload``.
    package var payload: ByteBuffer { plain.payload }

    /// How many bytes the text has. O(1).
    package var payloadSize: Int { plain.payloadSize }

    /// How many bytes the text has together with its frame's header. O(1).
    package var size: Int { plain.size }

    /// The payload's bytes. O(n).
    package var bytes: [UInt8] { Array(payload.readableBytesView) }

    /// The payload, parsed; null when it is not JSON. O(n).
    package var json: JSON { (try? JSON(parsing: bytes)) ?? .null }

    /// Calls a closure with the payload's bytes, which are valid until it returns.
    ///
    /// - Complexity: As ``payload``.
    package func withPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        payload.withUnsafeReadableBytes(body)
    }

    /// Makes a message of pieces.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - size: The sum of the pieces' sizes, or more.
    ///   - tail: The rest of the message, after the pieces.
    ///   - write: Appends the pieces.
    package init(
        kind: Kind, size: Int = 256, tail: MessageFrame.Tail? = nil, _ write: (inout ByteBuffer) -> Void
    ) {
        self.kind = kind
        plain = MessageFrame(.text, size: size, tail: tail, write)
    }

    /// Makes a message of its text.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - plain: The text's frame.
    init(kind: Kind, plain: MessageFrame) {
        self.kind = kind
        self.plain = plain
    }

    /// Makes a message of pieces; `pieces` is called twice, first for their sizes and then to copy them.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - pieces: Calls its argument with each piece in order; a piece is valid until that call returns.
    init(kind: Kind, pieces: (_ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Void) {
        var size = 0
        pieces { size += $0.count }
        self.init(kind: kind, size: size) { buffer in
            pieces { buffer.writeBytes($0) }
        }
    }

    /// The same message with its text translated into the compact encoding: made once for all who get it.
    package func withCompactForm() -> OutboundMessage {
        let translated = withPayload { MessagePack.translate(json: $0.bindMemory(to: UInt8.self)) }
        return with(compact: MessageFrame(.binary, size: translated.count) { $0.writeBytes(translated) })
    }

    /// The same message, whose text has these members of its receiver.
    package func with(_ members: OwnMembers) -> OutboundMessage {
        guard members.commands != nil else { return self }
        var message = self
        message.commands = members.commands
        return message
    }

    /// The same message as a packet, too.
    func with(_ event: SharedEvent) -> OutboundMessage {
        var message = self
        message.sharedEvent = event
        return message
    }

    /// The same message with a compact form; `nil` for none.
    func with(compact: MessageFrame?) -> OutboundMessage {
        var message = self
        message.compact = compact
        return message
    }

    /// The same packet as one that its receivers can get again.
    func with(mark: PacketMark) -> OutboundMessage {
        var message = self
        message.mark = mark
        return message
    }

    /// The same message with a compressed form; `nil` for none.
    func with(deflated: MessageFrame?) -> OutboundMessage {
        var message = self
        message.deflated = deflated
        return message
    }

    /// Makes a message of JSON text.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - json: UTF-8 JSON text.
    package init(kind: Kind, json: [UInt8]) {
        self.init(kind: kind, size: json.count) { $0.writeBytes(json) }
    }
}
