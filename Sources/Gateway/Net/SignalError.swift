import JSONValues

/// Why a message of a peer was refused (`docs/net.md`). The connection stays open unless the peer is refused too often.
struct SignalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason for programs.
    enum Code: String, Sendable, CaseIterable {
        /// The message is not JSON, or not an object.
        case badJSON = "bad_json"
        /// The type is unknown, or a member is missing or has a wrong value.
        case badMessage = "bad_message"
        /// Another message than `join` came first.
        case notJoined = "not_joined"
        /// The peer has joined already.
        case alreadyJoined = "already_joined"
        /// The network, the room or the address has as many peers as it may.
        case full = "full"
        /// No peer of the room has the key.
        case noPeer = "no_peer"
        /// The peer has not published the port.
        case noPort = "no_port"
        /// There is no offer to answer.
        case noOffer = "no_offer"
        /// Too many offers wait for an answer, or come to a peer.
        case busy = "busy"
        /// The peer has published as many ports as it may.
        case tooManyPorts = "too_many_ports"
        /// The peer, its address or the list has as many entries as it may.
        case listFull = "list_full"
        /// The secret does not belong to the key.
        case badSecret = "bad_secret"
        /// Too many messages.
        case rateLimited = "rate_limited"
    }

    /// The reason for programs.
    var code: Code
    /// What is wrong and what is allowed.
    var message: String
    /// Seconds after which another try makes sense.
    var retry: Int?

    init(_ code: Code, _ message: String, retry: Int? = nil) {
        self.code = code
        self.message = message
        self.retry = retry
    }

    var description: String { "\(code.rawValue): \(message)" }

    static func badMessage(_ message: String) -> SignalError { SignalError(.badMessage, message) }

    /// The message to the peer.
    ///
    /// - Parameter request: The refused message, whose `type`, `to`, `id` and `port` come back; `nil` when it could not
    ///   be read.
    /// - Returns: Its members.
    func json(answering request: JSONObject? = nil) -> JSONObject {
        var answer: JSONObject = [
            "type": .string("error"), "code": .string(code.rawValue), "error": .string(message),
        ]
        if let retry { answer["retry"] = .number(Double(retry)) }
        guard let request else { return answer }
        if case .string(let type) = request["type"] { answer["request"] = .string(type.clipped(to: 32)) }
        if case .string(let key) = request["to"] { answer["to"] = .string(key.clipped(to: 32)) }
        for name in ["id", "port"] {
            if case .number(let number) = request[name] { answer[name] = .number(number) }
        }
        return answer
    }
}
