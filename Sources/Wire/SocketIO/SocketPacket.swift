package import JSONValues

/// One packet of the Socket.IO protocol, version 5, with all its attachments.
package struct SocketPacket: Sendable, Equatable {
    /// What a packet says. The first digit of its text is the type, in brackets here.
    package enum Content: Sendable, Equatable {
        /// The client asks for the namespace (0); with what it says about itself, if it says something.
        case connect(auth: JSONObject?)
        /// One side leaves the namespace (1).
        case disconnect
        /// An event (2, or 5 with attachments).
        case event(SocketEvent)
        /// The answer to an event that had an id (3, or 6 with attachments).
        case acknowledgement(id: Int, SocketArguments)
        /// The server refuses the namespace (4): a text or an object.
        case connectError(JSON)
    }

    /// The namespace, which begins with `/`; the main one is just that.
    package var namespace: String
    /// What it says.
    package var content: Content

    /// Makes a packet.
    ///
    /// - Parameters:
    ///   - content: What it says.
    ///   - namespace: The namespace: it begins with `/` and has neither `,` nor `?`.
    package init(_ content: Content, namespace: String = SocketPacket.mainNamespace) {
        self.content = content
        self.namespace = namespace
    }

    /// The namespace that packets belong to when they name none.
    package static let mainNamespace = "/"
}

/// What an event or an acknowledgement carries.
package struct SocketArguments: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The values in order. Bytes stand in them as ``placeholder(_:)``, at any depth.
    package var values: [JSON]
    /// The bytes that the placeholders stand for.
    package var attachments: [[UInt8]]

    /// Makes arguments.
    ///
    /// - Parameters:
    ///   - values: The values; each placeholder in them has a number below the number of attachments.
    ///   - attachments: The bytes that the placeholders stand for.
    package init(_ values: [JSON] = [], attachments: [[UInt8]] = []) {
        self.values = values
        self.attachments = attachments
    }

    /// Makes arguments without attachments from a literal.
    ///
    /// - Parameter values: The values.
    package init(arrayLiteral values: JSON...) { self.init(values) }

    /// What stands for an attachment in the values.
    ///
    /// - Parameter number: The attachment's place in the list, from 0.
    /// - Returns: An object that clients replace by the bytes.
    package static func placeholder(_ number: Int) -> JSON {
        .object([placeholderKey: .bool(true), numberKey: .number(Double(number))])
    }

    /// Finds the bytes that a value stands for.
    ///
    /// - Parameter value: One of the values, or a part of one.
    /// - Returns: The bytes; `nil` when the value is no placeholder of these arguments.
    package func attachment(for value: JSON) -> [UInt8]? {
        guard let object = value.object, object[Self.placeholderKey] == .bool(true),
            let number = object[Self.numberKey]?.number, let index = Int(exactly: number),
            attachments.indices.contains(index)
        else { return nil }
        return attachments[index]
    }

    static let placeholderKey = "_placeholder"
    static let numberKey = "num"
}

/// An event, as one side sends it to the other.
package struct SocketEvent: Sendable, Equatable {
    /// The name.
    package var name: String
    /// What it carries, without the name.
    package var arguments: SocketArguments
    /// The id that the acknowledgement must have, from 0; `nil` when the sender wants none.
    package var acknowledgement: Int?

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - name: The name; none of ``reservedNames``.
    ///   - arguments: What it carries.
    ///   - acknowledgement: The id of the acknowledgement that the sender wants.
    package init(_ name: String, _ arguments: SocketArguments = [], acknowledgement: Int? = nil) {
        self.name = name
        self.arguments = arguments
        self.acknowledgement = acknowledgement
    }

    /// Names that mean something else in the libraries of clients, so that no event may have them.
    package static let reservedNames: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]
}
