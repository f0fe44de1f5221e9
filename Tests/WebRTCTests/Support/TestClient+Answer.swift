import NIOCore
import Testing

@testable import WebRTC

extension TestClient {
    /// The offer of a client.
    static func offer(fingerprint: [UInt8]? = nil, maxMessageBytes: Int = 1 << 20) throws -> SDPOffer {
        let digest = try (fingerprint ?? identity.fingerprint).map {
            String($0 / 16, radix: 16) + String($0 % 16, radix: 16)
        }.joined(separator: ":")
        return try SDPOffer(
            Offers.chromium.replacing(Offers.digest, with: digest).replacing("q+2x", with: "test")
                .replacing("262144", with: "\(maxMessageBytes)"))
    }

    struct Answer: Sendable {
        var ufrag: String
        var password: String
        var fingerprint: [UInt8]
        var address: SocketAddress
        var sctpPort: UInt16

        init(_ text: String) throws {
            let lines = try SDPLines(text)
            func value(_ name: String) throws -> String { String(try #require(lines.values(of: name).first)) }
            (ufrag, password) = (try value("ice-ufrag"), try value("ice-pwd"))
            fingerprint = try value("fingerprint").dropFirst(8).split(separator: ":").compactMap {
                UInt8($0, radix: 16)
            }
            sctpPort = try #require(UInt16(try value("sctp-port")))
            let candidate = try value("candidate").split(separator: " ")
            address = try SocketAddress(ipAddress: String(candidate[4]), port: try #require(Int(candidate[5])))
        }
    }
}
