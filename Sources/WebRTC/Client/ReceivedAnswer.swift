import NIOCore

/// What a client needs of a server's answer to its offer.
struct ReceivedAnswer: Sendable {
    /// The server's ICE user name fragment.
    let ufrag: String
    /// The server's ICE password.
    let password: String
    /// The SHA-256 of the server's certificates, of which it uses one; not empty.
    let fingerprints: [[UInt8]]
    /// Where the server is: its first candidate.
    let address: SocketAddress
    /// The server's SCTP port.
    let sctpPort: UInt16

    /// Reads an answer.
    ///
    /// - Parameter text: The answer as SDP.
    /// - Throws: ``RTCClientError/badAnswer(_:)`` with the name of what is missing or wrong.
    init(_ text: String) throws(RTCClientError) {
        guard let lines = try? SDPLines(text) else { throw .badAnswer("v=0") }
        func value(_ name: String) throws(RTCClientError) -> String {
            guard let value = lines.values(of: name).first else { throw .badAnswer(name) }
            return String(value)
        }
        ufrag = try value("ice-ufrag")
        password = try value("ice-pwd")
        fingerprints = lines.values(of: "fingerprint").compactMap(Self.fingerprint)
        guard !fingerprints.isEmpty else { throw .badAnswer("fingerprint") }
        guard let sctpPort = UInt16(try value("sctp-port")) else { throw .badAnswer("sctp-port") }
        self.sctpPort = sctpPort
        let words = try value("candidate").split(separator: " ")
        guard words.count > 5, let port = Int(words[5]),
            let address = try? SocketAddress(ipAddress: String(words[4]), port: port)
        else { throw .badAnswer("candidate") }
        self.address = address
    }

    /// The bytes of a fingerprint; `nil` if it is not one of SHA-256.
    private static func fingerprint(_ value: Substring) -> [UInt8]? {
        guard value.hasPrefix("sha-256 ") else { return nil }
        let bytes = value.dropFirst(8).split(separator: ":").compactMap { UInt8($0, radix: 16) }
        return bytes.count == 32 ? bytes : nil
    }
}
