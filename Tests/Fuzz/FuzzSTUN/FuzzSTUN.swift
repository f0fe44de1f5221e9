import FuzzDriver
import NIOCore

@testable import WebRTC

/// libFuzzer over STUN messages, and over what the table of peers makes of them. Any bytes are read or refused. Only who
/// has the password gets an address or an answer that is longer than the request. An input is a datagram, or with an odd
/// first byte the attributes of a check that has valid credentials.
@main struct FuzzSTUN {
    static func main() {
        runFuzzer { bytes, length in
            FuzzSTUN.check(Array(UnsafeBufferPointer(start: bytes, count: length)))
            return 0
        }
    }

    private struct Zeros: RandomNumberGenerator {
        mutating func next() -> UInt64 { 0 }
    }

    private static let start = NIODeadline.uptimeNanoseconds(0)
    private static let credentials = table().credentials

    private static func table() -> (table: PeerTable, credentials: ICECredentials) {
        var table = PeerTable()
        var zeros = Zeros()
        let credentials = table.add(1, clientUfrag: "client", now: start, using: &zeros)
        return (table, credentials)
    }

    private static func check(_ input: [UInt8]) {
        let hasPassword = input.first.map { $0 % 2 == 1 } ?? false
        let datagram =
            hasPassword ? authentic(ByteBuffer(bytes: input.dropFirst())) : ByteBuffer(bytes: input.dropFirst())
        guard let message = try? STUNMessage(datagram),
            let address = try? PeerAddress(SocketAddress(ipAddress: "192.0.2.1", port: 7))
        else { return }
        var table = table().table
        let verdict = table.judge(message, from: address, now: start)
        let hasAddress = table.peer(at: address) != nil
        switch verdict {
        case .drop: break
        case .tellAddress: read(STUNAnswer.success(to: message, from: address, password: nil))
        case .refuse(let code, let password):
            let answer = STUNAnswer.error(to: message, code: code, password: password)
            read(answer)
            if password != nil, !hasPassword { fail("a password without credentials") }
            if password == nil, answer.readableBytes > datagram.readableBytes { fail("a longer answer to \(datagram)") }
        case .accept(_, let password, _, _):
            if !hasPassword { fail("a check without the password was accepted") }
            if !message.isAuthentic(password: password) { fail("a check that is not authentic was accepted") }
            read(STUNAnswer.success(to: message, from: address, password: password))
        }
        if case .accept = verdict { return }
        if hasAddress { fail("an address without an accepted check") }
    }

    private static func read(_ answer: ByteBuffer) {
        guard (try? STUNMessage(answer)) != nil else { fail("an answer that can't be read: \(answer)") }
    }

    /// A check with these attributes before its MESSAGE-INTEGRITY.
    private static func authentic(_ attributes: ByteBuffer) -> ByteBuffer {
        let username = "\(credentials.ufrag):client"
        var message = ByteBuffer()
        message.writeMultipleIntegers(
            STUNMessage.Kind.bindingRequest, UInt16(0), STUNMessage.cookie, UInt32(0), UInt64(0))
        message.writeMultipleIntegers(STUNMessage.Attribute.username, UInt16(username.utf8.count))
        message.writeString(username)
        message.writeRepeatingByte(0, count: -username.utf8.count & 3)
        message.writeImmutableBuffer(attributes)
        message.setInteger(UInt16(truncatingIfNeeded: message.readableBytes - 20 + 24), at: 2)
        let integrity = STUNMessage.integrity(of: message, password: credentials.password)
        message.writeMultipleIntegers(STUNMessage.Attribute.integrity, UInt16(20))
        message.writeBytes(integrity)
        return message
    }
}
