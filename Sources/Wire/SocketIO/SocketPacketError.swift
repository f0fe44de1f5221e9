package import JSONValues

/// Why a message is no Socket.IO packet; the connection is closed.
package enum SocketPacketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The message is empty.
    case empty
    /// The first byte names no type.
    case unknownType(UInt8)
    /// A binary packet does not say how many attachments follow.
    case noAttachmentCount
    /// More attachments are announced than allowed.
    case tooManyAttachments(limit: Int)
    /// The namespace is longer than allowed, in bytes.
    case longNamespace(limit: Int)
    /// The namespace is not UTF-8.
    case badNamespace
    /// The id of an acknowledgement does not fit into 63 bits.
    case largeID
    /// An acknowledgement without an id.
    case noID
    /// A packet with an id whose type has none.
    case unexpectedID
    /// The rest of the packet is not JSON.
    case badJSON(JSONError)
    /// The payload is missing, or is of another type than the packet's; `allowed` says which it may have.
    case badPayload(allowed: String)
    /// An event without a name: the first element must be a text or a number.
    case noEventName
    /// An event with one of ``SocketEvent/reservedNames``.
    case reservedEventName(String)
    /// A placeholder that stands for none of the attachments.
    case badPlaceholder(attachments: Int)
    /// A text arrived where an attachment must follow.
    case textInsteadOfAttachment
    /// Bytes arrived that belong to no packet.
    case unexpectedAttachment
    /// A packet is larger than allowed, its attachments included.
    case tooLarge(limit: Int)

    /// What is wrong and what is allowed.
    package var description: String {
        switch self {
        case .empty: "an empty message is no packet"
        case .unknownType(let byte):
            "no packet begins with the byte \(byte); the types are the digits 0 to 6"
        case .noAttachmentCount: "a binary packet begins with its number of attachments and '-', as in 51-"
        case .tooManyAttachments(let limit): "a packet may have \(limit) attachments"
        case .longNamespace(let limit): "a namespace may have \(limit) bytes"
        case .badNamespace: "a namespace must be UTF-8"
        case .largeID: "an id must be below 2^63"
        case .noID: "an acknowledgement needs the id of its event"
        case .unexpectedID: "only events and acknowledgements have ids"
        case .badJSON(let error): "the payload is not JSON: \(error)"
        case .badPayload(let allowed): "the payload must be \(allowed)"
        case .noEventName: "an event's first element is its name, a text or a number"
        case .reservedEventName(let name): "no event may be named \(name)"
        case .badPlaceholder(let attachments):
            "a placeholder needs a \"num\" from 0 to below the number of attachments, \(attachments)"
        case .textInsteadOfAttachment: "a text arrived before all attachments of a packet"
        case .unexpectedAttachment: "bytes arrived that no packet announced"
        case .tooLarge(let limit): "a packet may have \(limit) bytes with its attachments"
        }
    }
}
