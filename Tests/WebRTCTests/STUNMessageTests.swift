import NIOCore
import Testing

@testable import WebRTC

/// The bytes of a text in hexadecimal digits.
func bytes(_ hex: String) -> ByteBuffer {
    let digits = hex.filter { !$0.isWhitespace }
    return ByteBuffer(
        bytes: stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
        })
}

@Suite("STUN messages") struct STUNMessageTests {
    static let password = "VOkJxbRl1RmTxUk/WvJxBt"
    /// RFC 5769, section 2.1: a request of ICE with the user name `evtj:h6vY`.
    static let request = bytes(
        """
        00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
        80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
        c1b571a2 80280004 e57a3bcf
        """)
    /// RFC 5769, section 2.2: the answer for 192.0.2.1:32853.
    static let answer4 = bytes(
        """
        0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
        00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96
        """)
    /// RFC 5769, section 2.3: the answer for [2001:db8:1234:5678:11:2233:4455:6677]:32853.
    static let answer6 = bytes(
        """
        01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa
        a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c
        """)

    @Test("the request of RFC 5769 is read, with its checksum, and is authentic with its password only")
    func request() throws {
        let message = try STUNMessage(Self.request)
        #expect(message.kind == STUNMessage.Kind.bindingRequest)
        #expect(message.username.map { String(buffer: $0) } == "evtj:h6vY")
        #expect(message.isControlled && !message.nominates && message.unknownAttributes.isEmpty)
        #expect(message.isAuthentic(password: Self.password))
        #expect(!message.isAuthentic(password: Self.password + "x"))
        #expect(!message.isAuthentic(password: ""))
    }

    @Test(
        "the answers of RFC 5769 are read, and ours have the same address in them",
        arguments: [
            (answer4, "192.0.2.1"), (answer6, "2001:db8:1234:5678:11:2233:4455:6677"),
        ])
    func answers(_ datagram: ByteBuffer, _ ip: String) throws {
        let given = try STUNMessage(datagram)
        #expect(given.isAuthentic(password: Self.password))
        let address = try #require(try PeerAddress(SocketAddress(ipAddress: ip, port: 32_853)))
        let request = try STUNMessage(Self.request)
        let made = try STUNMessage(STUNAnswer.success(to: request, from: address, password: Self.password))
        #expect(made.kind == STUNMessage.Kind.bindingSuccess)
        #expect(made.mappedAddress == given.mappedAddress && made.mappedAddress != nil)
        #expect(made.isAuthentic(password: Self.password))
        #expect(made.transactionID == given.transactionID)
    }

    @Test("an IPv4 address that is mapped to IPv6 is told as IPv4")
    func mapped() throws {
        let mapped = try #require(try PeerAddress(SocketAddress(ipAddress: "::ffff:192.0.2.1", port: 32_853)))
        let plain = try #require(try PeerAddress(SocketAddress(ipAddress: "192.0.2.1", port: 32_853)))
        #expect(mapped == plain)
        let answer = STUNAnswer.success(to: try STUNMessage(Self.request), from: mapped, password: nil)
        #expect(try STUNMessage(answer).mappedAddress == STUNMessage(Self.answer4).mappedAddress)
    }

    @Test(
        "a single wrong bit makes the request malformed, or not authentic; the type of FINGERPRINT is not protected",
        arguments: Array(0..<100) + Array(102..<108))
    func flippedBits(at offset: Int) throws {
        for bit in 0..<8 {
            var datagram = Self.request
            let byte = try #require(datagram.getInteger(at: offset, as: UInt8.self))
            datagram.setInteger(byte ^ UInt8(1 << bit), at: offset)
            let message = try? STUNMessage(datagram)
            #expect(message?.isAuthentic(password: Self.password) != true)
        }
    }

    @Test("a message that is cut anywhere is malformed", arguments: 0..<108)
    func cut(to count: Int) {
        #expect(throws: STUNMessage.Malformation.self) {
            try STUNMessage(Self.request.getSlice(at: 0, length: count) ?? ByteBuffer())
        }
    }

    @Test(
        "lengths that are wrong are malformed, whatever stands around them",
        arguments: [
            "00010004 2112a442 00000000 00000000 00000000 0006ffff",
            "00010004 2112a442 00000000 00000000 00000000 00060001",
            "00010008 2112a442 00000000 00000000 00000000 00060005 61626364",
            "00010008 2112a442 00000000 00000000 00000000 00080004 61626364",
            "00010000 2112a443 00000000 00000000 00000000",
            "00010001 2112a442 00000000 00000000 00000000 00",
            "40010000 2112a442 00000000 00000000 00000000",
            "0001000c 2112a442 00000000 00000000 00000000 80280004 00000000 00250000",
        ])
    func lengths(_ hex: String) { #expect(throws: STUNMessage.Malformation.self) { try STUNMessage(bytes(hex)) } }

    @Test("attributes that must be known are listed, those after MESSAGE-INTEGRITY are passed over")
    func unknown() throws {
        let head = "0001%@ 2112a442 00000000 00000000 00000000 00140000 00250000 c0570000"
        let message = try STUNMessage(bytes(head.replacing("%@", with: "000c")))
        #expect(message.unknownAttributes == [0x0014] && message.nominates)
        let behind = head.replacing("%@", with: "0028") + "00080014" + String(repeating: "00", count: 20) + "00150000"
        #expect(try STUNMessage(bytes(behind)).unknownAttributes == [0x0014])
    }

    @Test("an error has its code, and is not longer than the request", arguments: [400, 401, 420, 487])
    func errors(_ code: Int) throws {
        let request = try STUNMessage(Self.request)
        let answer = STUNAnswer.error(to: request, code: code, password: code == 401 ? nil : Self.password)
        let message = try STUNMessage(answer)
        #expect(message.kind == STUNMessage.Kind.bindingError)
        #expect(message.isAuthentic(password: Self.password) == (code != 401))
        #expect(answer.getInteger(at: 24, as: UInt32.self) == UInt32(code / 100 << 8 | code % 100))
        #expect(answer.readableBytes <= Self.request.readableBytes)
    }
}
