import JSONValues

/// Limits of what a client's packets may have.
package struct SocketPacketLimits: Sendable {
    /// The most attachments of a packet.
    package var maxAttachments: Int
    /// The most bytes of a packet: its text and its attachments together.
    package var maxBytes: Int
    /// The most bytes of a namespace's name.
    package var maxNamespaceBytes: Int
    /// How deep arrays and objects may nest.
    package var maxDepth: Int

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - maxAttachments: The most attachments of a packet, from 0.
    ///   - maxBytes: The most bytes of a packet.
    ///   - maxNamespaceBytes: The most bytes of a namespace's name.
    ///   - maxDepth: How deep arrays and objects may nest, from 1; the array of an event counts.
    package init(
        maxAttachments: Int = 10, maxBytes: Int = 1_000_000, maxNamespaceBytes: Int = 256, maxDepth: Int = 32
    ) {
        self.maxAttachments = maxAttachments
        self.maxBytes = maxBytes
        self.maxNamespaceBytes = maxNamespaceBytes
        self.maxDepth = maxDepth
    }
}

/// Reads the text of one packet: `type [attachments-] [/namespace,] [id] [JSON]`.
///
/// It is as strict as the protocol's reference, and stricter where that one ignores what makes no sense: an id where
/// none belongs, a missing payload, a placeholder without its attachment. Time and memory are linear in the text.
struct SocketPacketReader {
    /// What a text says, before its attachments have come.
    struct Text: Equatable {
        /// The packet; its arguments have no attachments yet.
        var packet: SocketPacket
        /// How many binary messages follow.
        var attachments: Int
    }

    private let bytes: [UInt8]
    private let limits: SocketPacketLimits
    private var index = 0

    private init(_ bytes: [UInt8], _ limits: SocketPacketLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: The text, without the digit of the Engine.IO message.
    ///   - limits: What it may have.
    /// - Returns: What it says.
    /// - Throws: ``SocketPacketError``.
    static func read(_ bytes: [UInt8], _ limits: SocketPacketLimits) throws(SocketPacketError) -> Text {
        var reader = SocketPacketReader(bytes, limits)
        return try reader.read()
    }

    private mutating func read() throws(SocketPacketError) -> Text {
        guard bytes.count <= limits.maxBytes else { throw .tooLarge(limit: limits.maxBytes) }
        guard let type = bytes.first else { throw .empty }
        index = 1
        let isBinary = type == UInt8(ascii: "5") || type == UInt8(ascii: "6")
        let attachments = isBinary ? try attachmentCount() : 0
        let namespace = try namespace()
        let id = try id()
        let content: SocketPacket.Content
        switch type {
        case UInt8(ascii: "0"):
            guard id == nil else { throw .unexpectedID }
            content = .connect(auth: try auth())
        case UInt8(ascii: "1"):
            guard id == nil else { throw .unexpectedID }
            guard isAtEnd else { throw .badPayload(allowed: "left out") }
            content = .disconnect
        case UInt8(ascii: "2"), UInt8(ascii: "5"):
            content = .event(try event(id, isBinary ? attachments : nil))
        case UInt8(ascii: "3"), UInt8(ascii: "6"):
            guard let id else { throw .noID }
            content = .acknowledgement(id: id, SocketArguments(try array(isBinary ? attachments : nil)))
        case UInt8(ascii: "4"):
            guard id == nil else { throw .unexpectedID }
            content = .connectError(try refusal())
        default: throw .unknownType(type)
        }
        return Text(packet: SocketPacket(content, namespace: namespace), attachments: attachments)
    }

    private var isAtEnd: Bool { index == bytes.count }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    // MARK: - The head

    private mutating func attachmentCount() throws(SocketPacketError) -> Int {
        let start = index
        var count = 0
        while let digit = digit() {
            count = count * 10 + digit
            guard count <= limits.maxAttachments else { throw .tooManyAttachments(limit: limits.maxAttachments) }
            index += 1
        }
        guard index > start, current == UInt8(ascii: "-") else { throw .noAttachmentCount }
        index += 1
        return count
    }

    /// The namespace up to its comma, or to the end of the text. Some clients send the query of their address with it,
    /// which belongs to the handshake, so what follows a `?` is left out.
    private mutating func namespace() throws(SocketPacketError) -> String {
        guard current == UInt8(ascii: "/") else { return SocketPacket.mainNamespace }
        let rest = bytes[index...]
        let whole = rest.prefix { $0 != UInt8(ascii: ",") }
        index = min(whole.endIndex + 1, bytes.count)
        let name = whole.prefix { $0 != UInt8(ascii: "?") }
        guard name.count <= limits.maxNamespaceBytes else { throw .longNamespace(limit: limits.maxNamespaceBytes) }
        guard let text = String(validating: name, as: UTF8.self) else { throw .badNamespace }
        return text
    }

    private mutating func id() throws(SocketPacketError) -> Int? {
        guard digit() != nil else { return nil }
        var id = 0
        while let digit = digit() {
            let (tens, isTooLarge) = id.multipliedReportingOverflow(by: 10)
            let (sum, isAlsoTooLarge) = tens.addingReportingOverflow(digit)
            guard !isTooLarge, !isAlsoTooLarge else { throw .largeID }
            id = sum
            index += 1
        }
        return id
    }

    private func digit() -> Int? {
        guard let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        return Int(byte - UInt8(ascii: "0"))
    }

    // MARK: - The payload

    private func payload() throws(SocketPacketError) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: Array(bytes[index...]), maxDepth: limits.maxDepth)
        } catch {
            var error = error
            error.offset += index
            throw .badJSON(error)
        }
    }

    private func auth() throws(SocketPacketError) -> JSONObject? {
        if isAtEnd { return nil }
        guard let object = try payload().object else { throw .badPayload(allowed: "an object, or left out") }
        return object
    }

    private func refusal() throws(SocketPacketError) -> JSON {
        let allowed = "an object or a text"
        guard !isAtEnd else { throw .badPayload(allowed: allowed) }
        let value = try payload()
        guard value.object != nil || value.string != nil else { throw .badPayload(allowed: allowed) }
        return value
    }

    /// The array of an event or an acknowledgement. Each placeholder in it must stand for one of so many attachments;
    /// with `nil` the packet is not binary, and nothing in it is a placeholder.
    private func array(_ attachments: Int?) throws(SocketPacketError) -> [JSON] {
        guard !isAtEnd, let values = try payload().array else { throw .badPayload(allowed: "an array") }
        if let attachments { for value in values { try checkPlaceholders(value, attachments) } }
        return values
    }

    private func event(_ id: Int?, _ attachments: Int?) throws(SocketPacketError) -> SocketEvent {
        var values = try array(attachments)
        let name: String
        switch values.first {
        case .string(let text):
            guard !SocketEvent.reservedNames.contains(text) else { throw .reservedEventName(text) }
            name = text
        case .number(let number): name = JSON.number(number).text
        default: throw .noEventName
        }
        values.removeFirst()
        return SocketEvent(name, SocketArguments(values), acknowledgement: id)
    }

    private func checkPlaceholders(_ value: JSON, _ attachments: Int) throws(SocketPacketError) {
        switch value {
        case .array(let elements): for element in elements { try checkPlaceholders(element, attachments) }
        case .object(let object):
            guard object[SocketArguments.placeholderKey] == .bool(true) else {
                for member in object.members { try checkPlaceholders(member.value, attachments) }
                return
            }
            guard let number = object[SocketArguments.numberKey]?.number, let index = Int(exactly: number),
                (0..<attachments).contains(index)
            else { throw .badPlaceholder(attachments: attachments) }
        default: break
        }
    }
}
