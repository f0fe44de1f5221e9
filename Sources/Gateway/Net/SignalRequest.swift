import JSONValues

/// A message from a peer (`docs/net.md`).
enum SignalRequest: Sendable, Equatable {
    /// A key that a peer had before its connection broke, with the secret that proves it.
    struct Claim: Sendable, Equatable {
        var key: String
        var secret: String
    }

    /// Enters a room, first of all.
    case join(room: String, claim: Claim?)
    /// Publishes a port [T15.1].
    case bind(port: Int)
    /// Unpublishes a port.
    case unbind(port: Int)
    /// Asks whether a peer is there, and has published a port.
    case look(key: String, port: Int?)
    /// Asks a peer for a connection, under one of its ports [T15.8].
    case offer(to: String, port: Int, id: Int, sdp: String)
    /// Accepts a connection.
    case answer(to: String, id: Int, sdp: String)
    /// Declines a connection.
    case refuse(to: String, id: Int)
    /// Adds or refreshes an entry of the list of servers [T9].
    case publish(ServerEntry)
    /// Removes an entry of the list.
    case withdraw(port: Int)
    /// Asks for fresh credentials for TURN.
    case ice

    private static let types = [
        "join", "bind", "unbind", "look", "offer", "answer", "refuse", "publish", "withdraw", "ice",
    ]

    /// Reads a message.
    ///
    /// - Parameter message: Its members.
    /// - Throws: ``SignalError`` with code `bad_message`, which names the member and what is allowed.
    init(_ message: JSONObject) throws(SignalError) {
        guard let type = message["type"]?.string else {
            throw .badMessage("type must be a text; allowed are \(Self.types.joined(separator: ", "))")
        }
        let reader = SignalReader(message)
        switch type {
        case "join": self = .join(room: try reader.room(), claim: try reader.claim())
        case "bind": self = .bind(port: try reader.port())
        case "unbind": self = .unbind(port: try reader.port())
        case "look": self = .look(key: try reader.key("key"), port: try reader.optionalPort())
        case "offer":
            self = .offer(to: try reader.key("to"), port: try reader.port(), id: try reader.id(), sdp: try reader.sdp())
        case "answer": self = .answer(to: try reader.key("to"), id: try reader.id(), sdp: try reader.sdp())
        case "refuse": self = .refuse(to: try reader.key("to"), id: try reader.id())
        case "publish": self = .publish(try ServerEntry(message))
        case "withdraw": self = .withdraw(port: try reader.port())
        case "ice": self = .ice
        default:
            throw .badMessage(
                "the type \"\(type.clipped(to: 32))\" is unknown; allowed are \(Self.types.joined(separator: ", "))")
        }
    }
}

/// Reads the members of a peer's message.
struct SignalReader {
    private let message: JSONObject

    init(_ message: JSONObject) { self.message = message }

    /// A whole number in a range.
    func whole(_ name: String, _ range: ClosedRange<Int>) throws(SignalError) -> Int {
        guard let number = message[name]?.number, let value = Int(exactly: number), range.contains(value) else {
            throw .badMessage("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The member `port`, from 1 to 65,535.
    func port() throws(SignalError) -> Int { try whole("port", 1...65_535) }

    /// The same; `nil` when the member is missing.
    func optionalPort() throws(SignalError) -> Int? { message["port"] == nil ? nil : try port() }

    /// The member `id`: a number of an offer, which its maker has chosen.
    func id() throws(SignalError) -> Int { try whole("id", 0...Int(Int32.max)) }

    /// A member that is the key of a peer.
    func key(_ name: String) throws(SignalError) -> String {
        guard let text = message[name]?.string, PeerKeys.isKey(text) else {
            throw .badMessage("\(name) must be the key of a peer: \(PeerKeys.keyCharacters) of A-Z, a-z, 0-9, - and _")
        }
        return text
    }

    /// The member `sdp`, of which the form and the length are checked, but not the content.
    func sdp() throws(SignalError) -> String {
        guard let text = message["sdp"]?.string, text.utf8.count <= SignalLimits.maxSDPBytes, text.hasPrefix("v=0")
        else {
            throw .badMessage("sdp must be a session description of at most \(SignalLimits.maxSDPBytes) bytes")
        }
        return text
    }

    /// The room; the one without a name when the member is missing.
    func room() throws(SignalError) -> String {
        guard let value = message["room"] else { return "" }
        guard let text = value.string, RoomName.isValid(text) else { throw .badMessage(RoomName.allowed("room")) }
        return text
    }

    /// The members `key` and `secret`; `nil` when there is no `key`. Whether they belong together is not checked here.
    func claim() throws(SignalError) -> SignalRequest.Claim? {
        guard message["key"] != nil else { return nil }
        let key = try self.key("key")
        guard let secret = message["secret"]?.string, secret.utf8.count <= 256 else {
            throw .badMessage("secret must be the text that came with the key")
        }
        return .init(key: key, secret: secret)
    }
}

/// The names of rooms.
enum RoomName {
    /// Whether a text is the name of a room.
    static func isValid(_ text: some StringProtocol) -> Bool {
        text.utf8.count <= SignalLimits.maxRoomBytes
            && text.utf8.allSatisfy { PeerKeys.isKeyByte($0) || $0 == UInt8(ascii: ".") }
    }

    /// What is allowed, for messages.
    static func allowed(_ name: String) -> String {
        "\(name) must be a text of at most \(SignalLimits.maxRoomBytes) letters, digits, dots, - and _"
    }
}
